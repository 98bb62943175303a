"""Artifact stores: immutable files under the digest of their manifest."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from whence.domain.checkpoints import Checkpoint
from whence.domain.contents import Content


class Checkpoints(Protocol):
    """What steps have kept under one name, to go on from."""

    def keep(self, step: int) -> AbstractContextManager[Path]:
        """Yield an empty, private, local folder, and keep what is in it at the end of the block.

        It is kept durably, wholly or, if the block raises, not at all. Older ones are removed, but
        for the newest few and those that somebody uses.
        """
        ...

    def find_last(self) -> Checkpoint | None:
        """Return the checkpoint that was kept last; nobody removes it before `close`."""
        ...

    def discard(self) -> None:
        """Remove all that nobody uses: the work is done."""
        ...

    def close(self) -> None:
        """Use nothing any more."""
        ...


class ArtifactStore(Protocol):
    """Keeps contents. A content is either wholly there, under its digest, or not at all.

    A pickled store is the same place, opened anew where it arrives.
    """

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

    def take_part(self, content: Content, folder: str) -> Content:
        """Return what lies in one folder of *content* as a content of its own, also in the store.

        It is the content that these files would have been by themselves. Nothing is read, and
        nothing copied where the store can do without. Raises `ContentMissingError`.
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

    def open_checkpoints(self, name: str) -> Checkpoints:
        """Return what was kept under *name*, a part of a path; nothing is made yet."""
        ...
