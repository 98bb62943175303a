"""What lies behind artifacts, and ahead of them: a few queries, however long the way is."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.lineage_records import (
    LineageRecords,
    LinkedStep,
    ModelNumber,
    Reuse,
    RunName,
)
from whence.domain.records import ArtifactRecord, InputRecord, StepRunRecord
from whence.metadata_stores.encoding import decode_artifact, decode_list, decode_moment, decode_text
from whence.metadata_stores.fetch_records import decode_all, fetch, fetch_rows
from whence.metadata_stores.read_records import LINK_COLUMNS, STEP_COLUMNS, decode_step
from whence.metadata_stores.tables import artifacts, model_versions, runs, step_runs

_ANY_DEPTH = 0  # added to the level at each step on the way: then every step is met once
_ONE_DEEPER = 1


def _list_of(column: str) -> str:
    """Return an expression for a JSON list; for one that is damaged, an empty list."""
    return (
        f"CASE WHEN json_valid({column}) THEN CASE json_type({column})"
        f" WHEN 'array' THEN {column} ELSE '[]' END ELSE '[]' END"
    )


_BEHIND = f"""
    WITH RECURSIVE behind(step_run_id, level) AS (
        SELECT a.step_run_id, 1 FROM json_each(?1) AS w CROSS JOIN artifacts AS a ON a.id = w.value
        WHERE a.step_run_id IS NOT NULL
        UNION
        SELECT a.step_run_id, b.level + ?2
        FROM behind AS b CROSS JOIN step_runs AS s ON s.id = b.step_run_id
        CROSS JOIN json_each({_list_of("s.inputs")}) AS i
        CROSS JOIN artifacts AS a ON a.id = CASE i.type WHEN 'array' THEN i.value ->> 2 END
        WHERE a.step_run_id IS NOT NULL AND b.level < ?3
    )
    SELECT DISTINCT step_run_id FROM behind
"""  # noqa: S608  # ours

_AHEAD = f"""
    WITH RECURSIVE ahead(artifact_id, level) AS (
        SELECT value, 0 FROM json_each(?1)
        UNION
        SELECT o.value, a.level + ?2
        FROM ahead AS a CROSS JOIN consumers AS c ON c.artifact_id = a.artifact_id
        CROSS JOIN step_runs AS s ON s.id = c.step_run_id
        CROSS JOIN (SELECT 0 AS which UNION ALL SELECT 1) AS n
        CROSS JOIN json_each(CASE n.which WHEN 0
            THEN {_list_of("s.outputs")} ELSE {_list_of("s.extras")} END) AS o
        WHERE o.type = 'text' AND a.level < ?3
        UNION
        SELECT item.id, a.level
        FROM ahead AS a CROSS JOIN artifacts AS whole ON whole.id = a.artifact_id
        CROSS JOIN artifacts AS item ON item.step_run_id = whole.step_run_id
            AND instr(item.name, '[') > 0
            AND substr(item.name, 1, length(whole.name) + 1) = whole.name || '['
    )
    SELECT artifact_id, NULL AS step_run_id FROM ahead
    UNION SELECT NULL, c.step_run_id
        FROM ahead CROSS JOIN consumers AS c USING (artifact_id) WHERE level < ?3
"""  # noqa: S608  # ours
"""An item of a list is named `rows[3]` and made by whoever made the list."""

_REUSES = f"""
    SELECT CASE i.type WHEN 'array' THEN i.value ->> 2 END AS artifact_id, s.reused_from,
        count(*) AS times, max(s.run_id) AS last_run
    FROM step_runs AS s CROSS JOIN json_each({_list_of("s.inputs")}) AS i
    WHERE s.cached = 1 AND s.reused_from IS NOT NULL
    GROUP BY 1, 2
