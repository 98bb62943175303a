"""What others learn of a run while it goes on: records for the store, word for who watches."""

import os
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.records import (
    AttemptRecord,
    Event,
    RunFinished,
    RunRecord,
    RunStarted,
    StepFinished,
    StepRetried,
    StepsAdded,
    StepStarted,
)
from whence.graph.plan import Plan, PlannedNode
from whence.interfaces.orchestrator import Began, Printed, Progressed
from whence.running.cancellation import Cancellation
from whence.running.observers import RunObserver, current_observers
from whence.running.recorder import Recorder
from whence.running.run_records import new_step
from whence.stacks.stack import Stack


@frozen
class Beginning:
    """When and where an attempt began."""

    at: datetime
    process: int


class RunReporter:
    """Tells what happens in one run, in order; a Ctrl-C that meets an observer cancels the run."""

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        run: RunRecord,
        release: Callable[[Collection[str]], None],
        cancellation: Cancellation,
    ) -> None:
        self.run = run
        self.steps = {name: new_step(run, node) for name, node in plan.nodes.items()}
        self.under_way: dict[str, Beginning] = {}  # of the latest attempts, by node
        self._plan = plan
        self._cancellation = cancellation
        self._observers = current_observers()
        self._recorder = Recorder(stack.metadata_store, release)

    def record(self, event: Event) -> None:
        """Record what is no step's beginning or end. Raises `StoreError` of an earlier record."""
        self._recorder.record(event)

    def raise_failure(self) -> None:
        """Raise the error of a record that could not be made, if there is one."""
        self._recorder.raise_failure()

    def run_started(self) -> None:
        """Tell that the run begins, with all of its steps still pending."""
        by_position = sorted(self.steps.values(), key=lambda step: step.position)
        self._recorder.record(RunStarted(self.run, by_position))
        self._observe(lambda observer: observer.run_started(self.run, self._plan))

    def steps_added(self, nodes: Sequence[PlannedNode]) -> None:
        """Tell that the run has more steps: a map was expanded."""
        added = [new_step(self.run, node) for node in nodes]
        self.steps.update({step.node: step for step in added})
        if added:
            self._recorder.record(StepsAdded(added))
            self._observe(lambda observer: observer.steps_added(added))

    def take(self, notice: Began | Progressed | Printed) -> None:
        """Tell what an attempt said."""
        name = notice.attempt.node
        if isinstance(notice, Began):
            self._attempt_began(notice)
        elif isinstance(notice, Progressed):
            done, total = notice.done, notice.total
            self._observe(lambda observer: observer.step_progressed(name, done, total))
        else:
            sys.stdout.write(notice.text)

    def _attempt_began(self, notice: Began) -> None:
        attempt, now = notice.attempt, datetime.now(UTC)
        process = os.getpid() if notice.pid is None else notice.pid
        self.under_way[attempt.node] = Beginning(now, process)
        if attempt.number == 1:
            self._recorder.record(StepStarted(self.steps[attempt.node].id, now))
            self._observe(lambda observer: observer.step_started(attempt.node))

    def step_retried(
        self, name: str, attempts: tuple[AttemptRecord, ...], contents: Sequence[Content]
    ) -> None:
        """Tell that an attempt was in vain and another follows."""
        self._recorder.record(StepRetried(self.steps[name].id, attempts, contents))

    def step_ended(self, finished: StepFinished, because: str | None) -> None:
        """Tell how a step ended."""
        self._recorder.record(finished)
        self._observe(lambda observer: observer.step_ended(finished, because))

    def cancelling(self, running: int) -> None:
        """Tell who pressed Ctrl-C that what runs elsewhere is waited for."""
        if running:
            steps = "1 step that runs" if running == 1 else f"{running} steps that run"
            sys.stderr.write(f"Cancelling: waiting for {steps}. Ctrl-C again stops them.\n")

    def run_ended(self, run: RunRecord) -> None:
        """Tell how the run ended; all of it is recorded, durably, on return."""
        self._recorder.close(RunFinished(run))
        self._observe(lambda observer: observer.run_ended(run))

    def _observe(self, tell: Callable[[RunObserver], None]) -> None:
        for observer in self._observers:
            try:
                tell(observer)
            except KeyboardInterrupt:
                self._cancellation.interrupt()
