"""Materializers: how values of some types are written to and read from an artifact."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from whence.domain.artifacts import Artifact, DataArtifact
from whence.domain.frozen import frozen
from whence.errors import UnreadableArtifactError
from whence.values.class_names import ClassName

ReadFile = Callable[[str], bytes]
"""Gives the bytes of one of an artifact's files, by its name."""


@runtime_checkable
class Materializer(Protocol):
    """Writes values of some types to an artifact and reads them back.

    A materializer works on any artifact, in a step or outside. A class of your own derives from
    this one and gives `format`, `write` and `read`; name it in `Annotated[T, MyMaterializer()]`,
    register it, or offer it through an entry point.
    """

    format: ClassVar[str]
    """Name and version of what it writes, such as `arrow/1`; raise the version with the layout."""

    artifact_type: ClassVar[type[Artifact]] = DataArtifact
    """The type of artifact that an output becomes for which the annotation names none."""

    views: ClassVar[tuple[str, ...]] = ()
    """Types, as `package.Name`, in which `read` can also return what it wrote."""

    @abstractmethod
    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write *value* into `artifact.path`, creating that folder where it does not exist.

        The same value is written as the same bytes. A value that would not come back as it is
        raises `whence.errors.NotStorableError`.
        """
        ...

    @abstractmethod
    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the value that *artifact* holds, as *as_type* where that is given.

        Raises `whence.errors.UnreadableArtifactError` for files that are not of this format, and
        for a type that is not among its `views`.
        """
        ...


@runtime_checkable
class NamesClasses(Protocol):
    """What a materializer also does whose files name classes that come back with their methods.

    The code of these classes is then part of the cache key of every step that takes the artifact.
    """

    @abstractmethod
    def list_class_names(self, read_file: ReadFile, /) -> Sequence[ClassName]:
        """Return the classes, and functions, that the files name; no code of theirs is run.

        Raises `whence.errors.UnreadableArtifactError` for files that are not of the format.
        """
        ...


@frozen
class StoredItem:
    """Where an item of a stored list lies: a folder of the artifact, written as if it were one."""

    folder: str
    format: str


class ItemizedMaterializer(Materializer):
    """A materializer that stores the items of a list each in a folder of its own."""

    @abstractmethod
    def list_items(self, artifact: Artifact, /) -> Sequence[StoredItem]:
        """Return where the items of a stored list lie, in their order; no item is read."""
        ...


class SingleFileMaterializer(Materializer):
    """A materializer whose values become the bytes of one file.

    It gives `encode` and `decode`; small values then need not touch the disk at all.
    """

    file_name: ClassVar[str]

    @abstractmethod
    def encode(self, value: Any, /) -> bytes:
        """Return the bytes of *value*."""
        ...

    @abstractmethod
    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the value of *data*."""
        ...

    def write(self, value: Any, artifact: Artifact, /) -> None:
        """Write *value* as one file into `artifact.path`."""
        data = self.encode(value)
        folder = artifact.path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.file_name).write_bytes(data)

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Any:
        """Return the value of the artifact's one file."""
        try:
            data = artifact.read_file(self.file_name)
        except OSError as error:
            raise UnreadableArtifactError(
                where=artifact.uri,
                format=self.format,
                reason=f"Its file {self.file_name!r} cannot be read: {error.strerror}.",
                cure="Read it with the materializer that wrote it.",
            ) from error
        return self.decode(data, as_type)
