"""Metrics that were reported: the last value by name, and whole series."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from whence.domain.frozen import frozen
from whence.domain.ids import StepRunId
from whence.domain.metrics import MetricSeries
from whence.domain.records import MetricRecord
from whence.errors import UnknownMemberError, suggest
from whence.history.reports.fact_tables import report_metrics
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.series import (
    Point,
    ReadSeries,
    Series,
    list_points,
    make_series,
    make_series_frame,
)

if TYPE_CHECKING:
    import pandas as pd

LoadSeries = Callable[[str | None], Sequence[tuple[StepRunId, MetricSeries]]]
"""Reads the series of one name, or all."""


@frozen
class MetricSummary:
    """All values of a metric that a node reported, in short."""

    node: str
    name: str
    value: float  # the last
    step: int | None
    mode: str | None  # `min` or `max`: which way is better
    reported_at: datetime
    count: int
    minimum: float | None  # of the values that are numbers
    maximum: float | None
    outline: Sequence[float]  # the course of the values, in a few means

    @property
    def best(self) -> float | None:
        """The best value, where it is known which way is better."""
        return {"min": self.minimum, "max": self.maximum}.get(self.mode or "")


class Metrics(Mapping[str, float], Shown):
    """The last value of each metric; of a name that two nodes report, by `node.name`.

    `summaries` has what is known of each in short; `series`, `points` and `frame` read every value.
    """

    def __init__(
        self, records: Sequence[MetricRecord], nodes: Mapping[StepRunId, str], load: LoadSeries
    ) -> None:
        self._nodes = nodes
        self._load = load
        self._summaries = _name_summaries(
            [_summarise(each, nodes) for each in records if each.step_run_id in nodes]
        )

    def __getitem__(self, name: str) -> float:
        return self._find(name).value

    def __iter__(self) -> Iterator[str]:
        return iter(self._summaries)

    def __len__(self) -> int:
        return len(self._summaries)

    @property
    def summaries(self) -> Mapping[str, MetricSummary]:
        """Last value, count, least and largest of each metric, without reading all values."""
        return self._summaries

    def last_points(self) -> Mapping[str, Point]:
        """Return the point that each value comes from."""
        return {
            name: Point(each.node, each.name, each.value, each.step, each.mode, each.reported_at)
            for name, each in self._summaries.items()
        }

    def series(self, name: str) -> Series:
        """Return every value of one metric, as arrays. Raises `UnknownMemberError`."""
        wanted = self._find(name)
        for node, found in self._read(wanted.name):
            if node == wanted.node:
                return make_series(node, found)
        reason = "What is stored of its values is damaged."
        raise UnknownMemberError(kind="series", name=name, reason=reason)

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every value, in the order of reporting."""
        return tuple(list_points(self._read(None)))

    def frame(self) -> "pd.DataFrame":
        """Return every value as a row of a DataFrame, in the order of reporting."""
        return make_series_frame(self._read(None), "Metrics.frame()")

    def _find(self, name: str) -> MetricSummary:
        try:
            return self._summaries[name]
        except KeyError:
            for each in self._summaries.values():
                if name == f"{each.node}.{each.name}":  # as in a search, whoever else reports it
                    return each
            known = suggest(name, self._summaries)
            raise UnknownMemberError(kind="metric", name=name, suggestion=known) from None

    def _read(self, name: str | None) -> list[ReadSeries]:
        """Return the series of one name, or all, with the nodes that reported them."""
        nodes = self._nodes
        return [(nodes[step], found) for step, found in self._load(name) if step in nodes]

    def _one_line(self) -> str:
        return repr(dict(self))

    def _report(self) -> Report:
        return report_metrics(self)


def _summarise(record: MetricRecord, nodes: Mapping[StepRunId, str]) -> MetricSummary:
    return MetricSummary(
        nodes[record.step_run_id],
        record.name,
        record.value,
        record.step,
        record.mode,
        record.reported_at,
        record.count,
        record.minimum,
        record.maximum,
        record.outline,
    )


def _name_summaries(summaries: Sequence[MetricSummary]) -> dict[str, MetricSummary]:
    reporters = Counter(each.name for each in summaries)
    return {
        each.name if reporters[each.name] == 1 else f"{each.node}.{each.name}": each
        for each in summaries
    }
