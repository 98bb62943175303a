"""Are the records of a store whole, and do they agree with each other?"""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection

from whence.domain.ids import short_id
from whence.housekeeping.findings import Finding
from whence.housekeeping.local_parts import LocalParts
from whence.metadata_stores.check_tables import (
    FOLLOWING,
    check_integrity,
    find_damaged_rows,
    find_dangling,
    rebuild,
)

_REPAIR = "whence doctor --repair"
_RESTORE = "Restore a copy of the store, or merge one into a new store: whence merge COPY"


def examine_records(parts: LocalParts, *, quick: bool) -> Iterator[Finding]:
    """Yield what is wrong with the records."""
    with parts.records.database.reading() as connection:
        if connection is None:
            return
        found = [
            *_examine_file(connection, parts, quick=quick),
            *_examine_rows(connection, parts),
        ]
    yield from found
    if not any(each.kind == "damaged database" for each in found):
        yield from _examine_following(parts)
        yield from _examine_crashes(parts)


def _examine_file(connection: Connection, parts: LocalParts, *, quick: bool) -> Iterator[Finding]:
    said = check_integrity(connection, quick=quick)
    if not said:
        return
    is_index = all("index" in each for each in said)
    kind = "damaged index" if is_index else "damaged database"
    yield Finding(
        kind=kind,
        what="An index of the database does not agree with its table."
        if is_index
        else "The database is damaged.",
        where=str(parts.records.path),
        why="; ".join(said[:3]),
        fix=f"Build it anew: {_REPAIR}" if is_index else _RESTORE,
        repair=(lambda: _reindex(parts)) if is_index else None,
    )


def _reindex(parts: LocalParts) -> None:
    with parts.records.database.writing(durable=True) as connection:
        connection.exec_driver_sql("REINDEX")


def _examine_rows(connection: Connection, parts: LocalParts) -> Iterator[Finding]:
    for row in find_damaged_rows(connection):
        yield Finding(
            kind="damaged record",
            what=f"A value of {row.table}.{row.column} is not what it must be.",
            where=f"{row.table} {row.key}",
            why="It is left out of what is shown; everything else is as it was.",
            fix=_RESTORE,
        )
    for (table, other), count in Counter(find_dangling(connection)).items():
        yield Finding(
            kind="dangling record",
            what=f"{count} of {table} refer to nothing in {other}.",
            where=str(parts.records.path),
            fix=_RESTORE,
        )


def _examine_following(parts: LocalParts) -> Iterator[Finding]:
    """Yield the tables in which a rebuild would change something; it is tried and taken back."""
    for table in FOLLOWING:
        changed = _try_rebuild(parts, table)
        if changed:
            yield Finding(
                kind="stale table",
                what=f"{changed} rows of {table} do not follow from the records.",
                where=str(parts.records.path),
                fix=f"Build them anew: {_REPAIR}",
                repair=lambda table=table: _rebuild(parts, table),
            )


def _try_rebuild(parts: LocalParts, table: str) -> int:
    with parts.records.database.writing(durable=False) as connection:
        connection.exec_driver_sql("SAVEPOINT tried")
        changed = rebuild(connection, table)
        connection.exec_driver_sql("ROLLBACK TO tried")
        connection.exec_driver_sql("RELEASE tried")
    return changed


def _rebuild(parts: LocalParts, table: str) -> None:
    with parts.records.database.writing(durable=True) as connection:
        rebuild(connection, table)


def _examine_crashes(parts: LocalParts) -> Iterator[Finding]:
    for crash in parts.records.find_crashes():
        yield Finding(
            kind="crashed run",
            what=f"Run {short_id(crash.run_id)} says that it goes on, and its process is dead.",
            where=f"run {crash.run_id}",
            why=crash.error.message,
            fix=f"Call it crashed: {_REPAIR}, or any command that lists runs",
            repair=lambda: _mark_crashed(parts),
        )


def _mark_crashed(parts: LocalParts) -> None:
    parts.records.mark_crashed_runs()
