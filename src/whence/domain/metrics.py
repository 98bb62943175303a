"""Metrics: named numbers of a step run, and which way is better."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["min", "max"]


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
        if mode not in {None, "min", "max"}:
            msg = f"A metric's mode is 'min' or 'max', not {mode!r}."
            raise ValueError(msg)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "mode", mode)


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric, as a step run reported it."""

    name: str
    value: float
    step: int | None = None  # the epoch or iteration, where the metric is a series
    mode: Mode | None = None
