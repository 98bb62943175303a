"""One run, from its first record to its last."""

import functools
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from whence.authoring.options import PipelineOptions
from whence.domain.records import (
    CacheEntry,
    InputRecord,
    RunFinished,
    RunRecord,
    RunStarted,
    StepFinished,
    StepStarted,
)
from whence.domain.status import RunStatus, StepStatus
from whence.engine.execute_step import execute_step
from whence.engine.log_capture import capture_output
from whence.engine.state import (
    CancelAsked,
    EndRun,
    Instruction,
    RunBegins,
    RunState,
    SkipStep,
    StartStep,
    StepEnds,
)
from whence.engine.step_job import StepInput, StepJob, StepResult, StoredOutput
from whence.engine.tracebacks import describe_error
from whence.graph.plan import Plan
from whence.interfaces.orchestrator import SubmittingOrchestrator
from whence.running.attend_run import AttendedRun, attended
from whence.running.handed_values import HandedValues
from whence.running.observers import current_observers
from whence.running.recorder import Recorder
from whence.running.reuse import Prepared, StepReuse
from whence.running.run_records import Filing, finish_step, new_run, new_step, skip_step
from whence.running.shape_outputs import shape_outputs
from whence.running.step_inputs import Produced, resolve_inputs
from whence.stacks.stack import Stack

if TYPE_CHECKING:
    from whence.domain.output_shape import OutputShape

_SECONDS_BETWEEN_LOOKS = 0.05
"""How often it is looked whether another run has computed what this one waits for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: its record, and what its failed steps raised."""

    run: RunRecord
    failures: dict[str, BaseException] = field(default_factory=dict[str, BaseException])