"""  # noqa: S608  # ours
"""Reused step runs are in no index: one look through all of them serves a whole lineage."""


def trace_back(
    connection: Connection, wanted: Collection[ArtifactId], depth: int | None
) -> LineageRecords:
    """Return what artifacts were made from, *depth* step runs far."""
    rows = fetch_rows(connection, _BEHIND, _bounds(wanted, depth))
    steps = _fetch_steps(connection, [row.step_run_id for row in rows])
    around = {*wanted, *(each.artifact_id for step in steps.values() for each in step.inputs)}
    around.update(each for step in steps.values() for each in step.made)
    found = _fetch_artifacts(connection, around)
    return LineageRecords(
        steps,
        found,
        _fetch_runs(connection, _run_ids(steps.values(), found.values())),
        _fetch_models(connection, found.values()),
        reused=_fetch_reused(connection, steps.values()),
    )


def trace_ahead(
    connection: Connection, wanted: Collection[ArtifactId], depth: int | None
) -> LineageRecords:
    """Return what was made from artifacts, *depth* step runs far.

    Who was served with an earlier result took part too: the way goes on through that result.
    """
    reuses = _fetch_reuses(connection)
    met: set[ArtifactId] = set()
    takers: set[StepRunId] = set()
    waiting: set[ArtifactId] = set(wanted)
    while waiting:
        rows = fetch_rows(connection, _AHEAD, _bounds(waiting, depth))
        met |= waiting | {row.artifact_id for row in rows if row.artifact_id is not None}
        takers |= {row.step_run_id for row in rows if row.step_run_id is not None}
        served = {each.step_run_id for name in met for each in reuses.get(name, ())} - takers
        takers |= served
        known = _fetch_steps(connection, served) if served else {}
        waiting = {each for step in known.values() for each in step.made} - met
    given = _fetch_artifacts(connection, wanted).values()
    makers = {each.step_run_id for each in given if each.step_run_id is not None}
    steps = _fetch_steps(connection, takers | makers)
    beside = {each.artifact_id for step in steps.values() for each in step.inputs}
    made = {each for step in steps.values() for each in step.made}
    found = _fetch_artifacts(connection, met | beside | made)
    used = tuple(
        each for name in sorted(met) for each in reuses.get(name, ()) if each.step_run_id in takers
    )
    runs_met = {*_run_ids(steps.values(), found.values()), *(each.last_run for each in used)}
    return LineageRecords(
        steps,
        found,
        _fetch_runs(connection, runs_met),
        _fetch_models(connection, found.values()),
        reuses=used,
    )


def _bounds(wanted: Collection[ArtifactId], depth: int | None) -> tuple[Any, ...]:
    known = json.dumps(sorted(wanted))
    return (known, _ANY_DEPTH, 2) if depth is None else (known, _ONE_DEEPER, depth)


def _fetch_steps(
    connection: Connection, wanted: Collection[StepRunId]
) -> dict[StepRunId, LinkedStep]:
    links = [column for column in LINK_COLUMNS if column.name != "id"]
    query = select(*STEP_COLUMNS, *links).where(step_runs.c.id.in_(_values(wanted)))
    found = fetch(connection, query.order_by(step_runs.c.id), _decode_linked)
    return {each.step.id: each for each in found}


def _decode_linked(row: Row[Any]) -> LinkedStep:
    return LinkedStep(
        decode_step(row),
        tuple(_decode_input(*link) for link in decode_list(row.inputs or "[]")),
        _decode_ids(row.outputs),
        _decode_ids(row.extras),
    )


def _decode_input(argument: Any, path: Any, artifact_id: Any) -> InputRecord:
    return InputRecord(
        decode_text(argument), decode_text(path), ArtifactId(decode_text(artifact_id))
    )


def _decode_ids(text: str | None) -> tuple[ArtifactId, ...]:
    return tuple(ArtifactId(decode_text(each)) for each in decode_list(text or "[]"))


def _fetch_artifacts(
    connection: Connection, wanted: Collection[ArtifactId]
) -> dict[ArtifactId, ArtifactRecord]:
    query = select(artifacts).where(artifacts.c.id.in_(_values(wanted)))
    return {each.id: each for each in fetch(connection, query, decode_artifact)}


def _run_ids(steps: Iterable[LinkedStep], found: Iterable[ArtifactRecord]) -> set[RunId]:
    return {*(each.step.run_id for each in steps), *(each.run_id for each in found)}


def _fetch_runs(connection: Connection, wanted: Collection[RunId]) -> dict[RunId, RunName]:
    columns = [runs.c[name] for name in ("id", "pipeline", "name", "started_at")]
    query = select(*columns).where(runs.c.id.in_(_values(wanted)))
    return {each.id: each for each in fetch(connection, query, _decode_run_name)}


def _decode_run_name(row: Row[Any]) -> RunName:
    return RunName(row.id, row.pipeline, row.name, decode_moment(row.started_at))


def _fetch_models(
    connection: Connection, found: Iterable[ArtifactRecord]
) -> dict[ArtifactId, ModelNumber]:
    """Return the numbers of those that are versions of a model: same content, same version."""
    candidates = [each for each in found if each.model is not None]
    if not candidates:
        return {}
    query = select(model_versions).where(
        model_versions.c.digest.in_(_values({each.digest for each in candidates}))
    )
    numbers: dict[tuple[str, str], ModelNumber] = {}
    for row in fetch_rows(connection, query.order_by(model_versions.c.id.desc())):
        numbers[row.model, row.digest] = ModelNumber(row.model, row.number)
    return {
        each.id: numbers[str(each.model), each.digest]
        for each in candidates
        if (str(each.model), each.digest) in numbers
    }


def _fetch_reused(connection: Connection, steps: Iterable[LinkedStep]) -> tuple[StepRunRecord, ...]:
    """Return who was served, in the runs of these step runs, with what one of them computed."""
    computed = {each.step.id for each in steps}
    run_ids = {each.step.run_id for each in steps}
    query = select(*STEP_COLUMNS).where(
        step_runs.c.run_id.in_(_values(run_ids)),
        step_runs.c.cached == 1,
        step_runs.c.reused_from.in_(_values(computed)),
    )
    return tuple(fetch(connection, query.order_by(step_runs.c.id), decode_step))


def _fetch_reuses(connection: Connection) -> Mapping[ArtifactId, list[Reuse]]:
    rows = fetch_rows(connection, _REUSES)
    found: dict[ArtifactId, list[Reuse]] = {}
    for each in decode_all(((row[0], row) for row in rows if row[0]), lambda row: Reuse(*row)):
        found.setdefault(each.artifact_id, []).append(each)
    return found


def _values(wanted: Iterable[str]) -> Any:
    """Return a query of texts, one statement however many they are."""
    given = func.json_each(json.dumps(sorted(wanted))).table_valued("value")
    return select(given.c.value)
