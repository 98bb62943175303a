"""Do the tables of a database agree with each other? And how are those rebuilt that follow?"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Float, LargeBinary, Table, Text, exists

from whence.domain.frozen import frozen
from whence.domain.status import RunStatus
from whence.metadata_stores.last_metrics import keep_last_metrics
from whence.metadata_stores.run_indexes import INDEX_OLD_RUNS
from whence.metadata_stores.tables import NOW, runs, schema, step_runs

_JSON = {
    "runs": ("parameters", "tags", "environment", "owner", "error", "earlier_results"),
    "step_runs": (
        *("parameters", "depends_on", "metadata", "inputs", "outputs", "extras"),
        *("error", "attempts", "usage"),
    ),
    "contents": ("files",),
    "cache_keys": ("parts",),
    "promotions": ("gates",),
}
_MOST_NAMED = 20


@frozen
class DamagedRow:
    """A row with a value of a wrong kind."""

    table: str
    key: str
    column: str


def check_integrity(connection: Connection, *, quick: bool) -> list[str]:
    """Return what SQLite itself finds wrong with the file and its indexes."""
    check = "quick_check" if quick else "integrity_check"
    said = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA {check}({_MOST_NAMED})")]
    return [] if said == ["ok"] else said


def find_damaged_rows(connection: Connection) -> Iterator[DamagedRow]:
    """Yield values that cannot be what was recorded."""
    for table in schema.sorted_tables:
        keys = [column.name for column in table.primary_key]
        key = keys[0] if keys else "rowid"
        for column, condition in _conditions(table):
            query = f"SELECT {key} FROM {table.name} WHERE {condition} LIMIT {_MOST_NAMED}"  # noqa: S608  # ours
            for row in connection.exec_driver_sql(query):
                yield DamagedRow(table.name, str(row[0]), column)


def _conditions(table: Table) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        if (table.name, column.name) == ("run_parameters", "value"):
            continue  # of any kind
        name = column.name
        kinds = ["integer"]
        if isinstance(column.type, Text):
            kinds = ["text"]
        elif isinstance(column.type, Float):
            kinds = ["real", "integer"]
        elif isinstance(column.type, LargeBinary):
            kinds = ["blob"]
        if column.nullable:
            kinds.append("null")
        allowed = ", ".join(f"'{kind}'" for kind in kinds)
        wrong = f"typeof({name}) NOT IN ({allowed})"
        if name in _JSON.get(table.name, ()):
            wrong = f"{wrong} OR ({name} IS NOT NULL AND NOT json_valid({name}))"
        yield name, wrong


def find_dangling(connection: Connection) -> list[tuple[str, str]]:
    """Return rows that refer to rows that are not there, as table and the table referred to."""
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [(str(row[0]), str(row[2])) for row in rows]


# ---------------------------------------------------------------------- what follows

_INPUTS = "json_each(CASE WHEN json_valid(s.inputs) THEN s.inputs ELSE '[]' END) AS i"
_TAGS = "json_each(CASE WHEN json_valid(r.tags) THEN r.tags ELSE '[]' END) AS t"
_EXPECTED_TAGS = f"""
    SELECT t.value, r.id FROM runs AS r, {_TAGS} WHERE NOT EXISTS (
        SELECT 1 FROM annotations AS a WHERE a.subject = r.id AND a.kind = 'tag'
            AND a.text = t.value AND a.withdrawn_at IS NOT NULL
    )
    UNION SELECT a.text, r.id FROM annotations AS a JOIN runs AS r ON r.id = a.subject
    WHERE a.kind = 'tag' AND a.withdrawn_at IS NULL
"""  # noqa: S608  # ours
_ENDED = f"coalesce(s.started_at + CAST(coalesce(s.duration, 0) * 1e6 AS INTEGER), {NOW})"
_FILED = "s.reusable = 1 AND s.cache_key IS NOT NULL"
_HAS_ENDED = exists().where(
    runs.c.id == step_runs.c.run_id, runs.c.status != RunStatus.RUNNING.value
)

_REBUILDS: dict[str, Sequence[str]] = {
    "consumers": (
        "DELETE FROM consumers WHERE step_run_id NOT IN (SELECT id FROM step_runs)",
        f"""INSERT OR IGNORE INTO consumers
        SELECT i.value ->> 2, s.id FROM step_runs AS s, {_INPUTS}
        WHERE s.cached = 0 AND i.value ->> 2 IS NOT NULL""",  # noqa: S608  # ours
    ),
    "cache_entries": (
        f"""DELETE FROM cache_entries WHERE NOT EXISTS (
            SELECT 1 FROM step_runs AS s WHERE s.id = cache_entries.step_run_id
                AND s.cache_key = cache_entries.key AND {_FILED})""",  # noqa: S608  # ours
        f"""INSERT OR IGNORE INTO cache_entries (key, step_run_id, step, created_at)
        SELECT s.cache_key, s.id, s.step, {_ENDED} AS ended FROM step_runs AS s
        WHERE {_FILED} ORDER BY ended DESC, s.id DESC""",  # noqa: S608  # ours
    ),
    "run_tags": (
        f"DELETE FROM run_tags WHERE (tag, run_id) NOT IN ({_EXPECTED_TAGS})",  # noqa: S608  # ours
        f"INSERT OR IGNORE INTO run_tags (tag, run_id) {_EXPECTED_TAGS}",  # ours
    ),
    "run_parameters": (
        "DELETE FROM run_parameters WHERE run_id NOT IN (SELECT id FROM runs)",
        INDEX_OLD_RUNS,
    ),
    "run_metrics": ("DELETE FROM run_metrics WHERE run_id NOT IN (SELECT id FROM runs)",),
}

FOLLOWING = tuple(_REBUILDS)
"""The tables that follow from others."""


def rebuild(connection: Connection, table: str) -> int:
    """Let a table follow again from those that it follows from; return how many rows changed."""
    changed = sum(
        max(connection.exec_driver_sql(statement).rowcount, 0) for statement in _REBUILDS[table]
    )
    if table == "run_metrics":
        changed += max(connection.execute(keep_last_metrics(_HAS_ENDED)).rowcount, 0)
    return changed
