"""Events as rows: one statement a table for a whole batch of events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    func,
    literal_column,
    or_,
    update,
)
from sqlalchemy.dialects import sqlite

from whence.domain.contents import Content
from whence.domain.records import (
    AcceptanceChanged,
    AcceptanceRecord,
    ArtifactRecord,
    Event,
    RunFinished,
    RunRecord,
    RunStarted,
    StepFinished,
    StepRunRecord,
    StepStarted,
    ValueStored,
)
from whence.domain.status import StepStatus
from whence.metadata_stores.encoding import (
    encode_error,
    encode_files,
    encode_inline,
    encode_inputs,
    encode_json,
    encode_moment,
    encode_named,
    encode_names,
)
from whence.metadata_stores.tables import (
    acceptances,
    artifacts,
    cache_keys,
    code_texts,
    contents,
    metrics,
    run_tags,
    runs,
    step_runs,
)

Row = dict[str, Any]

_NEW = "new_"  # before the name of a value that SQLAlchemy would take for its column


class Statement:
    """A statement compiled once, for rows given as mappings."""

    def __init__(self, clause: ClauseElement) -> None:
        compiled: Any = clause.compile(dialect=sqlite.dialect())
        names = [name.removeprefix(_NEW) for name in compiled.positiontup]
        self._text = str(compiled)
        self._values: Callable[[Row], Any] = itemgetter(*names)

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Execute it for all of *rows* at once; return how many rows were met."""
        values = list(map(self._values, rows))
        try:
            return connection.exec_driver_sql(self._text, values).rowcount
        except UnicodeEncodeError:  # a name with half a surrogate pair
            return connection.exec_driver_sql(self._text, list(map(_clean, values))).rowcount


