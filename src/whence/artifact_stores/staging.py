"""Private folders to write in, and what becomes of those whose process died."""

import errno
import fcntl
import os
import weakref
from pathlib import Path
from uuid import uuid4

from whence.artifact_stores.durable_files import remove_tree

_WRITTEN_IN = {errno.ENOTEMPTY, errno.EEXIST}  # what systems say of a folder that is not empty


class StagingSession:
    """One process's part of the staging area.

    Its folder is locked for as long as the process lives, or one that it forked. The system gives
    the lock back when they end, however they end; unlike a process number it is never reused and
    means the same in every container.
    """

    def __init__(self, area: Path) -> None:
        self.process = os.getpid()
        self.folder, descriptor = _claim(area)
        weakref.finalize(self, _leave, self.folder, descriptor, self.process)

    def make_folder(self) -> Path:
        """Return a new, empty folder that only this user can enter."""
        folder = self.folder / uuid4().hex
        folder.mkdir(0o700)
        return folder


def sweep(area: Path) -> int:
    """Remove what processes that have died left in *area*; return how many left something."""
    swept = 0
    for session in list(area.iterdir()):
        descriptor = _lock(session)
        if descriptor is not None:
            remove_tree(session)
            os.close(descriptor)
            swept += 1
    return swept


def list_abandoned(area: Path) -> list[Path]:
    """Return what `sweep` would remove."""
    found: list[Path] = []
    for session in sorted(area.iterdir()) if area.is_dir() else []:
        descriptor = _lock(session)
        if descriptor is not None:
            os.close(descriptor)
            found.append(session)
    return found


def _claim(area: Path) -> tuple[Path, int]:
    """Make and lock a session's folder; try again where a sweeping process was quicker."""
    while True:
        folder = area / uuid4().hex
        folder.mkdir(0o700)
        descriptor = _lock(folder, unlockable_is_fine=True)
        if descriptor is None:
            continue
        if folder.exists():
            return folder, descriptor
        os.close(descriptor)


def _lock(folder: Path, *, unlockable_is_fine: bool = False) -> int | None:
    """Return a descriptor that holds the folder's lock, or None if another process has it.

    Some network file systems have no such locks. A session may live there without; nobody then
    sweeps it away.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if unlockable_is_fine and error.errno != errno.EWOULDBLOCK:
            return descriptor
        os.close(descriptor)
        return None
    return descriptor


def _leave(folder: Path, descriptor: int, process: int) -> None:
    """Give up a session that nobody writes in; one inherited through a fork stays its parent's.

    Where something is still being written, the lock stays until the process ends.
    """
    if os.getpid() == process:
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno in _WRITTEN_IN:
                return
    os.close(descriptor)
