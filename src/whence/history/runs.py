"""Runs and step runs, as their records tell of them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from whence.domain.artifacts import Artifact
from whence.domain.ids import RunId, StepRunId, short_id
from whence.domain.output_shape import (
    CollectionKind,
    CollectionShape,
    Leaf,
    MissingShape,
    NothingShape,
    OutputShape,
    map_shape,
)
from whence.domain.records import (
    ArtifactRecord,
    AttemptRecord,
    ErrorRecord,
    RunRecord,
    StepRunRecord,
    StepUsage,
)
from whence.domain.status import RunStatus, StepStatus
from whence.errors import RecordNotFoundError
from whence.history.annotations import Annotatable, Annotations
from whence.history.input_views import nest_inputs
from whence.history.members import Members
from whence.history.metrics import Metrics
from whence.history.pictures import find_pictures
from whence.history.plain_values import decode_leniently
from whence.history.reports.artifact_tables import report_artifacts
from whence.history.reports.quantities import format_duration
from whence.history.reports.report import Report
from whence.history.reports.run_report import report_outputs, report_run, report_steps
from whence.history.reports.shown import Shown
from whence.history.reports.step_report import report_step
from whence.history.run_records import RunRecords
from whence.history.step_logs import read_log
from whence.history.stored_artifact import open_artifact
from whence.stacks.stack import Stack
from whence.values.class_names import find_named_tuple

R_co = TypeVar("R_co", covariant=True)


class Run(Shown, Annotatable, Generic[R_co]):
    """One run of a pipeline: what it was given, what it did and what came of it.

    Steps, artifacts and metrics are looked up when they are first asked for, and then stay as they
    were; of a run that goes on, `whence.run(id)` gives the newer state.
    """

    def __init__(self, record: RunRecord, stack: Stack) -> None:
        self._records = RunRecords(record, stack)

    @property
    def id(self) -> RunId:
        """The id; listings show its last characters."""
        return self._records.run.id

    @property
    def name(self) -> str | None:
        """The name that it was given, if any."""
        return self._records.run.name

    @property
    def pipeline(self) -> str:
        """The name of the pipeline."""
        return self._records.run.pipeline

    @property
    def status(self) -> RunStatus:
        """How it stands."""
        return self._records.run.status

    @property
    def started_at(self) -> datetime:
        """When it began, in UTC."""
        return self._records.run.started_at

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, in UTC; None while it goes on."""
        return self._records.run.ended_at

    @property
    def duration(self) -> float | None:
        """How long it took, in seconds; None while it goes on."""
        return self._records.run.duration

    @property
    def resumes(self) -> RunId | None:
        """The run that it goes on from, if any."""
        return self._records.run.resumes

    @property
    def annotations(self) -> Annotations:
        """What people said of it."""
        return self._records.annotations

    @property
    def error(self) -> ErrorRecord | None:
        """Why it failed: type, message and traceback of the first failure."""
        return self._records.run.error

    @property
    def environment(self) -> Mapping[str, str]:
        """What it ran on."""
        return self._records.run.environment

    @property
    def record(self) -> RunRecord:
        """The bare record."""
        return self._records.run

    @property
    def records(self) -> RunRecords:
        """The bare records of the run and of all that belongs to it."""
        return self._records

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The values of all parameters; those of steps by `node.parameter`.

        Where a value's class is not imported here, its plain data stands in its place.
        """
        return _decode(self._records.run.parameters)

    @cached_property
    def steps(self) -> "Members[StepRun]":
        """The step runs by node, in the order of placing."""
        found = {step.node: StepRun(step, self._records) for step in self._records.steps}
        return Members("step", found, lambda: report_steps(self._records))

    @cached_property
    def earlier_results(self) -> Mapping[str, Artifact]:
        """The results of earlier runs that it took, by the names that its body used."""
        records = self._records
        return {
            each.name: open_artifact(each.artifact, records.stack, open_step_run)
            for each in records.earlier_results
        }

    @cached_property
    def outputs(self) -> Members[Any]:
        """What the body returned: named by its dict or NamedTuple, else `result`.

        Each is an artifact, or the list, tuple, dict or NamedTuple of artifacts that it returned.
        """
        found: dict[str, Any] = {}
        absent: dict[str, str] = {}
        for name, shape in name_outputs(self._records.shape).items():
            missing = _find_missing(shape)
            if missing is None or self.status is RunStatus.COMPLETED:
                found[name] = map_shape(shape, self._open, find_named_tuple)
            else:
                absent[name] = self._explain(missing)
        return Members("output", found, lambda: report_outputs(self._records), absent)

    @property
    def metrics(self) -> Metrics:
        """The last value of each metric; all values as `.points` and `.frame()`."""
        return self._records.metrics

    def read(self) -> R_co:
        """Return the value of what the pipeline's body returned.

        What a completed run skipped, as a branch that was not taken, is None. Raises
        `RecordNotFoundError` if a step that it comes from did not complete.
        """
        return map_shape(self._records.shape, self._read, find_named_tuple)

    def _read(self, leaf: Leaf) -> Any:
        artifact = self._open(leaf)
        return None if artifact is None else artifact.read()

    def _open(self, leaf: Leaf) -> Artifact | None:
        if isinstance(leaf, MissingShape):
            if self.status is RunStatus.COMPLETED:
                return None
            name = f"{leaf.node}.{leaf.output}"
            raise RecordNotFoundError(kind="output", name=name, reason=self._explain(leaf))
        record = self._records.find_artifact(leaf.artifact_id)
        if record is None:
            raise RecordNotFoundError(kind="artifact", name=leaf.artifact_id)
        return open_artifact(record, self._records.stack, open_step_run, self._records.run.id)

    def _explain(self, missing: MissingShape) -> str:
        status = next((s.status for s in self._records.steps if s.node == missing.node), "absent")
        return f"It comes from step '{missing.node}', which is {status}."

    def _one_line(self) -> str:
        spent = f", {format_duration(self.duration)}" if self.duration is not None else ""
        name = f" '{self.name}'" if self.name else ""
        return f"<Run {short_id(self.id)}{name} of {self.pipeline}: {self.status}{spent}>"

    def _report(self) -> Report:
        return report_run(self._records)


class StepRun(Shown):
    """One step of one run."""

    def __init__(self, record: StepRunRecord, records: RunRecords) -> None:
        self._record = record
        self._records = records

    @property
    def id(self) -> StepRunId:
        """The id of this step run."""
        return self._record.id

    @property
    def node(self) -> str:
        """The node that it ran for."""
        return self._record.node

    @property
    def step(self) -> str:
        """The name of the step that filled the node."""
        return self._record.step

    @property
    def status(self) -> StepStatus:
        """How it stands."""
        return self._record.status

    @property
    def cached(self) -> bool:
        """Whether its outputs were there already."""
        return self._record.cached

    @property
    def started_at(self) -> datetime | None:
        """When it began, in UTC; None if it never did."""
        return self._record.started_at

    @property
    def duration(self) -> float | None:
        """How long it took, in seconds."""
        return self._record.duration

    @property
    def error(self) -> ErrorRecord | None:
        """Why it failed: type, message and traceback."""
        return self._record.error

    @property
    def attempts(self) -> tuple[AttemptRecord, ...]:
        """How often it was tried, and why again; empty if it was tried once."""
        return self._record.attempts

    @property
    def usage(self) -> StepUsage | None:
        """What it used of CPU, memory and storage; None of a short one, and of a reused one."""
        return self._record.usage

    @property
    def record(self) -> StepRunRecord:
        """The bare record."""
        return self._record

    @property
    def run(self) -> Run[Any]:
        """The run that it belongs to."""
        return Run(self._records.run, self._records.stack)

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The values of its parameters; plain data where a class is not imported here."""
        return _decode(self._record.parameters)

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """What it reported by `log_metadata`."""
        return _decode(self._record.metadata)

    @cached_property
    def inputs(self) -> Members[Any]:
        """The artifacts that it took, by argument; a list or dict of them where it took several."""
        taken = [(each, self.open_artifact(artifact)) for each, artifact in self._around.inputs]
        records = {each.argument + each.path: found for each, found in self._around.inputs}
        return Members("input", nest_inputs(taken), self._reporting("inputs", records))

    @cached_property
    def outputs(self) -> Members[Artifact]:
        """The artifacts that it made, by output."""
        return self._members("output", self._around.outputs)

    @cached_property
    def artifacts(self) -> Members[Artifact]:
        """What it kept by `log_artifact`."""
        return self._members("artifact", self._around.extras)

    @cached_property
    def metrics(self) -> Metrics:
        """The metrics that it reported."""
        return self._records.metrics_of(self._record)

    def logs(self) -> str:
        """Return what it printed and logged, as far as it has come."""
        return read_log(self._record, self._records.stack)

    @property
    def _around(self) -> Any:
        return self._records.artifacts_of(self._record.id)

    @property
    def records(self) -> RunRecords:
        """The bare records of its run."""
        return self._records

    def open_artifact(self, record: ArtifactRecord) -> Artifact:
        """Return an artifact around it by its record."""
        return open_artifact(record, self._records.stack, open_step_run, self._records.run.id)

    def _members(self, kind: str, records: tuple[ArtifactRecord, ...]) -> Members[Artifact]:
        found = {record.name: self.open_artifact(record) for record in records}
        shown = {record.name: record for record in records}
        return Members(kind, found, self._reporting(f"{kind}s", shown))

    def _reporting(self, kind: str, records: Mapping[str, ArtifactRecord]) -> Callable[[], Report]:
        title, stack = f"{kind} of {self.node}", self._records.stack
        return lambda: report_artifacts(title, records, find_pictures(records.values(), stack))

    def _one_line(self) -> str:
        spent = f", {format_duration(self.duration)}" if self.duration is not None else ""
        cached = ", cached" if self.cached else ""
        run = short_id(self._record.run_id)
        return f"<StepRun {self.node} of run {run}: {self.status}{cached}{spent}>"

    def _report(self) -> Report:
        return report_step(self._record, self._records)


def open_step_run(record: StepRunRecord, stack: Stack) -> StepRun:
    """Return a step run of whatever run it belongs to. Raises `RecordNotFoundError`."""
    run = stack.metadata_store.find_run(record.run_id)
    if run is None:
        raise RecordNotFoundError(kind="run", name=record.run_id)
    return StepRun(record, RunRecords(run, stack))


def name_outputs(shape: OutputShape) -> dict[str, OutputShape]:
    """Return the named outputs of a run: of a dict or NamedTuple, its items; else one `result`."""
    named = {CollectionKind.DICT, CollectionKind.NAMED_TUPLE}
    if isinstance(shape, CollectionShape) and shape.kind in named:
        return {str(name): item for name, item in shape.items}
    return {} if isinstance(shape, NothingShape) else {"result": shape}


def _find_missing(shape: OutputShape) -> MissingShape | None:
    if isinstance(shape, CollectionShape):
        return next((found for _, item in shape.items if (found := _find_missing(item))), None)
    return shape if isinstance(shape, MissingShape) else None


def _decode(recorded: Mapping[str, str]) -> dict[str, Any]:
    return {name: decode_leniently(text) for name, text in recorded.items()}
