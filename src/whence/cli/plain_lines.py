"""A run told in plain lines, one for each event, where there is no terminal to draw on."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TextIO

from whence.domain.ids import short_id
from whence.domain.records import RunRecord, StepFinished, StepRunRecord
from whence.domain.status import StepStatus
from whence.graph.plan import Plan
from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.quantities import format_count, format_duration, format_number

QUIET_SECONDS = 10
"""The least time between two lines on the progress of one step."""


class PlainLines:
    """Tells a run to *stream*, line by line; implements `RunObserver`."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._spoken: dict[str, float] = {}  # when each running step was last told of

    def run_started(self, run: RunRecord, plan: Plan) -> None:
        """Tell that a run begins."""
        steps = format_count(len(plan), "step")
        self._tell(f"run {short_id(run.id)} of pipeline '{run.pipeline}' started: {steps}")

    def steps_added(self, steps: Sequence[StepRunRecord]) -> None:
        """Tell that a map was expanded, and how many steps that gives."""
        for parent, count in Counter(step.parent for step in steps).items():
            self._tell(f"{parent}: expanded, {format_count(count, 'step')}")

    def step_started(self, node: str) -> None:
        """Tell that a step begins."""
        self._spoken[node] = self._clock()
        self._tell(f"{node}: started")

    def step_progressed(self, node: str, done: int, total: int | None) -> None:
        """Tell how far a step is, if nothing was told of it for a while."""
        now = self._clock()
        if now - self._spoken.get(node, now) < QUIET_SECONDS:
            return
        self._spoken[node] = now
        self._tell(f"{node}: {done} done" if total is None else f"{node}: {done} of {total} done")

    def step_ended(self, finished: StepFinished, because: str | None) -> None:
        """Tell how a step ended."""
        step = finished.step
        self._spoken.pop(step.node, None)
        told = step.status.value
        if step.cached:
            told += ", cached"
        if step.status is StepStatus.SKIPPED and because:
            told += f", for '{because}' did not complete"
        elif step.status is StepStatus.SKIPPED:
            told += ", for its condition does not hold"
        elif step.duration is not None:
            told += f" in {format_duration(step.duration)}"
        if step.error is not None:
            kind = step.error.type.rpartition(".")[2]
            told += f": {kind}: {_first_line(step.error.message)}"
        for series in finished.metrics:
            told += f", {series.name} {format_number(series.values[-1])}"
        self._tell(f"{step.node}: {told}")

    def run_ended(self, run: RunRecord) -> None:
        """Tell how the run ended."""
        self._tell(f"run {short_id(run.id)} {run.status} in {format_duration(run.duration)}")

    def _tell(self, line: str) -> None:
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        with self._lock, suppress(OSError):  # who listened is gone; the run goes on
            self._stream.write(f"{now} {make_harmless(line)}\n")
            self._stream.flush()


def _first_line(message: str) -> str:
    return next(iter(message.strip().splitlines()), "")
