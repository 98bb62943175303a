"""Rows of another store put to those that are there: of two that bear one id, one rule decides.

The rule looks at nothing but the two rows, prefers one to the other whichever came first, and so
gives the same in whatever order stores are put together, and however often.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.exc import DBAPIError

from whence.metadata_stores.last_metrics import keep_last_metrics
from whence.metadata_stores.tables import (
    acceptances,
    annotations,
    artifacts,
    cache_keys,
    code_texts,
    contents,
    metrics,
    model_versions,
    promotions,
    runs,
    step_runs,
)

Values = tuple[Any, ...]

CONTENTS = contents
UNITED = (
    artifacts,
    cache_keys,
    code_texts,
    step_runs,
    metrics,
    runs,
    acceptances,
    annotations,
    model_versions,
    promotions,
)
"""The tables whose rows are put together, each after those that it refers to; a run comes when
all that belongs to it is there. `contents` go before them, with their bytes; what follows from
these the database keeps itself, but for the last metrics."""

_RANKS = {
    "runs": ("status", {"running": 0, "crashed": 1}, 2),
    "step_runs": (
        "status",
        {"pending": 0, "running": 1, "skipped": 2, "crashed": 2, "cancelled": 3, "failed": 4},
        5,
    ),
}
"""How final a row is: by a column, what its values count for, and what any other counts for.

Who looks for dead processes calls runs crashed and their waiting steps skipped; the end that a run
itself has recorded counts for more.
"""

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,127}")
_IDS = {"id", "run_id", "step_run_id", "artifact_id", "version_id"}
"""Columns whose values become parts of paths, or may: they must not lead anywhere."""


def find_harmful(table: Table, row: Values) -> bool:
    """Return whether a row has an id that no Whence has made."""
    return any(
        value is not None and not _ID.fullmatch(str(value))
        for column, value in zip(table.columns, row, strict=True)
        if column.name in _IDS
    )


def unite_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> int:
    """Put rows to those of a table; return how many of them the database refused.

    It refuses what refers to nothing, and what is no JSON where it must be.
    """
    kept = [row for row in rows if not find_harmful(table, row)]
    refused = len(rows) - len(kept)
    if not kept:
        return refused
    statement = _statement(table)
    try:
        connection.exec_driver_sql(statement, kept)
    except DBAPIError:
        refused += sum(not _unite_row(connection, statement, row) for row in kept)
    return refused


def _unite_row(connection: Connection, statement: str, row: Values) -> bool:
    try:
        connection.exec_driver_sql(statement, row)
    except DBAPIError as error:
        if error.connection_invalidated or "constraint" not in str(error.orig).lower():
            return "malformed" not in str(error.orig).lower() and _raise(error)
        return False
    return True


def _raise(error: Exception) -> bool:
    raise error


@cache
def _statement(table: Table) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    values = ", ".join("?" * len(names))
    changed = [name for name in names if name not in keys]
    if table is contents:
        decision = _CONTENT_RULE
    else:
        settings = ", ".join(f"{name} = excluded.{name}" for name in changed)
        decision = f"{settings} WHERE {_order(table, 'excluded')} > {_order(table, table.name)}"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})"  # noqa: S608  # ours
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {decision}"
    )


def _order(table: Table, row: str) -> str:
    """Return what rows with one key are ordered by: how final they are, then all that they say."""
    parts: list[str] = []
    if table.name in _RANKS:
        column, ranks, otherwise = _RANKS[table.name]
        cases = " ".join(f"WHEN '{value}' THEN {rank}" for value, rank in ranks.items())
        parts.append(f"CASE {row}.{column} {cases} ELSE {otherwise} END")
    if "withdrawn_at" in table.columns:
        parts.append(f"{row}.withdrawn_at IS NOT NULL")
    for column in table.columns:
        if not column.primary_key:
            parts += [f"{row}.{column.name} IS NOT NULL", f"coalesce({row}.{column.name}, 0)"]
    return f"({', '.join(parts)})"


_CONTENT_RULE = """
    inline = coalesce(contents.inline, excluded.inline),
    collected_at = CASE
        WHEN contents.collected_at IS NULL OR excluded.collected_at IS NULL THEN NULL
        ELSE max(contents.collected_at, excluded.collected_at) END,
    condemned_by = NULL
    WHERE contents.condemned_by IS NOT NULL
        OR (contents.inline IS NULL AND excluded.inline IS NOT NULL)
        OR contents.collected_at < coalesce(excluded.collected_at, contents.collected_at + 1)
"""
"""A content with its bytes counts for more than one whose bytes were collected."""

# ---------------------------------------------------------------------- what follows


_KEEP_METRICS = keep_last_metrics(
    (step_runs.c.run_id == bindparam("wanted_run"))
    & step_runs.c.run_id.in_(
        runs.select().with_only_columns(runs.c.id).where(runs.c.status != "running")
    )
)


def derive_metrics(connection: Connection, run_ids: Iterable[str]) -> None:
    """Let the last metrics of some runs that have ended follow from what their steps reported."""
    for run_id in run_ids:
        connection.execute(_KEEP_METRICS, {"wanted_run": run_id})
