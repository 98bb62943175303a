"""Who watches a run: faces that show it while it goes on."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from whence.domain.records import RunRecord, StepFinished, StepRunRecord
from whence.graph.plan import Plan


class RunObserver(Protocol):
    """Is told what happens in a run, in this process and in order."""

    def run_started(self, run: RunRecord, plan: Plan) -> None:
        """Say that a run begins."""
        ...

    def steps_added(self, steps: Sequence[StepRunRecord]) -> None:
        """Say that the run has more steps: a map over a list was expanded."""
        ...

    def step_started(self, node: str) -> None:
        """Say that a step begins."""
        ...

    def step_progressed(self, node: str, done: int, total: int | None) -> None:
        """Say how far a step is."""
        ...

    def step_ended(self, finished: StepFinished, because: str | None) -> None:
        """Say how a step ended; *because* names the node for which it was skipped."""
        ...

    def run_ended(self, run: RunRecord) -> None:
        """Say how the run ended."""
        ...


_observers: ContextVar[tuple[RunObserver, ...]] = ContextVar("whence_observers", default=())


@contextmanager
def observing(observer: RunObserver) -> Generator[None]:
    """Let *observer* watch the runs that the block starts."""
    token = _observers.set((*_observers.get(), observer))
    try:
        yield
    finally:
        _observers.reset(token)


def current_observers() -> tuple[RunObserver, ...]:
    """Return who watches runs that start here."""
    return _observers.get()
