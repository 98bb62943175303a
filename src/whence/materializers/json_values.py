"""Plain data and instances of a user's classes, as JSON that people and other tools can read."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar, Literal, cast

from whence.errors import UnreadableArtifactError
from whence.interfaces.materializer import ReadFile, SingleFileMaterializer
from whence.values import typed_json
from whence.values.assignability import is_assignable
from whence.values.class_names import ClassName
from whence.values.type_forms import type_name
from whence.values.typed_json_names import list_names

_LITERALS = (bool, bytes, int, str)


class JsonMaterializer(SingleFileMaterializer):
    """Stores plain data, enums, NamedTuples, dataclasses and pydantic models as typed JSON.

    A value comes back equal and of the same types, or is refused when it is written.
    """

    format: ClassVar[str] = "json/1"
    file_name: ClassVar[str] = "value.json"

    def encode(self, value: Any, /) -> bytes:
        """Return *value* as typed JSON.

        Raises `NotStorableError`, whose `where` is the path to what is refused.
        """
        return typed_json.encode(value).encode()

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the value; *as_type* names the classes that are not imported yet.

        Raises `UnreadableArtifactError`, also for a value that is not of *as_type*.
        """
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise self._unreadable(reason=f"It is not UTF-8: {error}.") from error
        value = typed_json.decode(text, as_type)
        if as_type is not None and not is_assignable(_type_of(value), as_type):
            given, wanted = type_name(type(value)), type_name(as_type)
            raise self._unreadable(reason=f"It holds a value of type '{given}', not '{wanted}'.")
        return value

    def list_class_names(self, read_file: ReadFile, /) -> Sequence[ClassName]:
        """Return the classes of the instances that the value is, or holds."""
        return list_names(read_file(self.file_name))

    def _unreadable(self, *, reason: str) -> UnreadableArtifactError:
        cure = "Read it without a type, or with the materializer that wrote it."
        return UnreadableArtifactError(format=self.format, reason=reason, cure=cure)


def _type_of(value: Any) -> Any:
    """Return the narrowest type of a value, so that it fits a `Literal` that allows it."""
    if isinstance(value, (*_LITERALS, Enum)):
        return Literal[value]
    return cast("type[Any]", type(value))
