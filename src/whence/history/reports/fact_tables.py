"""Facts by name: parameters, metrics, metadata."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from whence.history.plain_values import describe_value
from whence.history.reports.quantities import format_count, format_number
from whence.history.reports.report import (
    Cell,
    Column,
    Report,
    Table,
    Tone,
    make_row,
    make_table,
)
from whence.history.reports.sparkline import draw_sparkline

if TYPE_CHECKING:
    from whence.history.metrics import Metrics, MetricSummary

MOST_FACTS = 20
"""Rows of facts that a report shows; the rest is counted."""

_BETTER = {"min": "lower is better", "max": "higher is better"}


def tabulate_values(title: str, recorded: Mapping[str, str], whole: str) -> Iterable[Table]:
    """Yield a table of recorded values, if there are any; *whole* says where all of them are."""
    if not recorded:
        return
    rows = [make_row(name, describe_value(text)) for name, text in recorded.items()]
    columns = (Column(keep=True), Column())
    yield make_table(title, columns, rows[:MOST_FACTS], _count_rest(len(rows), whole))


def report_metrics(metrics: "Metrics") -> Report:
    """Return the report of metrics alone."""
    title = Cell(format_count(len(metrics), "metric"), Tone.STRONG)
    return Report((title,), sections=tuple(tabulate_metrics(metrics, title="", whole="`list()`")))


def tabulate_metrics(
    metrics: "Metrics", *, nodes: bool = True, title: str = "Metrics", whole: str
) -> Iterable[Table]:
    """Yield a table of the last value of each metric, and of the course of those with several."""
    if not metrics:
        return
    rows = [
        make_row(
            each.name,
            Cell(format_number(each.value), Tone.STRONG),
            Cell(_BETTER.get(each.mode or "", ""), Tone.QUIET),
            draw_sparkline(each.outline, each.mode) if each.count > 1 else "",
            Cell(_describe_extent(each), Tone.QUIET),
            Cell(each.node if nodes else "", Tone.QUIET),
        )
        for each in list(metrics.summaries.values())[:MOST_FACTS]
    ]
    columns = (Column(keep=True), Column(align="right"), Column(), Column(keep=True), *_REST)
    yield make_table(title, columns, rows, _count_rest(len(metrics), whole))


_REST = (Column(), Column())


def _describe_extent(summary: "MetricSummary") -> str:
    """Return how many values a series has, and between what they lie."""
    if summary.count == 1:
        return ""
    told = f"of {summary.count:,}"
    if summary.minimum is None or summary.maximum is None:
        return told
    return f"{told}, {summary.minimum:.3g} to {summary.maximum:.3g}"  # to see where it lies


def _count_rest(count: int, whole: str) -> str:
    rest = count - MOST_FACTS
    return f"and {format_count(rest, 'other')}: {whole}" if rest > 0 else ""
