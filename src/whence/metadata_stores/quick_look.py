"""Which keys have a cache entry at all: asked for every step that is computed, so it is cheap.

A connection of its own waits for no transaction of this process.
"""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

_HAS_ENTRY = "SELECT 1 FROM cache_entries WHERE key = ?"


class QuickLook:
    """A reading connection to a database that has its tables, opened at the first look."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self.mutex = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def find_known(self, keys: Sequence[str]) -> list[str]:
        """Return those of *keys* that have an entry."""
        with self.mutex:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    self._path,
                    timeout=self._busy_seconds,
                    isolation_level=None,
                    check_same_thread=False,
                )
            execute = self._connection.execute
            return [key for key in keys if execute(_HAS_ENTRY, (key,)).fetchall()]

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def close(self) -> None:
        """Close the connection; a next look opens another one."""
        with self.mutex:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
