"""Which contents are about to be deleted: an empty file for each, which whoever needs it removes.

A step that makes a content anew finds it in its place and would write nothing, while `gc` is about
to take it away. Both therefore hold one lock for the moment of their act: who finds the mark
removes it, and the content stays; or the content is gone already, and is written.
"""

import fcntl
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from whence.artifact_stores.content_places import find_place

FOLDER = "condemned"


class CondemnedContents:
    """The marks of one artifact store."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / FOLDER

    def condemn(self, digests: Iterable[str]) -> None:
        """Mark contents. Only then may anybody be told that they are to be deleted."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for digest in digests:
            self._mark_of(digest).touch()

    def list_marked(self) -> list[str]:
        """Return the digests of all contents that are marked."""
        if not self._folder.is_dir():
            return []
        return sorted(f"blake3:{mark.name}" for mark in self._folder.iterdir())

    def rescue(self, digest: str) -> bool:
        """Let a content that was found to be there stay; return False if it is gone meanwhile."""
        if not self._folder.is_dir():  # no `gc` was ever at work here, or it waits for who asks
            return True
        with self._locked(fcntl.LOCK_SH):
            self._mark_of(digest).unlink(missing_ok=True)
            return find_place(self._root, digest).is_dir()

    def spare(self, digests: Iterable[str]) -> None:
        """Take marks away."""
        for digest in digests:
            self._mark_of(digest).unlink(missing_ok=True)

    def take(self, digest: str, aside: Path) -> bool:
        """Move a content that is still marked to *aside*; return whether it was."""
        with self._locked(fcntl.LOCK_EX):
            if not self._mark_of(digest).exists():
                return False
            place = find_place(self._root, digest)
            found = place.is_dir()
            if found:
                place.chmod(0o700)  # a folder that is not writable cannot be moved
                place.rename(aside)
            self._mark_of(digest).unlink()
            return found

    def _mark_of(self, digest: str) -> Path:
        place = find_place(self._root, digest)  # refuses what is no digest
        return self._folder / (place.parent.name + place.name)

    @contextmanager
    def _locked(self, kind: int) -> Generator[None]:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)
