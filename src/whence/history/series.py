"""Whole series of metrics: as columns, as points, as a frame."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from whence.domain.frozen import frozen
from whence.domain.metrics import NO_STEP, MetricSeries
from whence.history.frames import load_pandas

if TYPE_CHECKING:
    import pandas as pd

ReadSeries = tuple[str, MetricSeries]
"""A node, and a series that it reported."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = ("node", "name", "step", "value", "mode", "reported_at")


@frozen
class Point:
    """One value of a metric."""

    node: str  # that reported it
    name: str
    value: float
    step: int | None  # the epoch or iteration, where the metric is a series
    mode: str | None  # `min` or `max`: which way is better
    reported_at: datetime


@frozen
class Series:
    """The values of a metric that a node reported, in their order: columns side by side."""

    node: str
    name: str
    mode: str | None  # `min` or `max`: which way is better
    steps: Sequence[int | None]  # an `array` where each value has one
    values: "array[float]"
    times: "array[float]"  # when each was reported, in seconds since 1970 UTC

    def __len__(self) -> int:
        return len(self.values)


def make_series(node: str, found: MetricSeries) -> Series:
    """Return a series as users have it."""
    times = array("d", [moment / 1e6 for moment in found.moments])
    return Series(node, found.name, found.mode, _list_steps(found), found.values, times)


def list_points(read: Sequence[ReadSeries]) -> list[Point]:
    """Return every value of some series, in the order of reporting."""
    every = [
        (latest, point)
        for node, series in read
        for latest, point in zip(_list_latest(series), _make_points(node, series), strict=True)
    ]
    return [point for _, point in sorted(every, key=lambda each: each[0])]


def _make_points(node: str, series: MetricSeries) -> Iterator[Point]:
    for value, step, moment in zip(series.values, _list_steps(series), series.moments, strict=True):
        reported_at = _EPOCH + timedelta(microseconds=moment)
        yield Point(node, series.name, value, step, series.mode, reported_at)


def _list_steps(series: MetricSeries) -> Sequence[int | None]:
    if NO_STEP not in series.steps:
        return series.steps
    return [None if step == NO_STEP else step for step in series.steps]


def _list_latest(series: MetricSeries) -> Iterator[int]:
    """Yield the latest moment up to each value: they keep their order if the clock was set back."""
    return accumulate(series.moments, max)


def make_series_frame(read: Sequence[ReadSeries], subject: str) -> "pd.DataFrame":
    """Return a DataFrame with a row for each value of some series, in the order of reporting."""
    pandas = load_pandas(subject)
    if not read:
        return pandas.DataFrame(columns=list(_COLUMNS))
    whole = pandas.concat([_tabulate(pandas, *each) for each in read], ignore_index=True)
    latest = array("q", [moment for _, series in read for moment in _list_latest(series)])
    moments = pandas.Series(latest)
    if moments.is_monotonic_increasing:
        return whole
    return whole.iloc[moments.argsort(kind="stable")].reset_index(drop=True)


def _tabulate(pandas: Any, node: str, series: MetricSeries) -> "pd.DataFrame":
    steps = _list_steps(series)
    moments = pandas.Series(series.moments, dtype="int64")
    return pandas.DataFrame(
        {
            "node": node,
            "name": series.name,
            "step": pandas.Series(steps, dtype="int64" if steps is series.steps else "Int64"),
            "value": pandas.Series(series.values, dtype="float64"),
            "mode": series.mode,
            "reported_at": pandas.to_datetime(moments, unit="us", utc=True),
        }
    )
