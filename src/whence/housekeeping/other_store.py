"""Another store, wherever it lies, opened for reading."""

import tempfile
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from whence.artifact_stores.local import LocalArtifactStore
from whence.domain.frozen import frozen
from whence.errors import ForeignStoreError
from whence.housekeeping.archives import ARCHIVE_SUFFIX, unpack_store
from whence.housekeeping.local_parts import LocalParts
from whence.metadata_stores.foreign_database import ForeignDatabase, Values
from whence.stacks.home import HOME_NAME

DATABASE = "metadata.sqlite"
BATCH = 2000  # rows that are read, or written, at once

Needed = Mapping[str, tuple[str, Collection[str]]]
"""Which rows are taken: by table, a column and its values. Tables that are not named give none."""


@frozen
class OtherStore:
    """The records of another store, all of them or those that are needed, and its contents."""

    home: Path
    database: ForeignDatabase
    contents: LocalArtifactStore
    needed: Needed | None = None

    def list_rows(self, table: Table) -> Iterator[list[Values]]:
        """Yield the rows that are taken from a table, in batches."""
        if self.needed is None:
            yield from self.database.list_rows(table, BATCH)
        elif table.name in self.needed:
            column, values = self.needed[table.name]
            yield from self.database.find_rows(table, column, values)

    def count_rows(self, table: Table) -> int:
        """Return how many rows are taken from a table, or about so many."""
        if self.needed is None:
            return self.database.count_rows(table)
        return len(self.needed[table.name][1]) if table.name in self.needed else 0


@contextmanager
def opened_store(place: Path, parts: LocalParts) -> Generator[OtherStore]:
    """Yield the store at *place*: its home, the project that it belongs to, or an archive.

    Nothing is changed there. Raises `ForeignStoreError` and `NewerStoreError`.
    """
    folder = parts.contents.open_staging()
    try:
        home = _find_home(place, folder)
        database = home / DATABASE
        if parts.records.path.exists() and database.samefile(parts.records.path):
            raise ForeignStoreError(location=place, reason="It is this store itself.")
        private = Path(tempfile.mkdtemp(dir=folder))
        other = ForeignDatabase(database, private)
        try:
            yield OtherStore(home, other, LocalArtifactStore(home / "artifacts"))
        finally:
            other.close()
    finally:
        parts.contents.discard(folder)


def _find_home(place: Path, folder: Path) -> Path:
    if place.suffix == ARCHIVE_SUFFIX and place.is_file():
        unpacked = folder / "unpacked"
        unpack_store(place, unpacked)
        return _find_home(unpacked, folder)
    for home in (place, place / HOME_NAME):
        if (home / DATABASE).is_file():
            return home
    reason = f"There is no {DATABASE}." if place.exists() else "There is no such place."
    raise ForeignStoreError(location=place, reason=reason)


def read_all(other: OtherStore, table: Table) -> Iterator[dict[str, Any]]:
    """Yield the rows that are taken from a table, by name."""
    names = [column.name for column in table.columns]
    for batch in other.list_rows(table):
        for row in batch:
            yield dict(zip(names, row, strict=True))
