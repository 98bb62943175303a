"""Metrics that were reported: the last value by name, and every point."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from whence.domain.frozen import frozen
from whence.domain.ids import StepRunId
from whence.domain.records import MetricRecord
from whence.history.frames import make_frame

if TYPE_CHECKING:
    import pandas as pd


@frozen
class Point:
    """One value of a metric."""

    node: str  # that reported it
    name: str
    value: float
    step: int | None  # the epoch or iteration, where the metric is a series
    mode: str | None  # `min` or `max`: which way is better
    reported_at: datetime


class Metrics(Mapping[str, float]):
    """The last value of each metric; of a name that two nodes report, by `node.name`."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = tuple(points)
        """Every value, in the order of reporting."""
        self._last = _last_points(self.points)

    def __getitem__(self, name: str) -> float:
        return self._last[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __repr__(self) -> str:
        return repr(dict(self))

    def last_points(self) -> Mapping[str, Point]:
        """Return the point that each value comes from."""
        return self._last

    def frame(self) -> "pd.DataFrame":
        """Return every point as a row of a DataFrame."""
        names = ("node", "name", "step", "value", "mode", "reported_at")
        rows = [[getattr(point, name) for name in names] for point in self.points]
        return make_frame(names, rows, "Metrics.frame()")


def make_metrics(records: Sequence[MetricRecord], nodes: Mapping[StepRunId, str]) -> Metrics:
    """Return the metrics of the step runs that *nodes* names."""
    return Metrics(
        [
            Point(
                nodes[each.step_run_id],
                each.name,
                each.value,
                each.step,
                each.mode,
                each.reported_at,
            )
            for each in records
            if each.step_run_id in nodes
        ]
    )


def _last_points(points: Sequence[Point]) -> dict[str, Point]:
    reporters = Counter(name for _, name in {(point.node, point.name) for point in points})
    return {
        point.name if reporters[point.name] == 1 else f"{point.node}.{point.name}": point
        for point in points
    }
