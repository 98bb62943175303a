"""What SQLite's errors mean to people: reasons and cures by error name."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from whence.errors import StoreUnavailableError
from whence.metadata_stores.cures import MAKE_ROOM, MOVE, WAIT
from whence.metadata_stores.write_lock import LockTimeoutError

_SAYINGS = {
    "SQLITE_FULL": ("The disk is full.", MAKE_ROOM),
    "SQLITE_READONLY": ("The file or its folder is read-only.", MOVE),
    "SQLITE_CANTOPEN": ("The file or its folder cannot be opened or written.", MOVE),
    "SQLITE_PERM": ("You are not allowed to open the file.", MOVE),
    "SQLITE_NOTADB": (
        "The file is not an SQLite database.",
        "Move it away; a new one is made at the next run.",
    ),
    "SQLITE_CORRUPT": (
        "The file is damaged.",
        "Restore a copy of it, or rescue what can be read: sqlite3 FILE .recover",
    ),
    "SQLITE_BUSY": ("Another process has been writing to it for too long.", WAIT),
    "SQLITE_IOERR": ("The disk reports an input/output error.", "Check the disk and its space."),
    "SQLITE_CONSTRAINT": (
        "A record refers to something that is not recorded.",
        "This is a fault of Whence or of a plugin: please report it.",
    ),
}


@contextmanager
def unavailable_database(path: Path, act: str) -> Generator[None]:
    """Turn the errors of the database and of its files into one that explains them."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, LockTimeoutError, OSError) as error:
        reason, cure = _describe(error)
        raise StoreUnavailableError(
            store="metadata store", location=path, act=act, reason=reason, cure=cure
        ) from error


def _describe(error: Exception) -> tuple[str, str]:
    if isinstance(error, LockTimeoutError):
        return str(error), WAIT
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename}.", MOVE
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", None) or ""
    for known, saying in _SAYINGS.items():
        if name.startswith(known):
            return saying
    return f"SQLite says: {cause}", "Look at the file that it names, then run again."
