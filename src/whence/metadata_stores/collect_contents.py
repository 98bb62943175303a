"""Which contents nothing that is to be kept needs, and how their records say that they are gone."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from whence.domain.annotations import SWEEP_TAG
from whence.domain.frozen import frozen
from whence.domain.status import RunStatus

_COMPLETED = f"status = '{RunStatus.COMPLETED}'"
_UNFINISHED = ", ".join(
    f"'{status}'" for status in (RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.CRASHED)
)


@frozen
class KeepRules:
    """What is to be kept; what any rule protects stays. Without any, every run is kept.

    *max_size* protects nothing by itself: of what no other rule keeps, the contents that were used
    last stay as long as all together are no larger.
    """

    last: int | None = None  # so many of the newest completed runs of each pipeline
    since: int | None = None  # runs that started at this moment or later, in microseconds
    max_size: int | None = None  # bytes

    @property
    def are_none(self) -> bool:
        """Whether nothing was said of what may go."""
        return self.last is None and self.since is None and self.max_size is None


@frozen
class Victim:
    """A content that may go."""

    digest: str
    size: int  # bytes
    is_inline: bool
    pipeline: str | None  # of the run that used it last
    last_used: int  # when that run started; 0 if none is known


_KEPT_RUNS = f"""
    WITH RECURSIVE newest (pipeline, id) AS (
        SELECT pipeline, max(id) FROM runs WHERE {_COMPLETED} GROUP BY pipeline
    ), ranked (id, place) AS (
        SELECT id, row_number() OVER (PARTITION BY pipeline ORDER BY id DESC)
        FROM runs WHERE {_COMPLETED}
    ), unfinished (id) AS (
        SELECT r.id FROM runs AS r LEFT JOIN newest AS n ON n.pipeline = r.pipeline
        WHERE r.status IN ({_UNFINISHED}) AND r.id > coalesce(n.id, '')
        UNION
        SELECT r.resumes FROM runs AS r JOIN unfinished AS u ON u.id = r.id
        WHERE r.resumes IS NOT NULL
    )
    SELECT id FROM newest
    UNION SELECT id FROM unfinished
    UNION SELECT id FROM runs WHERE status = '{RunStatus.RUNNING}' OR ?1
    UNION SELECT run_id FROM run_tags WHERE tag NOT GLOB '{SWEEP_TAG}*'
    UNION SELECT id FROM ranked WHERE place <= ?2
    UNION SELECT id FROM runs WHERE started_at >= ?3
"""  # noqa: S608  # ours
"""Runs that are kept: whatever the rules are, the newest that completed of each pipeline, those
that go on, or can be resumed because nothing has completed since, and those with a tag; that of a
sweep, which nobody gave, does not count."""


def _each(column: str, name: str) -> str:
    """Return the table of what a column lists; of a damaged list there is nothing."""
    return f"json_each(CASE WHEN json_valid({column}) THEN {column} ELSE '[]' END) AS {name}"


_USES = f"""
    SELECT s.run_id, a.digest FROM step_runs AS s, {_each("s.outputs", "o")}
        JOIN artifacts AS a ON a.id = o.value
    UNION SELECT s.run_id, a.digest FROM step_runs AS s, {_each("s.extras", "o")}
        JOIN artifacts AS a ON a.id = o.value
    UNION SELECT s.run_id, a.digest FROM step_runs AS s, {_each("s.inputs", "i")}
        JOIN artifacts AS a ON a.id = i.value ->> 2
    UNION SELECT run_id, log_digest FROM step_runs WHERE log_digest IS NOT NULL
    UNION SELECT s.run_id, t.value ->> '$.log_digest'
        FROM step_runs AS s, {_each("s.attempts", "t")}
        WHERE s.attempts IS NOT NULL AND t.value ->> '$.log_digest' IS NOT NULL
    UNION SELECT r.id, a.digest FROM runs AS r, {_each("r.earlier_results", "e")}
        JOIN artifacts AS a ON a.id = e.value WHERE r.earlier_results IS NOT NULL
    UNION SELECT run_id, digest FROM artifacts
"""  # noqa: S608  # ours
"""Which run made, took or printed which content."""

_PROTECTED = """
    SELECT a.digest FROM annotations AS n JOIN artifacts AS a ON a.id = n.subject
        WHERE n.kind = 'tag' AND n.withdrawn_at IS NULL
    UNION SELECT v.digest FROM annotations AS n
        JOIN model_versions AS v ON n.subject IN (v.id, v.model)
        WHERE n.kind = 'tag' AND n.withdrawn_at IS NULL
    UNION SELECT v.digest FROM promotions AS p
        JOIN model_versions AS v ON v.id IN (p.version_id, p.previous_id)
"""
"""Contents of tagged artifacts and models, and of versions that bear, or ever bore, an alias."""

_VICTIMS = """
    SELECT c.digest, c.size, c.inline IS NOT NULL AS is_inline, r.pipeline,
        coalesce(max(r.started_at), 0) AS last_used
    FROM contents AS c
    LEFT JOIN temp.uses AS u ON u.digest = c.digest
    LEFT JOIN runs AS r ON r.id = u.run_id
    WHERE c.collected_at IS NULL
        AND c.digest NOT IN (SELECT digest FROM temp.needed)
    GROUP BY c.digest ORDER BY last_used, c.digest
