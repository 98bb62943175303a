"""Artifact stores: immutable files under the digest of their manifest."""

from pathlib import Path
from typing import Protocol

from whence.domain.contents import Content


class ArtifactStore(Protocol):
    """Keeps contents. A content is either wholly there, under its digest, or not at all."""

    @property
    def uri(self) -> str:
        """The address of the store."""
        ...

    def open_staging(self) -> Path:
        """Return a new, empty, private local folder in which an output may be written."""
        ...

    def commit(self, folder: Path) -> Content:
        """Move what was written in *folder* (from `open_staging`) to its final address, durably.

        On return the content survives the death of every process and of the machine. Equal content
        that is there already is kept and *folder* is dropped. Raises `InvalidOutputFilesError` for
        links and special files, `StoreUnavailableError` where the store cannot be written; nothing
        false is left in either case.
        """
        ...

    def discard(self, folder: Path) -> None:
        """Drop a staging folder and what is in it."""
        ...

    def locate(self, digest: str) -> str:
        """Return the address of a content, whether or not it is there."""
        ...

    def fetch(self, content: Content) -> Path:
        """Return a local, read-only folder that holds *content*.

        Also inline contents can be fetched: they are unfolded. Raises `ContentMissingError` or
        `IntegrityError`.
        """
        ...

    def verify(self, content: Content, *, full: bool = False) -> None:
        """Check that *content* is there as recorded.

        Files up to 1 MiB are hashed again, larger ones only looked at, unless *full*. Raises
        `ContentMissingError` or `IntegrityError`.
        """
        ...
