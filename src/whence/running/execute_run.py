"""One run, from its first record to its last."""

import functools
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from whence.domain.records import (
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
from whence.engine.step_job import StepJob, StepResult
from whence.engine.tracebacks import describe_error
from whence.graph.plan import Plan
from whence.interfaces.orchestrator import Orchestrator
from whence.running.handed_values import HandedValues
from whence.running.observers import current_observers
from whence.running.recorder import Recorder
from whence.running.run_records import finish_step, new_run, new_step, skip_step
from whence.running.shape_outputs import shape_outputs
from whence.running.step_inputs import Produced, resolve_inputs
from whence.stacks.stack import Stack

if TYPE_CHECKING:
    from whence.domain.output_shape import OutputShape


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: its record, and what its failed steps raised."""

    run: RunRecord
    failures: dict[str, BaseException] = field(default_factory=dict[str, BaseException])


def execute_run(
    plan: Plan,
    stack: Stack,
    orchestrator: Orchestrator[StepResult],
    *,
    name: str | None = None,
    tags: tuple[str, ...] = (),
) -> Outcome:
    """Run a plan on a stack; every step and the end of the run are recorded on return.

    Failures of steps are returned, not raised. Raises `StoreError` where records cannot be made.
    """
    execution = _Execution(plan, stack, orchestrator, new_run(plan, name, tags))
    try:
        with capture_output():
            return execution.drive()
    finally:
        orchestrator.close()


class _Execution:
    """The state of one run while it goes on."""

    def __init__(
        self, plan: Plan, stack: Stack, orchestrator: Orchestrator[StepResult], run: RunRecord
    ) -> None:
        self._plan = plan
        self._stack = stack
        self._orchestrator = orchestrator
        self._run = run
        self._observers = current_observers()
        self._steps = {name: new_step(run, node) for name, node in plan.nodes.items()}
        self._state = RunState({name: node.depends_on for name, node in plan.nodes.items()})
        self._todo: deque[Instruction] = deque()
        self._taken: dict[str, tuple[InputRecord, ...]] = {}  # of the steps that run
        self._produced = Produced()
        self._failures: dict[str, BaseException] = {}
        self._recorder = Recorder(stack.metadata_store)
        self._handed = HandedValues(run, stack.artifact_store, self._recorder.record)

    def drive(self) -> Outcome:
        start = perf_counter()
        self._begin()
        while (status := self._follow_instructions()) is None:
            try:
                node, result = self._orchestrator.next_result()
                self._take_result(node, result)
            except KeyboardInterrupt as error:  # between steps, or in what is ours of one
                self._interrupt(error)
        return self._finish(status, perf_counter() - start)

    def _begin(self) -> None:
        by_position = sorted(self._steps.values(), key=lambda step: step.position)
        self._recorder.record(RunStarted(self._run, by_position))
        for observer in self._observers:
            observer.run_started(self._run, self._plan)
        self._todo.extend(self._state.handle(RunBegins()))

    def _follow_instructions(self) -> RunStatus | None:
        """Do all that is to be done now; return the run's status when it is over."""
        while self._todo:
            instruction = self._todo.popleft()
            if isinstance(instruction, EndRun):
                return instruction.status
            if isinstance(instruction, StartStep):
                self._start(instruction.node)
            else:
                self._skip(instruction)
        return None

    def _start(self, name: str) -> None:
        node = self._plan.nodes[name]
        try:
            inputs, self._taken[name] = resolve_inputs(node, self._produced, self._handed)
        except Exception as error:  # noqa: BLE001  # a value that cannot be stored fails the step that takes it
            self._fail_early(name, error)
            return
        step = self._steps[name]
        log_file = self._stack.logs / self._run.id / f"{step.id}.log"
        job = StepJob(node, inputs, self._stack.artifact_store, log_file)
        self._orchestrator.submit(name, functools.partial(self._execute, job))

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
        self._taken[name] = ()
        self._take_result(name, StepResult(StepStatus.FAILED, datetime.now(UTC), 0.0, error=error))

    def _take_result(self, name: str, result: StepResult) -> None:
        finished = finish_step(self._steps[name], result, self._taken.pop(name))
        for stored, record in zip(result.outputs, finished.outputs, strict=True):
            self._produced.add(name, stored, record)
        if result.error is not None and result.status is StepStatus.FAILED:
            self._failures[name] = result.error
        self._close_step(finished, None)
        self._todo.extend(self._state.handle(StepEnds(name, result.status)))

    def _interrupt(self, error: KeyboardInterrupt) -> None:
        for name in list(self._taken):
            self._take_result(
                name, StepResult(StepStatus.CANCELLED, datetime.now(UTC), 0.0, error=error)
            )
        self._todo.extend(self._state.handle(CancelAsked()))

    def _skip(self, instruction: SkipStep) -> None:
        finished = skip_step(self._steps[instruction.node], instruction.status)
        self._close_step(finished, instruction.because)

    def _close_step(self, finished: StepFinished, because: str | None) -> None:
        self._recorder.record(finished)
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
