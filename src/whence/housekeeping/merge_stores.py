"""Taking over everything of another store: a set union of records and contents.

It makes no difference in which order stores are merged, nor how often. Contents come first, then
what refers to them, in short transactions between which runs go on here: whoever is killed in the
middle leaves a store that is sound, and does the rest by merging again.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from whence.domain.status import RunStatus
from whence.housekeeping.copy_contents import copy_contents
from whence.housekeeping.local_parts import LocalParts, attended_work, opened_parts
from whence.housekeeping.merge_report import Merged
from whence.housekeeping.other_store import OtherStore, opened_store, read_all
from whence.metadata_stores.tables import runs
from whence.metadata_stores.unite_rows import (
    CONTENTS,
    UNITED,
    derive_metrics,
    unite_rows,
)
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack

OnProgress = Callable[[int, int], None]
"""Told how many records are done, and of how many."""

_COUNTED = ("runs", "artifacts", "model_versions")


def merge_store(
    place: str | Path, stack: Stack | None = None, *, on_progress: OnProgress | None = None
) -> Merged:
    """Take over everything of the store at *place* that is not in the current one, or *stack*.

    *place* is a home such as `../other/.whence`, a project that has one, or what `export_runs`
    wrote. It is not changed. Raises `ForeignStoreError`, `NewerStoreError` and
    `StoreUnavailableError`.
    """
    target = stack or open_stack()
    target.make_home()
    with opened_parts(target) as parts, attended_work(parts):
        source = Path(place).expanduser()
        with opened_store(source, parts) as other:
            return replace(unite_stores(other, parts, on_progress), place=source)


def unite_stores(other: OtherStore, parts: LocalParts, on_progress: OnProgress | None) -> Merged:
    """Take over what *other* gives."""
    progress = _Progress(other, on_progress)
    with parts.records.database.writing(durable=False) as connection:
        before = _count_rows(connection)
    contents = copy_contents(other, parts, progress.add)
    refused = sum(_unite_table(other, table, parts, progress) for table in UNITED)
    run_ids = sorted(row["id"] for row in read_all(other, runs))
    with parts.records.database.writing(durable=True) as connection:
        derive_metrics(connection, run_ids)
        after = _count_rows(connection)
    return Merged(
        place=other.home,
        added={name: after[name] - before[name] for name in _COUNTED},
        contents=contents,
        refused=refused + other.database.damaged_rows,
        going_on=_count_going_on(other),
    )


def _unite_table(other: OtherStore, table: Table, parts: LocalParts, progress: "_Progress") -> int:
    refused = 0
    for rows in other.list_rows(table):
        with parts.records.database.writing(durable=False) as connection:
            refused += unite_rows(connection, table, rows)
        progress.add(len(rows))
    return refused


def _count_rows(connection: Connection) -> dict[str, int]:
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608  # ours
        for name in _COUNTED
    }


def _count_going_on(other: OtherStore) -> int:
    return sum(row["status"] == RunStatus.RUNNING for row in read_all(other, runs))


class _Progress:
    """Counts the records that are done."""

    def __init__(self, other: OtherStore, tell: OnProgress | None) -> None:
        self._tell: Callable[[int, int], Any] = tell or (lambda _done, _of: None)
        self._total = sum(other.count_rows(table) for table in (CONTENTS, *UNITED))
        self._done = 0

    def add(self, count: int) -> None:
        """Tell that some more records are done."""
        self._done += count
        self._tell(self._done, max(self._total, self._done))
