"""One writer at a time, also between processes, where the linked SQLite needs it."""

import fcntl
import os
import random
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

FIXED_IN = (3, 51, 3)
"""Older SQLite can lose pages when two connections checkpoint and restart one log at once."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.01  # seconds


class LockTimeoutError(Exception):
    """Another process holds the lock; the message says which."""


def sqlite_needs_lock() -> bool:
    """Return whether the linked SQLite may damage a database that two processes write to."""
    return sqlite3.sqlite_version_info < FIXED_IN


class WriteLock:
    """A file whose lock is held over every write, commit and close of a database.

    The system gives it back when its holder dies. It holds the number of the process that took
    it last, so that one that is stuck can be named.
    """

    def __init__(self, path: Path, *, timeout_seconds: float) -> None:
        self._path = path
        self._timeout_seconds = timeout_seconds
        self._descriptor: int | None = None

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold the lock; raise `LockTimeoutError` if others do not let go of it in time."""
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        descriptor = self._descriptor
        if not _try_lock(descriptor):
            self._wait(descriptor)
        try:
            os.pwrite(descriptor, b"%-20d\n" % os.getpid(), 0)
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._timeout_seconds
        pause = _FIRST_PAUSE
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
                message = f"Process {holder} has been writing to it for too long."
                raise LockTimeoutError(message)
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # spreads the waiting
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def close(self) -> None:
        """Close the file; the lock can be held again."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            with suppress(OSError):  # nothing in the file matters, and it is closed in any case
                os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
