"""Facts by name: parameters, metrics, metadata."""

from collections import Counter
from collections.abc import Iterable, Mapping

from whence.history.metrics import Metrics
from whence.history.plain_values import describe_value
from whence.history.reports.quantities import format_count, format_number
from whence.history.reports.report import Cell, Column, Table, Tone, make_row, make_table

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


def tabulate_metrics(metrics: Metrics, *, nodes: bool, whole: str) -> Iterable[Table]:
    """Yield a table of the last value of each metric, if there are any."""
    if not metrics:
        return
    counts = Counter((point.node, point.name) for point in metrics.points)
    rows = [
        make_row(
            point.name,
            Cell(format_number(point.value), Tone.STRONG),
            Cell(_BETTER.get(point.mode or "", ""), Tone.QUIET),
            Cell(
                f"last of {counts[point.node, point.name]}" if point.step is not None else "",
                Tone.QUIET,
            ),
            Cell(point.node if nodes else "", Tone.QUIET),
        )
        for point in metrics.last_points().values()
    ]
    columns = (Column(keep=True), Column(align="right"), Column(), Column(), Column())
    yield make_table("Metrics", columns, rows[:MOST_FACTS], _count_rest(len(rows), whole))


def _count_rest(count: int, whole: str) -> str:
    rest = count - MOST_FACTS
    return f"and {format_count(rest, 'other')}: {whole}" if rest > 0 else ""
