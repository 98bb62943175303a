"""Rows as records."""

import json
import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, select

from whence.domain.annotations import AnnotationKind, AnnotationRecord
from whence.domain.contents import Content
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.records import (
    ArtifactRecord,
    InputRecord,
    LastMetric,
    RunFilter,
    RunRecord,
    StepArtifacts,
    StepRunRecord,
)
from whence.metadata_stores.encoding import (
    decode_artifact,
    decode_attempts,
    decode_content,
    decode_error,
    decode_list,
    decode_moment,
    decode_named,
    decode_owner,
    decode_run_status,
    decode_step_status,
    decode_text,
    decode_usage,
)
from whence.metadata_stores.fetch_records import fetch
from whence.metadata_stores.search_runs import find_run_ids
from whence.metadata_stores.tables import (
    annotations,
    artifacts,
    consumers,
    contents,
    run_metrics,
    run_tags,
    runs,
    step_runs,
)

Found = TypeVar("Found")


def list_runs(connection: Connection, wanted: RunFilter) -> list[RunRecord]:
    """Return runs in the order that is wanted."""
    ids = find_run_ids(connection, wanted)
    chosen = func.json_each(json.dumps(ids)).table_valued("value")
    query = select(*_RUN_COLUMNS).where(runs.c.id.in_(select(chosen.c.value)))
    places = {run_id: place for place, run_id in enumerate(ids)}
    return sorted(fetch(connection, query, _decode_run), key=lambda run: places[run.id])


def find_run(connection: Connection, run_id: RunId) -> RunRecord | None:
    """Return one run."""
    return _first(fetch(connection, select(*_RUN_COLUMNS).where(runs.c.id == run_id), _decode_run))


def list_steps(connection: Connection, run_id: RunId) -> list[StepRunRecord]:
    """Return the step runs of a run, in the order of placing."""
    query = select(*STEP_COLUMNS).where(step_runs.c.run_id == run_id)
    return fetch(connection, query.order_by(step_runs.c.position), decode_step)


def find_step(connection: Connection, step_run_id: StepRunId) -> StepRunRecord | None:
    """Return one step run."""
    query = select(*STEP_COLUMNS).where(step_runs.c.id == step_run_id)
    return _first(fetch(connection, query, decode_step))


def list_consumers(connection: Connection, artifact_id: ArtifactId) -> list[StepRunRecord]:
    """Return the step runs that took an artifact as an input, oldest first."""
    every = select(*STEP_COLUMNS)
    computed = every.join(consumers, consumers.c.step_run_id == step_runs.c.id).where(
        consumers.c.artifact_id == artifact_id
    )
    reused = every.where(
        step_runs.c.id > artifact_id,  # ids lie in the order of their making
        step_runs.c.cached == 1,
        func.instr(step_runs.c.inputs, artifact_id) > 0,
    )
    found = [step for query in (computed, reused) for step in fetch(connection, query, decode_step)]
    return sorted({step.id: step for step in found}.values(), key=lambda step: step.id)


def list_step_runs(
    connection: Connection, *, step: str | None, before: StepRunId | None, limit: int | None
) -> list[StepRunRecord]:
    """Return step runs that have a cache key, newest first."""
    query = select(*STEP_COLUMNS).where(step_runs.c.cache_key.is_not(None))
    if step is not None:
        query = query.where(step_runs.c.step == step)
    if before is not None:
        query = query.where(step_runs.c.id < before)
    return fetch(connection, query.order_by(step_runs.c.id.desc()).limit(limit), decode_step)


def list_artifacts_of_steps(
    connection: Connection, run_id: RunId
) -> dict[StepRunId, StepArtifacts]:
    """Return the artifacts around every step run of a run, in two queries."""
    query = select(*LINK_COLUMNS).where(step_runs.c.run_id == run_id)
    links = fetch(connection, query.order_by(step_runs.c.position), _Links)
    known = _fetch_artifacts(connection, {name for link in links for name in link.artifact_ids})
    return {link.step_run_id: link.resolve(known) for link in links}


