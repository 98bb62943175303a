"""Metrics: named numbers of a step run, and which way is better."""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

Mode = Literal["min", "max"]

NO_STEP = -(2**63)
"""Stands in a column of steps where a value was reported without one."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Marks a returned number as a metric: `Annotated[float, Metric("rmse", mode="min")]`.

    *mode* says which way is better; without it, comparisons show the change but do not judge it.
    """

    name: str
    mode: Mode | None = None

    def __init__(self, name: str, *, mode: Mode | None = None) -> None:
        if not name:
            msg = "A metric needs a name."
            raise ValueError(msg)
        check_mode(mode)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "mode", mode)


def check_mode(mode: object) -> None:
    """Raise `ValueError` for what does not say which way is better."""
    if mode not in {None, "min", "max"}:
        msg = f"A metric's mode is 'min' or 'max', not {mode!r}."
        raise ValueError(msg)


@dataclass(slots=True)
class MetricSeries:
    """The values of one metric that a step run reported, in their order: columns side by side.

    A value takes 24 bytes, so that a step may report millions.
    """

    name: str
    mode: str | None = None  # as it was said last
    values: "array[float]" = field(default_factory=lambda: array("d"))
    steps: "array[int]" = field(default_factory=lambda: array("q"))  # or `NO_STEP`
    moments: "array[int]" = field(default_factory=lambda: array("q"))  # microseconds since 1970 UTC

    def add(self, value: float, step: int | None, moment: int, mode: str | None = None) -> None:
        """Add one value. Raises `TypeError` or `OverflowError` if *step* is no whole number."""
        self.steps.append(NO_STEP if step is None else step)  # first: it alone may be refused
        self.values.append(value)
        self.moments.append(moment)
        if mode is not None:
            self.mode = mode

    def extend(self, later: "MetricSeries") -> None:
        """Add the values of a series that goes on from this one."""
        self.values.extend(later.values)
        self.steps.extend(later.steps)
        self.moments.extend(later.moments)
        self.mode = later.mode or self.mode

    def cut(self, start: int, end: int) -> "MetricSeries":
        """Return a stretch of it."""
        return MetricSeries(
            self.name,
            self.mode,
            self.values[start:end],
            self.steps[start:end],
            self.moments[start:end],
        )

    def __len__(self) -> int:
        return len(self.values)


def find_extent(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the least and the largest of *values*; None if none of them is a number."""
    if math.isnan(sum(values)):  # also of infinities that cancel out
        values = [value for value in values if not math.isnan(value)]
    return (min(values), max(values)) if values else None


def draw_outline(values: Sequence[float], most: int) -> "array[float]":
    """Return the course of *values* in at most *most* numbers: means of equal pieces.

    Only finite values count; a piece without any is NaN.
    """
    count = min(len(values), most)
    bounds = [len(values) * index // count for index in range(count + 1)] if count else [0]
    pieces = (values[start:end] for start, end in pairwise(bounds))
    return array("d", map(_mean, pieces))


def _mean(values: Iterable[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return math.nan
    mean = sum(value / len(finite) for value in finite)
    return min(max(mean, min(finite)), max(finite))  # what was rounded is no course of a constant
