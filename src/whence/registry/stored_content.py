"""The files of a recorded artifact, and their value, read by the materializer of their format."""

from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.contents import Content
from whence.errors import (
    FactNotKnownError,
    UnknownFormatError,
    UnreadableArtifactError,
    list_names,
)
from whence.interfaces.artifact_store import ArtifactStore
from whence.registry.materializers import materializer_for_format
from whence.values.assignability import is_path_type

INLINE_SCHEME = "whence:"
"""Begins the address of a content whose bytes the metadata store keeps."""


class StoredContentSource:
    """Where an artifact lies whose content is in a store.

    Nothing is given out before the content was verified, once for each source.
    """

    def __init__(self, content: Content, format_name: str | None, store: ArtifactStore) -> None:
        self._content = content
        self._format = format_name
        self._store = store
        self._folder: Path | None = None
        self._verified = False

    @property
    def uri(self) -> str:
        """The address in the store, or `whence:<digest>` for an inline content."""
        if self._content.inline is not None:
            return INLINE_SCHEME + self._content.digest
        return self._store.locate(self._content.digest)

    def path(self) -> Path:
        """Return a local read-only folder with the files."""
        if self._folder is None:
            self._folder = self._store.fetch(self._content)
            self._verified = True
        return self._folder

    def read_file(self, name: str) -> bytes:
        """Return the bytes of one file. Raises `UnreadableArtifactError` if there is none such."""
        self._check_name(name)
        if self._content.inline is None:
            return (self.path() / name).read_bytes()
        self._verify()
        return self._content.inline[name]

    def read(self, artifact: Artifact, as_type: Any) -> Any:
        """Return the value, as *as_type* if given; as a `Path`, the one file or else the folder."""
        if is_path_type(as_type):
            return self._view_as_path()
        if self._format is None:
            raise UnknownFormatError(
                where=repr(artifact),
                format="files of the step's own",
                reason="Its step wrote the files itself, so none is recorded.",
                cure="Read it with the materializer that wrote it: "
                "`SomeMaterializer().read(artifact)`,\nor take the files: `artifact.path`.",
            )
        self._verify()
        return materializer_for_format(self._format).read(artifact, as_type)

    def fact(self, name: str) -> Any:
        """Return `digest`, `size` or `format`; more is known only after the run."""
        match name:
            case "digest":
                return self._content.digest
            case "size":
                return self._content.size
            case "format":
                return self._format
            case _:
                raise FactNotKnownError(where=self.uri, asked=name)

    def _view_as_path(self) -> Path:
        folder, files = self.path(), self._content.files
        return folder / files[0].name if len(files) == 1 else folder

    def _verify(self) -> None:
        if self._content.inline is None:
            self.path()  # what is fetched is verified
        elif not self._verified:
            self._store.verify(self._content)
            self._verified = True

    def _check_name(self, name: str) -> None:
        names = [entry.name for entry in self._content.files]
        if name not in names:
            raise UnreadableArtifactError(
                where=self.uri,
                format=self._format or "files of the step's own",
                reason=f"It holds no file {name!r}; there is {list_names(names)}.",
                cure="Read it with the materializer that wrote it.",
            )
