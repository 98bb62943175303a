"""What others learn of a run while it goes on: records for the store, word for who watches."""

import os
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.ids import StepRunId, new_id
from whence.domain.records import (
    AttemptRecord,
    Event,
    RunFinished,
    RunRecord,
    RunStarted,
    StepFinished,
    StepRetried,
    StepRunRecord,
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
    steady: float  # the same moment by a clock that nobody sets
    process: int


class RunReporter:
    """Tells what happens in one run, in order; a Ctrl-C that meets an observer cancels the run.

    The store learns of a step when the step begins or ends. Those that still wait are told of
    together, as soon as it turns out that the run takes a while.
    """

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        run: RunRecord,
        release: Callable[[Collection[str]], None],
        cancellation: Cancellation,
    ) -> None:
        self.run = run
        self.under_way: dict[str, Beginning] = {}  # of the latest attempts, by node
        self.measured: list[StepRunId] = []  # step runs that show metrics, as far as is known
        self._plan = plan
        self._nodes = dict(plan.nodes)
        self._ids: dict[str, StepRunId] = {}
        self._told: set[str] = set()  # the nodes that the store has heard of, or is about to
        self._has_told_all = False
        self._telling = threading.Lock()
        self._cancellation = cancellation
        self._observers = current_observers()
        self._recorder = Recorder(stack.metadata_store, release, self._introduce_rest)

    def record(self, event: Event) -> None:
        """Record what is no step's beginning or end. Raises `StoreError` of an earlier record."""
        self._recorder.record(event)

    def raise_failure(self) -> None:
        """Raise the error of a record that could not be made, if there is one."""
        self._recorder.raise_failure()

    def run_started(self) -> None:
        """Tell that the run begins."""
        self._recorder.record(RunStarted(self.run))
        self._observe(lambda observer: observer.run_started(self.run, self._plan))

    def steps_added(self, nodes: Sequence[PlannedNode]) -> None:
        """Tell that the run has more steps: a map was expanded."""
        with self._telling:
            self._nodes.update({node.name: node for node in nodes})
            is_late = self._has_told_all
        if nodes and is_late:
            self._recorder.record(self._introduce_rest())
        if nodes and self._observers:
            added = [self.pending(node.name) for node in nodes]
            self._observe(lambda observer: observer.steps_added(added))

    def step_id(self, name: str) -> StepRunId:
        """Return the id of a node's step run."""
        return self._ids.get(name) or self._ids.setdefault(name, StepRunId(new_id()))

    def pending(self, name: str) -> StepRunRecord:
        """Return the record of a step that waits."""
        return new_step(self.run.id, self.step_id(name), self._nodes[name])

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
        self.under_way[attempt.node] = Beginning(now, monotonic(), process)
        if attempt.number == 1:
            if self._is_first(attempt.node):
                self._recorder.record(StepsAdded([self.pending(attempt.node)]))
            self._recorder.record(StepStarted(self.step_id(attempt.node), now))
            self._observe(lambda observer: observer.step_started(attempt.node))

    def step_retried(
        self, name: str, attempts: tuple[AttemptRecord, ...], contents: Sequence[Content]
    ) -> None:
        """Tell that an attempt was in vain and another follows."""
        self._recorder.record(StepRetried(self.step_id(name), attempts, contents))

    def step_ended(self, finished: StepFinished, because: str | None) -> None:
        """Tell how a step ended."""
        is_first = self._is_first(finished.step.node)
        if finished.metrics:
            self.measured.append(finished.step.id)
        if finished.is_first is not is_first:
            finished = replace(finished, is_first=is_first)
        self._recorder.record(finished)
        self._observe(lambda observer: observer.step_ended(finished, because))

    def cancelling(self, running: int) -> None:
        """Tell who pressed Ctrl-C that what runs elsewhere is waited for."""
        if running:
            steps = "1 step that runs" if running == 1 else f"{running} steps that run"
            sys.stderr.write(f"Cancelling: waiting for {steps}. Ctrl-C again stops them.\n")

    def run_ended(self, run: RunRecord) -> None:
        """Tell how the run ended; all of it is recorded, durably, on return."""
        self._recorder.close(RunFinished(run, self.measured))
        self._observe(lambda observer: observer.run_ended(run))

    def _is_first(self, name: str) -> bool:
        """Take note that the store hears of a step; return whether that is for the first time."""
        with self._telling:
            is_first = name not in self._told
            self._told.add(name)
        return is_first

    def _introduce_rest(self) -> StepsAdded:
        """Return word of all steps that the store has not heard of; from any thread."""
        with self._telling:
            rest = [node for name, node in self._nodes.items() if name not in self._told]
            self._told.update(node.name for node in rest)
            self._has_told_all = True
        rest.sort(key=lambda node: node.position)
        return StepsAdded([self.pending(node.name) for node in rest])

    def _observe(self, tell: Callable[[RunObserver], None]) -> None:
        for observer in self._observers:
            try:
                tell(observer)
            except KeyboardInterrupt:
                self._cancellation.interrupt()
