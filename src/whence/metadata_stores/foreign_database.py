"""The database of another store, read without changing it and without trusting it."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, Table, Text

from whence.errors import ForeignStoreError, NewerStoreError
from whence.metadata_stores.tables import SCHEMA_VERSION

Values = tuple[Any, ...]

_ATTEMPTS = 5  # at a copy of a file that others write to
_NOT_A_STORE = "It holds no records of Whence."
_SETTINGS = ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON")
_KINDS: dict[type[Any], tuple[type[Any], ...]] = {
    Text: (str,),
    Integer: (int,),
    BigInteger: (int,),
    Float: (float, int),
    LargeBinary: (bytes,),
}


class ForeignDatabase:
    """A private copy of another store's database, of this or an older version.

    What an older version did not know is empty. Rows with values of a wrong kind are left out and
    counted: whoever made the file may have meant harm.
    """

    def __init__(self, source: Path, folder: Path) -> None:
        self._source = source
        self.damaged_rows = 0
        copy = folder / "metadata.sqlite"
        try:
            _copy_database(source, copy)
            self._connection = sqlite3.connect(copy, isolation_level=None, check_same_thread=False)
            self._prepare_or_close()
        except sqlite3.Error as error:
            raise self._refuse(error) from error
        except OSError as error:
            raise self._refuse(error) from error

    def close(self) -> None:
        """Close the copy."""
        self._connection.close()

    def list_rows(self, table: Table, size: int) -> Iterator[list[Values]]:
        """Yield all rows of a table in batches, each with a value for every column."""
        yield from self._batches(table, "", (), size)

    def find_rows(
        self, table: Table, column: str, wanted: Collection[str]
    ) -> Iterator[list[Values]]:
        """Yield the rows in which *column* has one of some values, in batches."""
        names = iter(sorted(wanted))
        while some := list(islice(names, 500)):
            marks = ", ".join("?" * len(some))
            yield from self._batches(table, f"WHERE {column} IN ({marks})", some, 500)

    def count_rows(self, table: Table) -> int:
        """Return how many rows a table has."""
        if not self._columns_of(table):
            return 0
        return int(self._connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])  # noqa: S608  # ours

    def _batches(
        self, table: Table, where: str, values: Sequence[Any], size: int
    ) -> Iterator[list[Values]]:
        there = self._columns_of(table)
        if not there:
            return
        names = [each.name if each.name in there else "NULL" for each in table.columns]
        query = f"SELECT {', '.join(names)} FROM {table.name} {where}"  # noqa: S608  # ours
        columns = list(table.columns)
        try:
            with closing(self._connection.execute(query, values)) as rows:
                while batch := rows.fetchmany(size):
                    kept = [row for row in batch if _is_plausible(row, columns)]
                    self.damaged_rows += len(batch) - len(kept)
                    yield kept
        except sqlite3.Error as error:
            raise self._refuse(error) from error

    def _columns_of(self, table: Table) -> set[str]:
        """Return the columns of a table; of a view or a virtual table, none."""
        known = self._connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table.name,)
        ).fetchone()
        if known is None or not str(known[0]).upper().startswith("CREATE TABLE"):
            return set()
        rows = self._connection.execute(f"PRAGMA table_xinfo({table.name})").fetchall()
        return {row[1] for row in rows if row[6] == 0}  # what is computed is not read

    def _prepare_or_close(self) -> None:
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        self._connection.text_factory = _decode_text
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}")
        (said,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            reason = f"Its database is damaged: {said}."
            raise self._refuse(reason)
        there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
        if self._connection.execute(there).fetchone() is None:
            raise self._refuse(_NOT_A_STORE)
        row = self._connection.execute("SELECT version FROM schema_version").fetchone()
        found = row[0] if row else None
        if not isinstance(found, int):
            raise self._refuse(_NOT_A_STORE)
        if found > SCHEMA_VERSION:
            raise NewerStoreError(location=self._source, found=found, known=SCHEMA_VERSION)

    def _refuse(self, reason: str | Exception) -> ForeignStoreError:
        if isinstance(reason, OSError):
            reason = f"{reason.strerror}: {reason.filename}."
        elif isinstance(reason, Exception):
            reason = f"SQLite says: {reason}."
        return ForeignStoreError(location=self._source, reason=reason)


def _decode_text(data: bytes) -> str:
    return data.decode(errors="backslashreplace")


def _is_plausible(row: Values, columns: Sequence[Column[Any]]) -> bool:
    return all(
        (value is None and column.nullable) or _is_of_kind(value, column)
        for value, column in zip(row, columns, strict=True)
    )


def _is_of_kind(value: Any, column: Column[Any]) -> bool:
    return isinstance(value, _KINDS[type(column.type)]) and not isinstance(value, bool)


# ---------------------------------------------------------------------- copying


def _copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, and leave nothing beside it.

    SQLite itself would make files there, or tidy up. Where no log lies beside a database nobody
    has it open, and it can be copied as a file, if nobody opens it meanwhile.
    """
    if not stat.S_ISREG(source.stat().st_mode):
        raise OSError(0, "Not a regular file", str(source))
    for _ in range(_ATTEMPTS):
        if _has_log(source):
            with suppress(sqlite3.OperationalError):
                _back_up(source, target)
                return
            _copy_with_log(source, target)  # in a folder that cannot be written
            return
        before = _signature(source)
        shutil.copyfile(source, target)
        if not _has_log(source) and _signature(source) == before:
            return
    raise OSError(0, "Others do not stop writing to it", str(source))


def _has_log(source: Path) -> bool:
    try:
        return _log_of(source).stat().st_size > 0
    except FileNotFoundError:
        return False


def _log_of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def _signature(source: Path) -> tuple[int, int, int]:
    status = os.stat(source)  # noqa: PTH116  # three facts of one moment
    return status.st_ino, status.st_size, status.st_mtime_ns


def _back_up(source: Path, target: Path) -> None:
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=60)) as there,
        closing(sqlite3.connect(target)) as here,
    ):
        there.backup(here)


def _copy_with_log(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    shutil.copyfile(_log_of(source), _log_of(target))
