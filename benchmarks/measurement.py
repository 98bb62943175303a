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


def best_ratio(ours: Callable[[], object], theirs: Callable[[], object], times: int) -> float:
    """Return the ratio of the best times of two acts that take turns.

    Of what waits for a disk that others use too, only the best time says what the act itself costs.
    """
    rounds = [(seconds(ours), seconds(theirs)) for _ in range(times)]
    return min(each for each, _ in rounds) / min(each for _, each in rounds)