def execute_run(
    plan: Plan,
    stack: Stack,
    orchestrator: SubmittingOrchestrator[StepResult],
    *,
    options: PipelineOptions,
) -> Outcome:
    """Run a plan on a stack; every step and the end of the run are recorded on return.

    Failures of steps are returned, not raised. Raises `StoreError` where records cannot be made.
    """
    new = new_run(plan, options.name, options.tags)
    reuse = StepReuse(plan, stack, reuses=options.cache is not False, refresh=options.refresh)
    try:
        with capture_output(), attended(new, stack.metadata_store) as run:
            return _Execution(plan, stack, orchestrator, run, reuse).drive()
    finally:
        orchestrator.close()
        reuse.close()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A step whose inputs are there."""

    name: str
    inputs: Mapping[str, StepInput]
    records: tuple[InputRecord, ...]
    prepared: Prepared


class _Execution:
    """The state of one run while it goes on."""

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        orchestrator: SubmittingOrchestrator[StepResult],
        attended_run: AttendedRun,
        reuse: StepReuse,
    ) -> None:
        self._plan = plan
        self._stack = stack
        self._orchestrator = orchestrator
        self._run = run = attended_run.record
        self._observers = current_observers()
        self._steps = {name: new_step(run, node) for name, node in plan.nodes.items()}
        self._state = RunState({name: node.depends_on for name, node in plan.nodes.items()})
        self._todo: deque[Instruction] = deque()
        self._reuse = reuse
        self._cancellation = attended_run.cancellation
        self._running: dict[str, _Ready] = {}
        self._awaited: dict[str, _Ready] = {}  # somebody computes their keys just now
        self._is_cancelled = False  # by others
        self._ended: set[str] = set()  # of those that were to start
        self._produced = Produced()
        self._failures: dict[str, BaseException] = {}
        self._recorder = Recorder(stack.metadata_store, reuse.release)
        self._handed = HandedValues(run, stack.artifact_store, self._recorder.record)

    def drive(self) -> Outcome:
        start = perf_counter()
        self._begin()
        while (status := self._advance()) is None:
            pass
        return self._finish(status, perf_counter() - start)

    def _advance(self) -> RunStatus | None:
        """Go on until a step has ended or something may have changed; return how the run ended."""
        try:
            status = self._follow_instructions()
            if status is None:
                self._await_something()
                self._heed_others()
                self._look_again()
        except KeyboardInterrupt as error:  # between steps, or in what is ours of one
            self._interrupt(error)
            return None
        return status

    def _await_something(self) -> None:
        if self._running:
            name, result = self._orchestrator.next_result()
            self._take_result(name, result)
            if isinstance(result.error, KeyboardInterrupt):  # what is queued is not to start either
                self._interrupt(result.error)
        else:
            self._recorder.raise_failure()  # for what is not recorded none can wait
            time.sleep(_SECONDS_BETWEEN_LOOKS)  # no event crosses processes

    def _heed_others(self) -> None:
        """End the run if somebody has asked for that: between two steps nothing is running."""
        if self._cancellation.level and not self._is_cancelled:
            self._is_cancelled = True
            self._interrupt(KeyboardInterrupt("Somebody asked for the end of the run."))

    def _begin(self) -> None:
        by_position = sorted(self._steps.values(), key=lambda step: step.position)
        self._recorder.record(RunStarted(self._run, by_position))
        for observer in self._observers:
            observer.run_started(self._run, self._plan)
        self._todo.extend(self._state.handle(RunBegins()))

    def _follow_instructions(self) -> RunStatus | None:
        """Do all that is to be done now; return the run's status when it is over."""
        while self._todo:
            instruction = self._todo[0]  # it stays there until it is done
            if isinstance(instruction, EndRun):
                return instruction.status
            if isinstance(instruction, StartStep):
                self._start(instruction.node)
            else:
                self._skip(instruction)
            self._todo.popleft()
        return None

    def _start(self, name: str) -> None:
        node = self._plan.nodes[name]
        try:
            inputs, records = resolve_inputs(node, self._produced, self._handed)
            prepared = self._reuse.prepare(node, inputs)
        except Exception as error:  # noqa: BLE001  # a value that cannot be stored fails the step that takes it
            self._fail_early(name, error)
            return
        self._reuse_or_compute(_Ready(name, inputs, records, prepared))

    def _reuse_or_compute(self, ready: _Ready) -> None:
        prepared = self._reuse.secure(self._plan.nodes[ready.name], ready.prepared)
        if prepared is None:
            self._awaited[ready.name] = ready
            return
        if prepared.decision.entry is not None:
            self._take_hit(ready, prepared, prepared.decision.entry)
        else:
            self._submit(ready)
        self._awaited.pop(ready.name, None)

    def _look_again(self) -> None:
        """See whether what other runs compute is there now, or theirs no longer."""
        for ready in tuple(self._awaited.values()):
            self._reuse_or_compute(ready)

    def _submit(self, ready: _Ready) -> None:
        self._running[ready.name] = ready
        log_file = self._stack.logs / self._run.id / f"{self._steps[ready.name].id}.log"
        node = self._plan.nodes[ready.name]
        job = StepJob(node, ready.inputs, self._stack.artifact_store, log_file)
        self._orchestrator.submit(ready.name, functools.partial(self._execute, job))

    def _take_hit(self, ready: _Ready, prepared: Prepared, entry: CacheEntry) -> None:
        outputs = self._plan.nodes[ready.name].step.outputs
        for record in entry.outputs:
            if record.name in outputs:
                stored = StoredOutput(outputs[record.name], entry.contents[record.digest])
                self._produced.add(ready.name, stored, record)
        finished = self._reuse.describe_hit(
            self._steps[ready.name], prepared, ready.records, datetime.now(UTC)
        )
        self._close_step(finished)

    def _execute(self, job: StepJob) -> StepResult:
        name = job.node.name
        self._recorder.record(StepStarted(self._steps[name].id, datetime.now(UTC)))
        for observer in self._observers:
            observer.step_started(name)
        return execute_step(job, functools.partial(self._report_progress, name))

    def _report_progress(self, name: str, done: int, total: int | None) -> None:
        for observer in self._observers:
            observer.step_progressed(name, done, total)

    def _fail_early(self, name: str, error: BaseException) -> None:
        result = StepResult(StepStatus.FAILED, datetime.now(UTC), 0.0, error=error)
        self._end_step(name, finish_step(self._steps[name], result, (), Filing()), result)

    def _take_result(self, name: str, result: StepResult) -> None:
        ready = self._running[name]
        filing = self._reuse.file(self._plan.nodes[name], result.status, ready.prepared)
        finished = finish_step(self._steps[name], result, ready.records, filing)
        self._reuse.remember(finished)
        self._end_step(name, finished, result)
        self._running.pop(name, None)

    def _end_step(self, name: str, finished: StepFinished, result: StepResult) -> None:
        for stored, record in zip(result.outputs, finished.outputs, strict=True):
            self._produced.add(name, stored, record)
        if result.error is not None and result.status is StepStatus.FAILED:
            self._failures[name] = result.error
        self._close_step(finished)
        if result.status is StepStatus.CANCELLED:
            self._give_up(self._awaited)
            self._awaited.clear()

    def _give_up(self, names: Iterable[str]) -> None:
        """End steps that have not begun to compute."""
        for name in [each for each in names if each not in self._ended]:
            self._close_step(skip_step(self._steps[name], StepStatus.CANCELLED))

    def _interrupt(self, error: KeyboardInterrupt) -> None:
        """End all that has not ended, wherever it was met."""
        to_start = [each.node for each in self._todo if isinstance(each, StartStep)]
        self._todo = deque(each for each in self._todo if not isinstance(each, StartStep))
        self._give_up([each for each in to_start if each not in self._running])
        self._give_up(self._awaited)
        for name in [each for each in self._running if each not in self._ended]:
            self._take_result(
                name, StepResult(StepStatus.CANCELLED, datetime.now(UTC), 0.0, error=error)
            )
        self._running.clear()
        self._awaited.clear()
        self._todo.extend(self._state.handle(CancelAsked()))

    def _skip(self, instruction: SkipStep) -> None:
        finished = skip_step(self._steps[instruction.node], instruction.status)
        self._recorder.record(finished)
        self._tell_end(finished, instruction.because)

    def _close_step(self, finished: StepFinished) -> None:
        """Record the end of a step that was to start, and learn what follows."""
        name, status = finished.step.node, finished.step.status
        self._recorder.record(finished)
        self._todo.extend(self._state.handle(StepEnds(name, status)))
        self._ended.add(name)
        self._tell_end(finished, None)

    def _tell_end(self, finished: StepFinished, because: str | None) -> None:
        for observer in self._observers:
            observer.step_ended(finished, because)

    def _finish(self, status: RunStatus, duration: float) -> Outcome:
        shape: OutputShape = shape_outputs(self._plan, self._produced)
        first_failure = next(iter(self._failures.values()), None)
        run = replace(
            self._run,
            status=status,
            ended_at=datetime.now(UTC),
            duration=duration,
            outputs=shape.to_json(),
            error=describe_error(first_failure) if first_failure is not None else None,
        )
        self._recorder.close(RunFinished(run))
        for observer in self._observers:
            observer.run_ended(run)
        return Outcome(run, self._failures)
