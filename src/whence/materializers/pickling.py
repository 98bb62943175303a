"""Pickles: any value, for those who name this materializer and trust who wrote the file.

The only module of Whence that imports `pickle`; no type and no format leads here by itself.
"""

import io
import pickle  # this is the place for it
from collections.abc import Sequence
from typing import Any, ClassVar

from whence.errors import NotStorableError, UnreadableArtifactError
from whence.interfaces.materializer import ReadFile, SingleFileMaterializer
from whence.values.assignability import is_assignable
from whence.values.class_names import ClassName
from whence.values.type_forms import type_name

PROTOCOL = 5  # stated, so that equal values give equal bytes on every Python


class PickleMaterializer(SingleFileMaterializer):
    """Stores almost anything with `pickle`, if an annotation or a reader names it.

    **Reading a pickle runs what it says**: whoever can write the file can run code as you. Read
    only what you, or people whom you would let use your machine, have written. A pickle is tied to
    the code that wrote it: it names classes, and breaks when they move or change. Nor is it always
    the same bytes for an equal value (a set's order is by chance), so that later steps may run
    again.
    """

    format: ClassVar[str] = "pickle/1"
    file_name: ClassVar[str] = "value.pickle"

    def encode(self, value: Any, /) -> bytes:
        """Return the pickle of *value*.

        Raises `NotStorableError` for what cannot be pickled, such as a lambda or an open file.
        """
        try:
            return pickle.dumps(value, protocol=PROTOCOL)
        except (pickle.PicklingError, AttributeError, RecursionError, TypeError) as error:
            raise NotStorableError(
                subject=f"A value of type '{type_name(type(value))}'",
                format=self.format,
                reason=f"{type(error).__name__}: {error}",
                cure="Take out what cannot be pickled, or write an own materializer.",
            ) from error

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the value, running what the pickle says; see the class.

        Raises `UnreadableArtifactError`.
        """
        try:
            value = pickle.loads(data)  # noqa: S301  # the reader has named this materializer
        except Exception as error:  # a pickle may call anything, which may raise anything
            raise self._unreadable(reason=f"{type(error).__name__}: {error}") from error
        if as_type is not None and not is_assignable(type(value), as_type):
            given, wanted = type_name(type(value)), type_name(as_type)
            raise self._unreadable(reason=f"It holds a value of type '{given}', not '{wanted}'.")
        return value

    def list_class_names(self, read_file: ReadFile, /) -> Sequence[ClassName]:
        """Return the classes and functions that the pickle names, none of which is called.

        Raises `UnreadableArtifactError`.
        """
        reader = _NameReader(io.BytesIO(read_file(self.file_name)))
        try:
            reader.load()
        except Exception as error:  # as in `decode`
            raise self._unreadable(reason=f"{type(error).__name__}: {error}") from error
        return list(reader.names)

    def _unreadable(self, *, reason: str) -> UnreadableArtifactError:
        cure = "Read it with the code and packages that wrote it, or run the step again."
        return UnreadableArtifactError(format=self.format, reason=reason, cure=cure)


class _InertClass(type):
    """Lets a class pass for an instance of any other: it takes items, and keeps nothing."""

    def __setitem__(cls, key: object, value: object) -> None:
        pass


class _Inert(metaclass=_InertClass):
    """Stands for every class, function and instance in a pickle that is not to run anything."""

    def __new__(cls, *_arguments: Any, **_named: Any) -> Any:
        return cls  # whatever is made by it, or of what it makes, is it again

    @staticmethod
    def _ignore(*_arguments: Any) -> None:
        pass

    add = append = extend = __setstate__ = _ignore


class _NameReader(pickle.Unpickler):
    """Goes through a pickle for the names in it; of what is named nothing is loaded."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.names: dict[ClassName, None] = {}

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        self.names[ClassName(module_name, global_name, is_imported=True)] = None
        return _Inert
