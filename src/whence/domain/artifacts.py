"""Artifact types: what a pipeline author names in `Input[...]` and `Output[...]`.

An artifact is a folder of files with an address. The types are pure nouns: where the files lie and
how they are read is known by an `ArtifactSource`, handed in by whoever gives the artifact out, so
that what a step receives, what a finished run offers and what a user builds are all of one type.
"""

from abc import abstractmethod
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, Self

from whence.domain.annotations import AnnotationRecord
from whence.errors import FreeArtifactError


class ArtifactSource(Protocol):
    """Where one artifact's files lie and what is known of it."""

    @property
    def uri(self) -> str:
        """Its address."""
        ...

    def path(self) -> Path:
        """Return a local folder that holds the files, fetching them if need be."""
        ...

    def read_file(self, name: str) -> bytes:
        """Return the bytes of one of its files, without unfolding small contents to disk."""
        ...

    def read(self, artifact: "Artifact", as_type: Any) -> Any:
        """Return the value that the artifact holds, as *as_type* if it is given."""
        ...

    def fact(self, name: str) -> Any:
        """Return one fact of the artifact.

        It is one of `id`, `digest`, `size`, `format`, `value_type`, `earlier_name` (what it is
        called where a pipeline takes it), `producer`, `consumers`, `lineage`, and `annotations`,
        its tags and notes, which may be added to.
        """
        ...


class Artifact:
    """A typed, immutable piece of data: a folder of files with an address.

    `DataArtifact("some/folder")` names a free artifact, outside any store: a materializer writes to
    it (which makes the folder) and reads from it. Artifacts of runs come from `run.outputs`.
    """

    __slots__ = ("_source",)

    def __init__(self, location: str | PathLike[str]) -> None:
        self._source: ArtifactSource = FreeSource(location)

    @property
    def source(self) -> ArtifactSource:
        """Where the files lie and what is known of them."""
        return self._source

    @classmethod
    def from_source(cls, source: ArtifactSource) -> Self:
        """Return an artifact whose files and facts *source* knows."""
        artifact = cls.__new__(cls)
        artifact._source = source  # noqa: SLF001  # its own class makes it
        return artifact

    @property
    def uri(self) -> str:
        """The address: in the store once the step is over, of a private folder while it writes."""
        return self._source.uri

    @property
    def path(self) -> Path:
        """A local folder with the artifact's files; read-only unless this is a step's `Output`."""
        return self._source.path()

    def read_file(self, name: str) -> bytes:
        """Return the bytes of the file *name* of this artifact."""
        return self._source.read_file(name)

    def read(self, as_type: Any = None) -> Any:
        """Return the value, read by the materializer of its format, as *as_type* if given."""
        return self._source.read(self, as_type)

    @property
    def digest(self) -> str:
        """The digest of the content, with its algorithm: `blake3:...`."""
        return str(self._source.fact("digest"))

    @property
    def size(self) -> int:
        """The size of all files, in bytes."""
        return int(self._source.fact("size"))

    @property
    def format(self) -> str | None:
        """The format, such as `arrow/1`; None where a step wrote the files itself."""
        return self._source.fact("format")

    @property
    def producer(self) -> Any:
        """The step run that made it; None for a value that was handed to a run."""
        return self._source.fact("producer")

    @property
    def consumers(self) -> Sequence[Any]:
        """The step runs that took it as an input."""
        return self._source.fact("consumers")

    def lineage(
        self, direction: str = "up", depth: int | None = None, *, code: bool = False
    ) -> Any:
        """Return what this artifact was made from, back to the first inputs.

        *direction* `"down"` gives what was made from it, in any run of any pipeline. *depth* says
        how many step runs far; *code* lets the source texts be shown too.
        """
        return self._source.fact("lineage")(direction, depth, code=code)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that it was given."""
        return self._source.fact("annotations").tags

    @property
    def notes(self) -> Sequence[AnnotationRecord]:
        """What was noted of it, oldest first: each with `.text`, `.who` and `.made_at`."""
        return self._source.fact("annotations").notes

    def tag(self, *tags: str, who: str | None = None) -> None:
        """Give it tags; one that it has already stays as it is.

        It is recorded who did so: you, if *who* is not given.
        """
        self._source.fact("annotations").tag(tags, who)

    def untag(self, *tags: str, who: str | None = None) -> None:
        """Take tags away; that they were given stays recorded. Raises `RecordNotFoundError`."""
        self._source.fact("annotations").untag(tags, who)

    def note(self, text: str, *, who: str | None = None) -> None:
        """Add a note."""
        self._source.fact("annotations").note(text, who)

    def as_input(self) -> Any:
        """Return this artifact as what a step takes in a pipeline's body: itself.

        A step takes artifacts as they are; this says so to type checkers, for which an artifact is
        no value of the type that the step declares.
        """
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.uri!r})"


class ArtifactHolder:  # no ABC: every value of every body is asked whether it is one
    """Something that stands for an artifact where a step takes one, as a version of a model."""

    __slots__ = ()

    @abstractmethod
    def as_input(self) -> Any:
        """Return the artifact as what a step takes in a pipeline's body."""


class DataArtifact(Artifact):
    """Data: frames, arrays, numbers, text, files."""

    __slots__ = ()


class ModelArtifact(Artifact):
    """A trained model; Whence recognises it as one."""

    __slots__ = ()


class FreeSource:
    """A folder of the user's own, outside any store."""

    __slots__ = ("_folder",)

    def __init__(self, location: str | PathLike[str]) -> None:
        text = str(location)
        self._folder = Path(text.removeprefix("file://"))

    @property
    def uri(self) -> str:
        """The folder as a `file://` address."""
        return self._folder.absolute().as_uri()

    def path(self) -> Path:
        """Return the folder, whether it exists already or not."""
        return self._folder

    def read_file(self, name: str) -> bytes:
        """Return the bytes of one of the folder's files."""
        return (self._folder / name).read_bytes()

    def read(self, artifact: Artifact, as_type: Any) -> Any:  # noqa: ARG002  # the source's interface
        """Refuse: nobody recorded how the files of a free artifact were written."""
        raise FreeArtifactError(where=repr(artifact))

    def fact(self, name: str) -> Any:
        """Refuse: nothing is recorded of a free artifact."""
        raise FreeArtifactError(where=self.uri, asked=name)
