"""The metrics of steps that belong together, side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence

from whence.history.comparing.align_steps import AlignedSteps
from whence.history.comparing.rows import MetricRow
from whence.history.metrics import MetricSummary
from whence.history.run_records import RunRecords


def compare_metrics(
    runs: Sequence[RunRecords], aligned: Sequence[AlignedSteps]
) -> tuple[MetricRow, ...]:
    """Return the metrics of all runs; a name that several steps report is qualified by the node."""
    by_place = [_place_metrics(run, aligned, number) for number, run in enumerate(runs)]
    places = list(dict.fromkeys(place for found in by_place for place in found))
    reporters = Counter(name for _, name in places)
    return tuple(
        _make_row(
            f"{_node_of(aligned[row])}.{name}" if reporters[name] > 1 else name,
            [found.get((row, name)) for found in by_place],
            row,
        )
        for row, name in places
    )


def _node_of(steps: AlignedSteps) -> str:
    return next(step.node for step in steps if step is not None)


def _place_metrics(
    run: RunRecords, aligned: Sequence[AlignedSteps], number: int
) -> Mapping[tuple[int, str], MetricSummary]:
    """Return the metrics of one run by the row of their step and by their name."""
    steps = [steps[number] for steps in aligned]
    rows = {step.node: row for row, step in enumerate(steps) if step is not None}
    found = run.metrics.summaries.values()
    return {(rows[each.node], each.name): each for each in found if each.node in rows}


def _make_row(name: str, found: Sequence[MetricSummary | None], step: int) -> MetricRow:
    modes = {each.mode for each in found if each is not None}
    is_series = any(each is not None and each.count > 1 for each in found)
    return MetricRow(
        name,
        tuple(each and each.value for each in found),
        modes.pop() if len(modes) == 1 else None,
        step,
        tuple(each and each.best for each in found) if is_series else None,
    )
