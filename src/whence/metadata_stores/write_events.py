"""Events as rows: one statement a table for a whole batch of events."""

from collections.abc import Iterable

from sqlalchemy import Connection

from whence.domain.records import (
    AcceptanceChanged,
    AnnotationChanged,
    ContentNeeded,
    Event,
    RunCrashed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepRetried,
    StepRunRecord,
    StepsAdded,
    StepStarted,
    ValueStored,
)
from whence.metadata_stores.event_rows import (
    Row,
    acceptance_row,
    annotation_row,
    artifact_row,
    complete_reused,
    content_row,
    crash_row,
    finished_row,
    is_plainly_reused,
    retry_of,
    reused_row,
    run_row,
    start_of,
    step_row,
    text_rows,
    version_row,
)
from whence.metadata_stores.metric_rows import metric_rows
from whence.metadata_stores.statements import (
    ADD_ARTIFACT,
    ADD_CONTENT,
    ADD_KEY,
    ADD_METRIC,
    ADD_REUSED_STEP,
    ADD_STEP,
    ADD_TEXT,
    ADD_VERSION,
    ADVANCE_STEP,
    CHANGE_ACCEPTANCE,
    CHANGE_ANNOTATION,
    CRASH_RUN,
    END_CRASHED_STEPS,
    END_RUN,
    KEEP_LAST_METRICS,
    KEEP_METRICS_OF_CRASHED,
    SPARE_CONTENT,
    START_RUN,
    TELL_ATTEMPTS,
    Statement,
)


class Batch:
    """The rows of some events, by the statement that writes them."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._started_runs: list[Row] = []
        self._ended_runs: list[Row] = []
        self._crashed_runs: list[Row] = []
        self._contents: list[Row] = []
        self._needed: list[Row] = []
        self._artifacts: list[Row] = []
        self._new_steps: list[Row] = []
        self._reused_steps: list[Row] = []
        self._started_steps: list[Row] = []
        self._ended_steps: list[Row] = []
        self._retried_steps: list[Row] = []
        self._metrics: list[Row] = []
        self._measured_steps: list[Row] = []
        self._keys: list[Row] = []
        self._texts: dict[str, str] = {}
        self._versions: list[Row] = []
        self._acceptances: list[Row] = []
        self._annotations: list[Row] = []
        events = tuple(events)
        self._ended = {event.step.id for event in events if isinstance(event, StepFinished)}
        self._announced: set[str] = set()
        for event in events:
            self._add(event)

    def write(self, connection: Connection) -> None:
        """Write all rows; each table comes after those that it refers to."""
        self._write_rows(connection, START_RUN, self._started_runs)
        self._write_rows(connection, END_RUN, self._ended_runs)
        self._write_rows(connection, ADD_CONTENT, self._contents)
        self._write_rows(connection, SPARE_CONTENT, self._needed)
        self._write_rows(connection, ADD_ARTIFACT, self._artifacts)
        self._add_steps(connection)
        self._advance_steps(connection)
        self._write_rows(connection, TELL_ATTEMPTS, self._retried_steps)
        self._write_rows(connection, ADD_METRIC, self._metrics)
        self._write_rows(connection, ADD_KEY, self._keys)
        self._write_rows(connection, ADD_TEXT, text_rows(self._texts))
        self._write_rows(connection, ADD_VERSION, self._versions)
        self._write_rows(connection, CHANGE_ACCEPTANCE, self._acceptances)
        self._write_rows(connection, CHANGE_ANNOTATION, self._annotations)
        self._write_rows(connection, KEEP_LAST_METRICS, self._measured_steps)
        for statement in (CRASH_RUN, *END_CRASHED_STEPS, KEEP_METRICS_OF_CRASHED):
            self._write_rows(connection, statement, self._crashed_runs)

    def _write_rows(self, connection: Connection, statement: Statement, rows: list[Row]) -> None:
        if rows:
            statement.execute(connection, rows)

    def _add_steps(self, connection: Connection) -> None:
        """Add steps; those that are there already, from an earlier word of them, may end now."""
        reused = self._reused_steps
        if reused and ADD_REUSED_STEP.execute(connection, reused) < len(reused):
            self._ended_steps += map(complete_reused, reused)
        added = self._new_steps
        if added and ADD_STEP.execute(connection, added) < len(added):
            self._ended_steps += [row for row in added if row["id"] in self._ended]

    def _advance_steps(self, connection: Connection) -> None:
        """Let steps start and end; those that no run announced are added as they are."""
        advanced = self._started_steps + self._ended_steps
        if advanced and ADVANCE_STEP.execute(connection, advanced) < len(advanced):
            self._write_rows(connection, ADD_STEP, self._ended_steps)

    # ------------------------------------------------------------------ events

    def _add(self, event: Event) -> None:  # noqa: C901  # one case for each kind of event
        match event:
            case StepFinished():
                self._add_finished_step(event)
            case StepStarted():
                self._started_steps.append(start_of(event))
            case StepRetried():
                self._contents.extend(map(content_row, event.contents))
                self._retried_steps.append(retry_of(event))
            case StepsAdded():
                self._announce(event.steps)
            case RunStarted():
                self._started_runs.append(run_row(event.run))
                self._announce(event.steps)
            case RunFinished():
                self._ended_runs.append(run_row(event.run))
                self._measured_steps.extend({"id": step_id} for step_id in event.measured)
            case RunCrashed():
                self._crashed_runs.append(crash_row(event))
            case ContentNeeded():
                self._needed.append({"digest": event.digest})
            case ValueStored():
                self._contents.append(content_row(event.content))
                self._artifacts.append(artifact_row(event.artifact))
            case AcceptanceChanged() | AnnotationChanged():
                self._add_word(event)

    def _add_word(self, event: AcceptanceChanged | AnnotationChanged) -> None:
        """Add what a person said."""
        if isinstance(event, AnnotationChanged):
            self._annotations.append(annotation_row(event.annotation))
        else:
            self._acceptances.append(acceptance_row(event.acceptance))

    def _announce(self, steps: Iterable[StepRunRecord]) -> None:
        """Add steps that wait; one that has ended in the meantime is added as it ended."""
        self._announced.update(step.id for step in steps)
        self._new_steps.extend(step_row(step) for step in steps if step.id not in self._ended)

    def _add_finished_step(self, event: StepFinished) -> None:
        if event.contents:
            self._contents.extend(map(content_row, event.contents))
        if event.step.reused_from is None:  # else they are recorded, by who computed them
            self._artifacts.extend(map(artifact_row, event.outputs))
        if event.extras:
            self._artifacts.extend(map(artifact_row, event.extras))
        if event.is_first and is_plainly_reused(event):
            self._reused_steps.append(reused_row(event))
        elif event.is_first or event.step.id in self._announced:
            self._new_steps.append(finished_row(event))
        else:
            self._ended_steps.append(finished_row(event))
        if event.metrics:
            self._metrics.extend(metric_rows(event))
        if event.key_parts is not None:
            self._keys.append({"key": event.step.cache_key, "parts": event.key_parts})
        if event.texts:
            self._texts.update(event.texts)
        if event.versions:
            self._versions.extend(map(version_row, event.versions))