"""

_PREPARE = (
    "CREATE TEMP TABLE uses (digest TEXT, run_id TEXT, PRIMARY KEY (digest, run_id))",
    f"INSERT OR IGNORE INTO temp.uses (run_id, digest) {_USES}",  # ours
    "CREATE TEMP TABLE kept (id TEXT PRIMARY KEY) WITHOUT ROWID",
)
_NEEDED = (
    "CREATE TEMP TABLE needed (digest TEXT PRIMARY KEY) WITHOUT ROWID",
    """INSERT OR IGNORE INTO temp.needed
    SELECT u.digest FROM temp.kept AS k JOIN temp.uses AS u ON u.run_id = k.id""",
    f"INSERT OR IGNORE INTO temp.needed {_PROTECTED}",  # ours
)
_TIDY_UP = tuple(f"DROP TABLE IF EXISTS temp.{name}" for name in ("uses", "kept", "needed"))


def find_victims(connection: Connection, keep: KeepRules) -> list[Victim]:
    """Return the contents that may go, those that were not used for the longest time first."""
    execute = connection.exec_driver_sql
    for statement in (*_TIDY_UP, *_PREPARE):
        execute(statement)
    rules = (keep.are_none, keep.last or 0, keep.since if keep.since is not None else 1 << 62)
    execute(f"INSERT OR IGNORE INTO temp.kept {_KEPT_RUNS}", rules)  # ours
    for statement in _NEEDED:
        execute(statement)
    found = [Victim(row[0], row[1], bool(row[2]), row[3], row[4]) for row in execute(_VICTIMS)]
    for statement in _TIDY_UP:
        execute(statement)
    if keep.max_size is None:
        return found
    return _until_small(found, _total_size(connection) - keep.max_size)


def _total_size(connection: Connection) -> int:
    total = "SELECT coalesce(sum(size), 0) FROM contents WHERE collected_at IS NULL"
    return int(connection.exec_driver_sql(total).scalar_one())


def _until_small(victims: Iterable[Victim], excess: int) -> list[Victim]:
    chosen: list[Victim] = []
    for victim in victims:
        if excess <= 0:
            break
        chosen.append(victim)
        excess -= victim.size
    return chosen


# ---------------------------------------------------------------------- a collection


def condemn(connection: Connection, collection: str, digests: Sequence[str]) -> int:
    """Let nobody begin to use contents any more; return how many were not condemned before."""
    execute = connection.exec_driver_sql
    execute("INSERT INTO collections (id) VALUES (?)", (collection,))
    mark = "UPDATE contents SET condemned_by = ? WHERE digest = ? AND condemned_by IS NULL"
    if not digests:
        return 0
    return execute(mark, [(collection, digest) for digest in digests]).rowcount


def wait_for(connection: Connection, collection: str, run_ids: Iterable[str]) -> None:
    """Keep which runs may have begun to use the contents before they were condemned."""
    told = json.dumps(sorted(run_ids))
    connection.exec_driver_sql(
        "UPDATE collections SET waits_for = ? WHERE id = ?", (told, collection)
    )


def list_collections(connection: Connection) -> dict[str, list[str] | None]:
    """Return what each collection that is not over waits for; None where nobody has looked."""
    rows = connection.exec_driver_sql("SELECT id, waits_for FROM collections ORDER BY id")
    return {row[0]: None if row[1] is None else _decode_names(row[1]) for row in rows}


def _decode_names(text: str) -> list[str]:
    found: Any = json.loads(text)
    return [str(name) for name in found]


def collect(connection: Connection, collection: str, victims: Iterable[str], moment: int) -> int:
    """Say of what is condemned by a collection, and may still go, that its bytes are gone.

    All else is spared. Return how many contents are gone. The files are deleted after that.
    """
    execute = connection.exec_driver_sql
    execute("CREATE TEMP TABLE IF NOT EXISTS victims (digest TEXT PRIMARY KEY) WITHOUT ROWID")
    execute("DELETE FROM temp.victims")
    if rows := [(digest,) for digest in victims]:
        execute("INSERT INTO temp.victims VALUES (?)", rows)
    gone = execute(
        "UPDATE contents SET collected_at = ?, inline = NULL, condemned_by = NULL"
        " WHERE condemned_by = ? AND digest IN (SELECT digest FROM temp.victims)",
        (moment, collection),
    ).rowcount
    execute("UPDATE contents SET condemned_by = NULL WHERE condemned_by = ?", (collection,))
    execute("DELETE FROM collections WHERE id = ?", (collection,))
    execute("DROP TABLE temp.victims")
    return gone


def spare(connection: Connection, digest: str) -> None:
    """Let a content stay that somebody is about to use."""
    connection.exec_driver_sql(
        "UPDATE contents SET condemned_by = NULL WHERE digest = ? AND condemned_by IS NOT NULL",
        (digest,),
    )


def find_states(connection: Connection, digests: Sequence[str]) -> dict[str, str]:
    """Return of each content whether it is `kept`, `condemned` or `collected`."""
    rows = connection.exec_driver_sql(
        "SELECT digest, collected_at IS NOT NULL, condemned_by IS NOT NULL FROM contents"
        " WHERE digest IN (SELECT value FROM json_each(?))",
        (json.dumps(list(digests)),),
    )
    return {row[0]: "collected" if row[1] else "condemned" if row[2] else "kept" for row in rows}