def list_artifacts(
    connection: Connection,
    *,
    run_id: RunId | None,
    id_suffix: str | None,
    model: str | None,
    limit: int | None,
) -> list[ArtifactRecord]:
    """Return artifacts, newest first."""
    query = select(artifacts).order_by(artifacts.c.id.desc()).limit(limit)
    if run_id is not None:
        query = query.where(artifacts.c.run_id == run_id)
    if id_suffix is not None:
        query = query.where(_ends_with(artifacts.c.id, id_suffix))
    if model is not None:
        query = query.where(artifacts.c.model == model)
    return fetch(connection, query, decode_artifact)


def find_artifact(connection: Connection, artifact_id: ArtifactId) -> ArtifactRecord | None:
    """Return one artifact."""
    query = select(artifacts).where(artifacts.c.id == artifact_id)
    return _first(fetch(connection, query, decode_artifact))


def list_annotations(
    connection: Connection, subjects: Sequence[str], *, withdrawn: bool
) -> list[AnnotationRecord]:
    """Return what people said of *subjects*, oldest first, in one query however many they are."""
    wanted = func.json_each(json.dumps(list(subjects))).table_valued("value")
    query = select(annotations).where(annotations.c.subject.in_(select(wanted.c.value)))
    if not withdrawn:
        query = query.where(annotations.c.withdrawn_at.is_(None))
    return fetch(connection, query.order_by(annotations.c.id), _decode_annotation)


def list_last_metrics(
    connection: Connection, run_ids: Sequence[RunId]
) -> dict[RunId, list[LastMetric]]:
    """Return the last value of each metric of runs that have ended, however many, in one query."""
    wanted = func.json_each(json.dumps(list(run_ids))).table_valued("value")
    query = select(run_metrics).where(run_metrics.c.run_id.in_(select(wanted.c.value)))
    found: dict[RunId, list[LastMetric]] = {}
    for run_id, metric in fetch(connection, query, _decode_last_metric):
        found.setdefault(run_id, []).append(metric)
    return found


def find_content(connection: Connection, digest: str) -> Content | None:
    """Return what is recorded of a content."""
    query = select(*_CONTENT_COLUMNS).where(contents.c.digest == digest)
    return _first(fetch(connection, query, lambda row: decode_content(*row)))


def find_contents(connection: Connection, digests: Iterable[str]) -> dict[str, Content]:
    """Return what is recorded of contents, by digest, in one query however many they are."""
    query = select(*_CONTENT_COLUMNS).where(contents.c.digest.in_(_among(digests)))
    found = fetch(connection, query, lambda row: decode_content(*row))
    return {content.digest: content for content in found}


# ---------------------------------------------------------------------- queries


def _ends_with(column: Any, suffix: str) -> Any:
    return func.substr(column, -len(suffix)) == suffix


def _fetch_artifacts(
    connection: Connection, artifact_ids: Iterable[str]
) -> dict[str, ArtifactRecord]:
    """Return artifacts by id, in one query however many they are."""
    query = select(artifacts).where(artifacts.c.id.in_(_among(artifact_ids)))
    return {found.id: found for found in fetch(connection, query, decode_artifact)}


def _among(names: Iterable[str]) -> Select[Any]:
    wanted = func.json_each(json.dumps(list(names))).table_valued("value")
    return select(wanted.c.value)


def _first(found: Sequence[Found]) -> Found | None:
    return found[0] if found else None


# ---------------------------------------------------------------------- records

_LINKS = {"inputs", "outputs", "extras"}
_computed = step_runs.alias("computed")


def _as_computed(column: Column[Any]) -> ColumnElement[Any]:
    """Return a column of a step run, or of the one that computed what it reused."""
    original = select(_computed.c[column.name]).where(_computed.c.id == step_runs.c.reused_from)
    return func.coalesce(original.scalar_subquery(), column).label(column.name)


def _choose(names: Collection[str]) -> list[ColumnElement[Any]]:
    shown_of_computed = {"metadata", "log_digest", "extras"}
    return [
        _as_computed(column) if column.name in shown_of_computed else column
        for column in step_runs.columns
        if column.name in names
    ]