def _clean(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(
        value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for value in values
    )


def _insert(table: Table, *, replace: Sequence[str] = ()) -> Statement:
    """Return an insertion that leaves a row that is there, but for the columns to *replace*."""
    insertion = sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    if not replace:
        return Statement(insertion.on_conflict_do_nothing(index_elements=keys))
    changed = {name: insertion.excluded[name] for name in replace}
    return Statement(insertion.on_conflict_do_update(index_elements=keys, set_=changed))


def _insert_content() -> Statement:
    """Return an insertion that adds the bytes to a content that had none: they verify for ever."""
    insertion = sqlite.insert(contents)
    return Statement(
        insertion.on_conflict_do_update(
            index_elements=["digest"],
            set_={"inline": insertion.excluded.inline},
            where=contents.c.inline.is_(None) & insertion.excluded.inline.is_not(None),
        )
    )


def _insert_acceptance() -> Statement:
    """Return an insertion that also withdraws; nothing makes a withdrawn acceptance hold again."""
    insertion = sqlite.insert(acceptances)
    changed = {name: insertion.excluded[name] for name in ("withdrawn_at", "withdrawn_by")}
    return Statement(
        insertion.on_conflict_do_update(
            index_elements=["id"], set_=changed, where=acceptances.c.withdrawn_at.is_(None)
        )
    )


def _coalesce(name: str, column: Column[Any]) -> ColumnElement[Any]:
    value: ColumnElement[Any] = bindparam(name)
    return func.coalesce(value, column)


def _advance_step() -> Statement:
    """Return an update that serves a start and an end alike: empty values change nothing.

    A start changes a pending row only, so that it may come twice or late.
    """
    kept = {"id", "run_id", "node", "step", "position", "depends_on"}
    names = [column.name for column in step_runs.columns if column.name not in kept]
    values = {name: _coalesce(_NEW + name, step_runs.c[name]) for name in names}
    in_time = or_(
        bindparam(_NEW + "status") != literal_column(f"'{StepStatus.RUNNING}'"),
        step_runs.c.status == literal_column(f"'{StepStatus.PENDING}'"),
    )
    return Statement(
        update(step_runs).where(step_runs.c.id == bindparam(_NEW + "id"), in_time).values(values)
    )


_RUN_END = [column.name for column in runs.columns if column.name != "id"]
_START_RUN, _END_RUN = _insert(runs), _insert(runs, replace=_RUN_END)
_TAG_RUN = _insert(run_tags)
_ADD_CONTENT = _insert_content()
_ADD_ARTIFACT = _insert(artifacts)
_ADD_STEP, _ADVANCE_STEP = _insert(step_runs), _advance_step()
_ADD_METRIC = _insert(metrics)
_ADD_KEY, _ADD_TEXT = _insert(cache_keys), _insert(code_texts)
_CHANGE_ACCEPTANCE = _insert_acceptance()
_NOTHING_NEW: Row = dict.fromkeys(step_runs.columns.keys())


class Batch:
    """The rows of some events, by the statement that writes them."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._started_runs: list[Row] = []
        self._ended_runs: list[Row] = []
        self._tags: list[Row] = []
        self._contents: list[Row] = []
        self._artifacts: list[Row] = []
        self._new_steps: list[Row] = []
        self._started_steps: list[Row] = []
        self._ended_steps: list[Row] = []
        self._metrics: list[Row] = []
        self._keys: list[Row] = []
        self._texts: dict[str, str] = {}
        self._acceptances: list[Row] = []
        events = tuple(events)
        self._ended = {event.step.id for event in events if isinstance(event, StepFinished)}
        self._announced: set[str] = set()
        for event in events:
            self._add(event)

    def write(self, connection: Connection) -> None:
        """Write all rows; each table comes after those that it refers to."""
        self._write_rows(connection, _START_RUN, self._started_runs)
        self._write_rows(connection, _END_RUN, self._ended_runs)
        self._write_rows(connection, _TAG_RUN, self._tags)
        self._write_rows(connection, _ADD_CONTENT, self._contents)
        self._write_rows(connection, _ADD_ARTIFACT, self._artifacts)
        self._write_rows(connection, _ADD_STEP, self._new_steps)
        self._advance_steps(connection)
        self._write_rows(connection, _ADD_METRIC, self._metrics)
        self._write_rows(connection, _ADD_KEY, self._keys)
        self._write_rows(connection, _ADD_TEXT, _text_rows(self._texts))
        self._write_rows(connection, _CHANGE_ACCEPTANCE, self._acceptances)

    def _write_rows(self, connection: Connection, statement: Statement, rows: list[Row]) -> None:
        if rows:
            statement.execute(connection, rows)

    def _advance_steps(self, connection: Connection) -> None:
        """Let steps start and end; those that no run announced are added as they are."""
        advanced = self._started_steps + self._ended_steps
        if advanced and _ADVANCE_STEP.execute(connection, advanced) < len(advanced):
            self._write_rows(connection, _ADD_STEP, self._ended_steps)

    # ------------------------------------------------------------------ events

    def _add(self, event: Event) -> None:
        match event:
            case StepFinished():
                self._add_finished_step(event)
            case StepStarted():
                self._started_steps.append(_start_of(event))
            case RunStarted():
                self._add_run(event.run, self._started_runs)
                self._announce(event.steps)
            case RunFinished():
                self._add_run(event.run, self._ended_runs)
            case ValueStored():
                self._contents.append(_content_row(event.content))
                self._artifacts.append(_artifact_row(event.artifact))
            case AcceptanceChanged():
                self._acceptances.append(_acceptance_row(event.acceptance))

    def _add_run(self, run: RunRecord, rows: list[Row]) -> None:
        rows.append(_run_row(run))
        self._tags.extend({"tag": tag, "run_id": run.id} for tag in run.tags)

    def _announce(self, steps: Iterable[StepRunRecord]) -> None:
        """Add steps that wait; one that has ended in the meantime is added as it ended."""
        self._announced.update(step.id for step in steps)
        self._new_steps.extend(_step_row(step) for step in steps if step.id not in self._ended)

    def _add_finished_step(self, event: StepFinished) -> None:
        self._contents.extend(map(_content_row, event.contents))
        if event.step.reused_from is None:  # else they are recorded, by who computed them
            self._artifacts.extend(map(_artifact_row, event.outputs))
        self._artifacts.extend(map(_artifact_row, event.extras))
        rows = self._new_steps if event.step.id in self._announced else self._ended_steps
        rows.append(_finished_row(event))
        if event.metrics:
            self._metrics.extend(_metric_rows(event))
        if event.key_parts is not None:
            self._keys.append({"key": event.step.cache_key, "parts": event.key_parts})
        if event.texts:
            self._texts.update(event.texts)


def _run_row(run: RunRecord) -> Row:
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "name": run.name,
        "status": run.status.value,
        "started_at": encode_moment(run.started_at),
        "ended_at": None if run.ended_at is None else encode_moment(run.ended_at),
        "duration": run.duration,
        "parameters": encode_json(dict(run.parameters)),
        "tags": encode_json(run.tags),
        "outputs": run.outputs,
        "error": encode_error(run.error),
        "environment": encode_json(dict(run.environment)),
    }


def _step_row(step: StepRunRecord) -> Row:
    return {
        "id": step.id,
        "run_id": step.run_id,
        "node": step.node,
        "step": step.step,
        "position": step.position,
        "status": step.status.value,
        "cached": int(step.cached),
        "started_at": None if step.started_at is None else encode_moment(step.started_at),
        "duration": step.duration,
        "parameters": encode_named(step.parameters),
        "depends_on": encode_names(step.depends_on),
        "error": encode_error(step.error),
        "metadata": encode_named(step.metadata),
        "log_digest": step.log_digest,
        "inputs": None,
        "outputs": None,
        "extras": None,
        "cache_key": step.cache_key,
        "reused_from": step.reused_from,
        "not_reused": step.not_reused,
        "reusable": None,
    }


def _finished_row(event: StepFinished) -> Row:
    row = _step_row(event.step)
    row["inputs"] = encode_inputs(event.inputs)
    row["outputs"] = encode_names([artifact.id for artifact in event.outputs])
    row["extras"] = encode_names([artifact.id for artifact in event.extras])
    row["reusable"] = int(event.reusable)
    return row


def _start_of(event: StepStarted) -> Row:
    return _NOTHING_NEW | {
        "id": event.step_run_id,
        "status": StepStatus.RUNNING.value,
        "started_at": encode_moment(event.started_at),
    }


def _content_row(content: Content) -> Row:
    return {
        "digest": content.digest,
        "size": content.size,
        "files": encode_files(content.files),
        "inline": encode_inline(content),
    }


def _artifact_row(artifact: ArtifactRecord) -> Row:
    return {
        "id": artifact.id,
        "digest": artifact.digest,
        "size": artifact.size,
        "type": artifact.type,
        "family": artifact.family,
        "format": artifact.format,
        "value_type": artifact.value_type,
        "name": artifact.name,
        "run_id": artifact.run_id,
        "step_run_id": artifact.step_run_id,
        "created_at": encode_moment(artifact.created_at),
    }


def _metric_rows(event: StepFinished) -> Iterable[Row]:
    for position, (point, reported_at) in enumerate(event.metrics):
        yield {
            "step_run_id": event.step.id,
            "position": position,
            "name": point.name,
            "value": point.value,  # SQLite keeps what is not a number as empty
            "step": point.step,
            "mode": point.mode,
            "reported_at": encode_moment(reported_at),
        }


def _text_rows(texts: Mapping[str, str]) -> list[Row]:
    return [{"digest": digest, "text": text} for digest, text in texts.items()]


def _acceptance_row(acceptance: AcceptanceRecord) -> Row:
    withdrawn = acceptance.withdrawn_at
    return {
        "id": acceptance.id,
        "kind": acceptance.kind,
        "subject": acceptance.subject,
        "old": acceptance.old,
        "new": acceptance.new,
        "who": acceptance.who,
        "reason": acceptance.reason,
        "made_at": encode_moment(acceptance.made_at),
        "withdrawn_at": None if withdrawn is None else encode_moment(withdrawn),
        "withdrawn_by": acceptance.withdrawn_by,
    }
