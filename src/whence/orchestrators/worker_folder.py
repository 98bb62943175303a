"""The folder in which the workers of one orchestrator write, and what becomes of those of the dead.

It is locked for as long as the process that made it lives, or one that it forked. The system gives
the lock back when they end, however they end.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "workers-"


class WorkerFolder:
    """A new folder in *area*; what processes that have died left there is removed."""

    def __init__(self, area: Path) -> None:
        area.mkdir(parents=True, exist_ok=True)
        _sweep(area)
        self.path, self._descriptor = _claim(area)

    def remove(self) -> None:
        """Remove it, with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _sweep(area: Path) -> None:
    for left in area.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody lives there, or nobody may look
            descriptor = _lock(left)
            shutil.rmtree(left, ignore_errors=True)
            os.close(descriptor)


def _claim(area: Path) -> tuple[Path, int | None]:
    """Make and lock a folder; make another one where a sweeping process was quicker."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=area))
        try:
            descriptor = _lock(folder)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError:  # there are no locks here: nobody sweeps
            return folder, None
        if folder.exists():
            return folder, descriptor
        os.close(descriptor)


def _lock(folder: Path) -> int:
    import fcntl  # noqa: PLC0415  # not on every platform

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
