"""One SQLite database: its connection and its transactions."""

import atexit
import os
import sqlite3
import threading
import weakref
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, NullPool, create_engine, event

from whence.errors import StoreUnavailableError
from whence.metadata_stores.cures import MOVE
from whence.metadata_stores.durable_folder import make_durable_folder
from whence.metadata_stores.network_folders import find_network_file_system
from whence.metadata_stores.quick_look import QuickLook
from whence.metadata_stores.schema import check_schema_version, find_schema_version
from whence.metadata_stores.sqlite_errors import unavailable_database
from whence.metadata_stores.tables import SCHEMA_VERSION
from whence.metadata_stores.upgrade_schema import upgrade_schema
from whence.metadata_stores.write_lock import LockTimeoutError, WriteLock, sqlite_needs_lock

BUSY_SECONDS = 60
"""How long a writer waits for another one."""

_NORMAL, _FULL = 1, 2  # of `synchronous`

_CACHE_KIB = 64 * 1024
"""Pages that SQLite may hold. With its own 2 MiB a run of 20,000 steps, whose rows go into several
indexes each, wrote and read most pages anew for every batch."""

_LOG_PAGES = 4000
"""Size of the log, in pages of 4 KiB, at which it is put into the database and flushed."""


class SqliteDatabase:
    """A process's one connection to a database, taken by one thread at a time, and a quick look.

    Both are made at the first use, closed before a fork and made again after, so that no process
    uses what another one opened: SQLite's locks belong to the process that took them.
    """

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.mutex = threading.RLock()
        self._busy_seconds = busy_seconds
        self._lock = WriteLock(path.with_name(path.name + ".lock"), timeout_seconds=busy_seconds)
        self._connection: Connection | None = None
        self.quick_look = QuickLook(path, busy_seconds=busy_seconds)
        self._file: int | None = None  # the inode that the connection holds open
        self._times_opened = 0
        self._has_tables = False
        self._in_use = False
        _databases.add(self)

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def writing(self, *, durable: bool) -> Generator[Connection]:
        """Yield a connection in a transaction that is committed at the end of the block."""
        with self.mutex, unavailable_database(self.path, "written"):
            self._make_folder()
            with self._write_lock():
                connection = self._connect(create=True)
                waiting = _synchronous(connection, durable=durable)
                with waiting, self._transaction(connection, "BEGIN IMMEDIATE"):
                    yield connection

    @contextmanager
    def reading(self) -> Generator[Connection | None]:
        """Yield a connection that sees one state of the database; None if there is none yet."""
        with self.mutex, unavailable_database(self.path, "read"):
            connection = self._connect(create=False) if self.path.exists() else None
            if connection is None or not self._has_tables:
                yield None
                return
            with self._transaction(connection, "BEGIN"):
                yield connection

    def find_known_keys(self, keys: Sequence[str]) -> list[str]:
        """Return those of *keys* that have a cache entry; waits for no transaction of ours."""
        with unavailable_database(self.path, "read"):
            if not self._has_tables or self._file != _inode(self.path):
                with self.reading() as connection:  # sees to what a look needs
                    if connection is None:
                        return []
            return self.quick_look.find_known(keys)

    def find_version(self) -> tuple[int, int] | None:
        """Return what changes when another connection has written; None if there is no database."""
        with self.mutex, unavailable_database(self.path, "read"):
            connection = self._connect(create=False) if self.path.exists() else None
            if connection is None:
                return None
            version = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
            return self._times_opened, version

    def close(self) -> None:
        """Close the connections; the last one to be closed tidies up the database's log."""
        with self.mutex:
            if self._in_use or not (self._connection or self.quick_look.is_open):
                return
            try:
                with self._write_lock():
                    self._close_connections()
            except (OSError, LockTimeoutError):
                self._close_connections()  # then nobody can tidy up, and nobody need
            self._lock.close()

    def _close_connections(self) -> None:
        self.quick_look.close()
        if self._connection is not None:
            self._connection.close()
            self._connection, self._file = None, None

    # ------------------------------------------------------------------ opening

    def _connect(self, *, create: bool) -> Connection:
        """Return the connection, made anew if somebody removed or replaced the file."""
        if self._connection is not None and self._file != _inode(self.path):
            self._close_connections()
        if self._connection is None:
            self._connection = self._open()
            self._times_opened += 1
            self._file = _inode(self.path)
            self._has_tables = False
        if not self._has_tables:
            self._has_tables = self._find_tables(self._connection, create=create)
        return self._connection

    def _open(self) -> Connection:
        self._check_folder()
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            poolclass=NullPool,  # the one connection is held, not pooled
            isolation_level="AUTOCOMMIT",  # transactions are begun by name
            connect_args={"check_same_thread": False, "timeout": self._busy_seconds},
        )
        event.listen(engine, "connect", self._apply_settings)
        return engine.connect()

    def _find_tables(self, connection: Connection, *, create: bool) -> bool:
        """Return whether the tables are there, made now if *create*; older ones are upgraded.

        Who is to *create* holds the write lock already.
        """
        found = find_schema_version(connection)
        if found is None and not create:
            return False
        check_schema_version(found or 0, self.path)
        if found != SCHEMA_VERSION:
            lock = nullcontext() if create else self._write_lock()
            with lock, self._transaction(connection, "BEGIN IMMEDIATE"):
                upgrade_schema(connection)
        return True

    def _apply_settings(self, connection: Any, _record: object) -> None:
        """Set what SQLite is to do, and read back what it does: failures only show there."""
        settings = {
            "busy_timeout": int(self._busy_seconds * 1000),
            "foreign_keys": 1,
            "journal_mode": "wal",
            "synchronous": _NORMAL,  # power loss may cost the last commits, but tears nothing
            "cache_size": -_CACHE_KIB,  # below zero it is in KiB
            "wal_autocheckpoint": _LOG_PAGES,
        }
        for name, wanted in settings.items():
            connection.execute(f"PRAGMA {name} = {wanted}").fetchall()
            (answer,) = connection.execute(f"PRAGMA {name}").fetchone()
            if answer != wanted:
                message = f"{name} stays at {answer!r}"
                raise sqlite3.OperationalError(message)

    def _make_folder(self) -> None:
        if not self.path.exists():
            make_durable_folder(self.path.parent)

    def _check_folder(self) -> None:
        kind = find_network_file_system(self.path.parent)
        if kind is not None:
            reason = f"It lies on a network file system ({kind}), where SQLite loses data."
            raise StoreUnavailableError(
                store="metadata store", location=self.path, act="opened", reason=reason, cure=MOVE
            )

    # ------------------------------------------------------------------ transactions

    def _write_lock(self) -> AbstractContextManager[None]:
        return self._lock.held() if sqlite_needs_lock() else nullcontext()

    @contextmanager
    def _transaction(self, connection: Connection, begin: str) -> Generator[None]:
        connection.exec_driver_sql(begin)
        self._in_use = True
        try:
            yield
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            with suppress(Exception):  # SQLite may have rolled back already; the cause is raised
                connection.exec_driver_sql("ROLLBACK")
            raise
        finally:
            self._in_use = False


@contextmanager
def _synchronous(connection: Connection, *, durable: bool) -> Generator[None]:
    """Let the commit inside the block wait for the disk, if *durable*."""
    if not durable:
        yield
        return
    connection.exec_driver_sql(f"PRAGMA synchronous = {_FULL}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA synchronous = {_NORMAL}")


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def _close_all() -> None:
    """Close every connection before the process ends, while the write lock can still be held."""
    for database in list(_databases):
        database.close()


_databases: "weakref.WeakSet[SqliteDatabase]" = weakref.WeakSet()
_forking: list[SqliteDatabase] = []


def _before_fork() -> None:
    """Close every connection, and let no thread open one until the fork is over."""
    for database in list(_databases):
        database.mutex.acquire()
        database.quick_look.mutex.acquire()
        _forking.append(database)
        database.close()


def _after_fork() -> None:
    while _forking:
        database = _forking.pop()
        database.quick_look.mutex.release()
        database.mutex.release()


atexit.register(_close_all)
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
