"""A run as it goes on: what its observers are told, kept in the form in which it is shown."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from whence.domain.frozen import frozen
from whence.domain.records import RunRecord, StepFinished, StepRunRecord
from whence.domain.status import StepStatus
from whence.graph.plan import Plan

MOST_ROWS = 30
"""Rows of steps that are shown one by one; beyond, finished and waiting steps become counts."""


@dataclass(slots=True)
class StepRow:
    """A step as it is shown."""

    node: str
    status: StepStatus = StepStatus.PENDING
    began: float = 0.0  # by the view's clock
    duration: float | None = None  # seconds
    done: int = 0
    total: int | None = None
    progressed: bool = False
    cached: bool = False
    because: str | None = None  # the node for which it was skipped
    metrics: dict[str, float] = field(default_factory=dict[str, float])


class Fold(StrEnum):
    """Steps that are shown as a count."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    WAITING = "waiting"


@frozen
class Shown:
    """What is to be drawn now: rows in order, and counts of the steps that have none."""

    rows: tuple[StepRow, ...]
    folded: Mapping[Fold, int]


class RunView:
    """Keeps the state of a run; implements `RunObserver`, and is read from another thread.

    Being told of an event costs the same however many steps there are.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.run: RunRecord | None = None
        self.began = clock()
        self._lock = threading.Lock()
        self._rows: dict[str, StepRow] = {}
        self._waiting: dict[str, StepRow] = {}
        self._running: dict[str, StepRow] = {}
        self._told: dict[str, StepRow] = {}  # failed and cancelled: never folded
        self._folded = {Fold.COMPLETED: 0, Fold.SKIPPED: 0}

    def run_started(self, run: RunRecord, plan: Plan) -> None:
        """Take note of all steps."""
        by_position = sorted(plan.nodes.values(), key=lambda node: node.position)
        with self._lock:
            self.run = run
            self.began = self.clock()
            self._rows = {node.name: StepRow(node.name) for node in by_position}
            self._waiting = dict(self._rows)

    def steps_added(self, steps: Sequence[StepRunRecord]) -> None:
        """Take note of steps that a map has placed."""
        with self._lock:
            added = {step.node: StepRow(step.node) for step in steps}
            self._rows.update(added)
            self._waiting.update(added)

    def step_started(self, node: str) -> None:
        """Let the step's time begin."""
        with self._lock:
            row = self._rows[node]
            row.status, row.began = StepStatus.RUNNING, self.clock()
            self._waiting.pop(node, None)
            self._running[node] = row

    def step_progressed(self, node: str, done: int, total: int | None) -> None:
        """Take note of how far a step is."""
        with self._lock:
            row = self._rows[node]
            row.done, row.total, row.progressed = done, total, True

    def step_ended(self, finished: StepFinished, because: str | None) -> None:
        """Take note of how a step ended, and of the last value of each of its metrics."""
        step = finished.step
        with self._lock:
            row = self._rows[step.node]
            row.metrics.update({each.name: each.values[-1] for each in finished.metrics})
            row.status, row.duration = step.status, step.duration
            row.cached, row.because = step.cached, because
            self._waiting.pop(step.node, None)
            self._running.pop(step.node, None)
            if step.status is StepStatus.COMPLETED:
                self._folded[Fold.COMPLETED] += 1
            elif step.status is StepStatus.SKIPPED:
                self._folded[Fold.SKIPPED] += 1
            else:
                self._told[step.node] = row

    def run_ended(self, run: RunRecord) -> None:
        """Take note of how the run ended."""
        with self._lock:
            self.run = run

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self.began

    @property
    def finished_count(self) -> int:
        """How many steps have ended."""
        return sum(self._folded.values()) + len(self._told)

    @property
    def step_count(self) -> int:
        """How many steps there are."""
        return len(self._rows)

    def select(self, most: int = MOST_ROWS) -> Shown:
        """Return what fits into *most* rows: all steps, else those that matter now."""
        with self._lock:
            if len(self._rows) <= most:
                return Shown(tuple(self._rows.values()), {})
            rows = tuple(islice(self._of_interest(), most))
            waiting = len(self._waiting) - sum(row.status is StepStatus.PENDING for row in rows)
            counts = {**self._folded, Fold.WAITING: waiting}
            return Shown(rows, {fold: count for fold, count in counts.items() if count})

    def _of_interest(self) -> Iterator[StepRow]:
        yield from islice(self._told.values(), MOST_ROWS // 3)
        yield from self._running.values()
        yield from islice(self._waiting.values(), 3)