_tags_now = (
    select(func.json_group_array(run_tags.c.tag))
    .where(run_tags.c.run_id == runs.c.id)
    .correlate(runs)
    .scalar_subquery()
)
_RUN_COLUMNS = [*runs.columns, _tags_now.label("tags_now")]
_CONTENT_COLUMNS = [
    contents.c.digest,
    contents.c.size,
    contents.c.files,
    contents.c.inline,
    contents.c.collected_at,
    contents.c.condemned_by,
]
LINK_COLUMNS = _choose({"id", *_LINKS})
STEP_COLUMNS = _choose({column.name for column in step_runs.columns} - {*_LINKS, "reusable"})


def _decode_run(row: Row[Any]) -> RunRecord:
    ended = row.ended_at is not None
    return RunRecord(
        id=row.id,
        pipeline=row.pipeline,
        name=row.name,
        status=decode_run_status(row.status, ended=ended),
        started_at=decode_moment(row.started_at),
        ended_at=decode_moment(row.ended_at) if ended else None,
        duration=row.duration,
        parameters=decode_named(row.parameters),
        tags=_order_tags(decode_list(row.tags), decode_list(row.tags_now)),
        outputs=row.outputs,
        error=decode_error(row.error),
        environment=decode_named(row.environment),
        resumes=row.resumes,
        owner=decode_owner(row.owner),
        origin=row.origin,
        earlier_results=decode_named(row.earlier_results or "{}"),
    )


def _order_tags(at_start: list[str], now: list[str]) -> tuple[str, ...]:
    """Return the tags that hold: first those that the run was started with, in their order."""
    kept = [tag for tag in at_start if tag in now]
    return tuple(dict.fromkeys([*kept, *sorted(now)]))


def decode_step(row: Row[Any]) -> StepRunRecord:
    """Return the step run of a row."""
    return StepRunRecord(
        id=row.id,
        run_id=row.run_id,
        node=row.node,
        step=row.step,
        position=row.position,
        status=decode_step_status(row.status, ended=row.duration is not None),
        cached=bool(row.cached),
        started_at=None if row.started_at is None else decode_moment(row.started_at),
        duration=row.duration,
        parameters=decode_named(row.parameters),
        depends_on=tuple(decode_list(row.depends_on)),
        error=decode_error(row.error),
        metadata=decode_named(row.metadata),
        log_digest=row.log_digest,
        cache_key=row.cache_key,
        reused_from=row.reused_from,
        not_reused=row.not_reused,
        parent=row.parent,
        attempts=decode_attempts(row.attempts),
        usage=decode_usage(row.usage),
    )


def _decode_annotation(row: Row[Any]) -> AnnotationRecord:
    withdrawn = row.withdrawn_at
    return AnnotationRecord(
        id=row.id,
        subject=row.subject,
        kind=AnnotationKind(row.kind),
        text=decode_text(row.text),
        who=row.who,
        made_at=decode_moment(row.made_at),
        withdrawn_at=None if withdrawn is None else decode_moment(withdrawn),
        withdrawn_by=row.withdrawn_by,
    )


def _decode_last_metric(row: Row[Any]) -> tuple[RunId, LastMetric]:
    value = math.nan if row.value is None else float(row.value)
    return RunId(row.run_id), LastMetric(row.node, decode_text(row.name), value, row.mode)


class _Links:
    """The artifacts that one step run names."""

    def __init__(self, row: Row[Any]) -> None:
        self.step_run_id = StepRunId(row.id)
        self._inputs = [InputRecord(*link) for link in decode_list(row.inputs or "[]")]
        self._outputs: list[str] = decode_list(row.outputs or "[]")
        self._extras: list[str] = decode_list(row.extras or "[]")

    @property
    def artifact_ids(self) -> list[str]:
        """The ids of all of them."""
        return [*(link.artifact_id for link in self._inputs), *self._outputs, *self._extras]

    def resolve(self, known: dict[str, ArtifactRecord]) -> StepArtifacts:
        """Return the artifacts themselves; those whose record is damaged are left out."""
        inputs = tuple(
            (link, known[link.artifact_id]) for link in self._inputs if link.artifact_id in known
        )
        outputs = tuple(known[name] for name in self._outputs if name in known)
        extras = tuple(known[name] for name in self._extras if name in known)
        return StepArtifacts(inputs, outputs, extras)
