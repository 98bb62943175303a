"""One row of the table: what was measured, against which budget."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured value beside its budget; *budget* is None for what is shown for comparison."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the value is within its budget, in a word."""
        if self.budget is None:
            return ""
        return "within" if self.value <= self.budget else "OVER"


def seconds(act: Callable[[], object]) -> float:
    """Return how long *act* takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def median_seconds(act: Callable[[], object], times: int) -> float:
    """Return the median of how long *act* takes, of several times."""
    return statistics.median(seconds(act) for _ in range(times))


def median_ratio(ours: Callable[[], object], theirs: Callable[[], object], times: int) -> float:
    """Return the median ratio of two acts that take turns, so that a busy machine slows both."""
    return statistics.median(seconds(ours) / seconds(theirs) for _ in range(times))
