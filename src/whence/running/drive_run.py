"""Drives the state of a run: does what it says, and tells it what came of that."""

import random
from collections import deque
from time import monotonic

from whence.domain.attempts import AttemptId
from whence.domain.status import CancelLevel, RunStatus, StepStatus
from whence.engine.run_events import (
    AttemptBegan,
    AttemptEnd,
    AttemptEnded,
    CancelAsked,
    DecideStep,
    EndRun,
    EndStep,
    Event,
    ExpandStep,
    Instruction,
    RetryLater,
    RunBegins,
    StartAttempt,
    StepDecided,
    StopAttempt,
    StopCause,
    TimePassed,
)
from whence.engine.run_state import RunState
from whence.engine.step_job import StepJob, StepResult
from whence.graph.plan import Plan
from whence.interfaces.orchestrator import (
    Began,
    Ended,
    Lost,
    Notice,
    Orchestrator,
    Printed,
    Progressed,
)
from whence.running.cancellation import Cancellation
from whence.running.report_run import RunReporter
from whence.running.run_rules import rules_of
from whence.running.run_steps import RunSteps

_ENDS = {
    StepStatus.COMPLETED: AttemptEnd.COMPLETED,
    StepStatus.CANCELLED: AttemptEnd.CANCELLED,
}


class RunDriver:
    """Stands between the state of a run, which decides, and those who do the work.

    What was reused before it began has its end already.
    """

    def __init__(
        self,
        plan: Plan,
        orchestrator: Orchestrator[StepJob, StepResult],
        steps: RunSteps,
        reporter: RunReporter,
        cancellation: Cancellation,
    ) -> None:
        self._orchestrator = orchestrator
        self._steps = steps
        self._reporter = reporter
        self._cancellation = cancellation
        self._heeded = CancelLevel.NONE
        self._todo: deque[Instruction] = deque()
        self._running: dict[AttemptId, StopCause | None] = {}
        self._status: RunStatus | None = None
        self._state = RunState(rules_of(plan, steps.reused), orchestrator.capacity, random.random)

    def drive(self) -> RunStatus:
        """Go on until every step has its end. Raises `StoreError` where records cannot be made."""
        self._tell(RunBegins())
        while True:
            while self._todo:
                self._heed_cancellation()
                self._obey(self._todo.popleft())
            if self._status is not None:
                return self._status
            self._listen()

    def _tell(self, event: Event) -> None:
        self._todo.extend(self._state.handle(event, monotonic()))

    def _obey(self, instruction: Instruction) -> None:
        match instruction:
            case DecideStep(node):
                self._decide(node)
            case ExpandStep(node):
                self._expand(node)
            case StartAttempt(attempt):
                self._start(attempt)
            case EndStep(node, status, because):
                self._steps.end(node, status, because)
            case StopAttempt(attempt, because):
                self._stop(attempt, because)
            case RetryLater(attempt):
                self._steps.retry(attempt)
            case EndRun(status):
                self._status = status
            case _:
                raise AssertionError(instruction)

    def _decide(self, node: str) -> None:
        if not self._heeded:  # else the step has its end already
            self._tell(StepDecided(node, self._steps.decide(node)))

    def _expand(self, node: str) -> None:
        if not self._heeded:  # as above
            self._tell(self._steps.expand(node))

    def _start(self, attempt: AttemptId) -> None:
        if self._heeded:  # since then
            self._tell(AttemptEnded(attempt, AttemptEnd.CANCELLED))
            return
        self._running[attempt] = None
        self._orchestrator.start(attempt, self._steps.make_job(attempt))

    def _stop(self, attempt: AttemptId, because: StopCause) -> None:
        if attempt in self._running:
            self._running[attempt] = because
            self._orchestrator.stop(attempt)

    def _listen(self) -> None:
        """Wait until something has happened, or is to be done."""
        self._reporter.raise_failure()  # for what is not recorded none can wait
        alarm = self._state.next_alarm
        timeout = None if alarm is None else max(0.0, alarm - monotonic())
        try:
            notices = self._orchestrator.wait(timeout)
        except KeyboardInterrupt:
            self._cancellation.interrupt()
            notices = ()
        for notice in notices:
            self._take(notice)
        self._heed_cancellation()
        if not notices:
            self._tell(TimePassed())

    def _take(self, notice: Notice[StepResult]) -> None:
        match notice:
            case Ended(attempt, result):
                self._end_attempt(attempt, self._steps.take(attempt, result, self._cause(attempt)))
            case Lost(attempt):
                self._end_attempt(attempt, self._steps.take_loss(notice, self._cause(attempt)))
            case Began(attempt):
                self._reporter.take(notice)
                self._tell(AttemptBegan(attempt))
            case Progressed() | Printed():
                self._reporter.take(notice)

    def _cause(self, attempt: AttemptId) -> StopCause | None:
        return self._running.pop(attempt)

    def _end_attempt(self, attempt: AttemptId, result: StepResult) -> None:
        self._tell(AttemptEnded(attempt, _ENDS.get(result.status, AttemptEnd.FAILED)))

    def _heed_cancellation(self) -> None:
        """Tell the state how soon the run is to end, once for each level that was asked for."""
        while self._heeded < self._cancellation.level:
            self._heeded = CancelLevel(self._heeded + 1)
            if self._heeded is CancelLevel.ORDERLY and self._cancellation.by_interrupt:
                self._reporter.cancelling(len(self._running))
            self._tell(CancelAsked())
