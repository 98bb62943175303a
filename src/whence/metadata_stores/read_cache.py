"""What is known of cache keys: entries, parts, source texts, acceptances and durations."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from whence.domain.contents import Content
from whence.domain.ids import StepRunId
from whence.domain.records import AcceptanceRecord, ArtifactRecord, CacheEntry
from whence.metadata_stores.encoding import decode_artifact, decode_content, decode_moment
from whence.metadata_stores.fetch_records import decode_all, fetch, fetch_rows
from whence.metadata_stores.tables import COMPUTED, acceptances, artifacts, cache_keys

_ENTRIES = f"""
    SELECT e.key, e.step_run_id, e.created_at,
        EXISTS (SELECT 1 FROM metrics AS m WHERE m.step_run_id = e.step_run_id),
        o.key, c.size, c.files, c.inline, c.collected_at, c.condemned_by,
        {", ".join(f"a.{column.name}" for column in artifacts.columns)}
    FROM wanted CROSS JOIN cache_entries AS e ON e.key = wanted.key
    CROSS JOIN step_runs AS s ON s.id = e.step_run_id
        AND s.cache_key = e.key AND s.status = 'completed'
    LEFT JOIN json_each(
        CASE WHEN json_valid(s.outputs) THEN
            CASE json_type(s.outputs) WHEN 'array' THEN s.outputs ELSE '[null]' END
        ELSE '[null]' END
    ) AS o
    LEFT JOIN artifacts AS a ON a.id = o.value
    LEFT JOIN contents AS c ON c.digest = a.digest
"""  # noqa: S608  # ours
"""Entries of the keys in `wanted`, a row an output; a list that is damaged names no artifact."""

_OF_CONTENT = 5  # columns, before those of the artifact

_ENTRIES_OF_KEYS = f"WITH wanted AS (SELECT value AS key FROM json_each(?)) {_ENTRIES}"  # noqa: S608  # ours

_ENTRIES_OF_STEPS = f"""
    WITH wanted AS (
        SELECT e.key FROM json_each(?1) AS n CROSS JOIN cache_entries AS e ON e.key IN (
            SELECT key FROM cache_entries WHERE step = n.value ORDER BY created_at DESC LIMIT ?2
        )
        ORDER BY e.created_at DESC LIMIT ?2
    ) {_ENTRIES}
"""  # noqa: S608  # ours

_DURATIONS = f"""
    SELECT n.value AS step, s.duration
    FROM json_each(?1) AS n CROSS JOIN step_runs AS s ON s.id IN (
        SELECT id FROM step_runs WHERE step = n.value AND {COMPUTED} ORDER BY id DESC LIMIT ?2
    )
    ORDER BY s.id DESC
"""  # noqa: S608  # ours

_PARTS = "SELECT key, parts FROM cache_keys WHERE key IN (SELECT value FROM json_each(?))"
_TEXTS = "SELECT digest, text FROM code_texts WHERE digest IN (SELECT value FROM json_each(?))"


def find_cache_entries(connection: Connection, keys: Sequence[str]) -> dict[str, CacheEntry]:
    """Return the newest entry of each key that has one, in one query."""
    return _decode_entries(fetch_rows(connection, _ENTRIES_OF_KEYS, (_encode_list(keys),)))


def list_cache_entries_like(
    connection: Connection, steps: Sequence[str], limit: int
) -> dict[str, CacheEntry]:
    """Return the newest entries of steps of these names, by key, in one query."""
    return _decode_entries(fetch_rows(connection, _ENTRIES_OF_STEPS, (_encode_list(steps), limit)))


def find_key_parts(connection: Connection, key: str) -> str | None:
    """Return what a key was made of."""
    rows = fetch_rows(connection, select(cache_keys.c.parts).where(cache_keys.c.key == key))
    return rows[0].parts if rows else None


def find_keys_parts(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """Return what each of several keys was made of, in one query."""
    rows = fetch_rows(connection, _PARTS, (_encode_list(sorted(keys)),))
    return {row.key: row.parts for row in rows}


def find_texts(connection: Connection, digests: Sequence[str]) -> dict[str, str]:
    """Return recorded source texts by their digests, in one query."""
    return {
        row.digest: row.text for row in fetch_rows(connection, _TEXTS, (_encode_list(digests),))
    }


def list_acceptances(connection: Connection, *, withdrawn: bool) -> list[AcceptanceRecord]:
    """Return acceptances, oldest first; withdrawn ones only on demand."""
    query = select(acceptances).order_by(acceptances.c.made_at, acceptances.c.id)
    if not withdrawn:
        query = query.where(acceptances.c.withdrawn_at.is_(None))
    return fetch(connection, query, _decode_acceptance)


def list_durations(
    connection: Connection, steps: Sequence[str], limit: int
) -> dict[str, list[float]]:
    """Return the last durations of computed step runs of each step, newest first."""
    found: dict[str, list[float]] = {}
    for row in fetch_rows(connection, _DURATIONS, (_encode_list(steps), limit)):
        if isinstance(row.duration, float):
            found.setdefault(row.step, []).append(row.duration)
    return found


def _encode_list(names: Sequence[str]) -> str:
    return json.dumps(list(dict.fromkeys(names)))


# ---------------------------------------------------------------------- records


def _decode_entries(rows: Iterable[Any]) -> dict[str, CacheEntry]:
    """Return entries by key; one of which any output is damaged is left out as a whole."""
    by_key: dict[str, list[Any]] = {}
    for row in rows:
        by_key.setdefault(row[0], []).append(row)
    return {entry.key: entry for entry in decode_all(by_key.items(), _decode_entry)}


def _decode_entry(rows: Sequence[Any]) -> CacheEntry:
    key, step_run_id, created_at, measured = rows[0][:4]
    outputs: list[ArtifactRecord] = []
    contents: dict[str, Content] = {}
    for _, _, _, _, place, *output in sorted(rows, key=lambda row: row[4] or 0):
        if place is not None:  # else the step has no outputs
            artifact, content = _decode_output(*output)
            outputs.append(artifact)
            contents[content.digest] = content
    return CacheEntry(
        key=key,
        step_run_id=StepRunId(step_run_id),
        created_at=decode_moment(created_at),
        outputs=tuple(outputs),
        contents=contents,
        measured=bool(measured),
    )


def _decode_output(*facts: Any) -> tuple[ArtifactRecord, Content]:
    artifact = decode_artifact(facts[_OF_CONTENT:])
    return artifact, decode_content(artifact.digest, *facts[:_OF_CONTENT])


def _decode_acceptance(row: Row[Any]) -> AcceptanceRecord:
    withdrawn = row.withdrawn_at is not None
    return AcceptanceRecord(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        old=row.old,
        new=row.new,
        who=row.who,
        reason=row.reason,
        made_at=decode_moment(row.made_at),
        withdrawn_at=decode_moment(row.withdrawn_at) if withdrawn else None,
        withdrawn_by=row.withdrawn_by,
    )
