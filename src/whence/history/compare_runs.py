"""Comparing runs: which differences there are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from whence.history.comparison import Comparison
from whence.history.comparison_rows import MetricRow, OutputRow, StepRow, TextRow
from whence.history.divergence import find_divergence
from whence.history.lookups import find_run
from whence.history.metrics import Point
from whence.history.run_records import RunRecords
from whence.history.runs import Run
from whence.history.small_values import describe_small_value

_MOST_VALUES = 20  # outputs that are looked into; of others, size and digest are shown


def compare(
    first: Run[Any] | str, second: Run[Any] | str, *more: Run[Any] | str, show_equal: bool = False
) -> Comparison:
    """Return which parameters, metrics, outputs and steps differ between runs.

    Runs are given as such, or as `whence.run` finds them. With *show_equal* what is the same in
    all runs is shown as well, not only counted. Raises `RecordNotFoundError`.
    """
    runs = [_find(each).records for each in (first, second, *more)]
    steps = _compare_steps(runs)
    outputs = _compare_outputs(runs, steps)
    return Comparison(
        runs=tuple(each.run for each in runs),
        parameters=_compare_texts([each.run.parameters for each in runs]),
        environment=_compare_texts([each.run.environment for each in runs]),
        metrics=_compare_metrics(runs),
        outputs=outputs,
        steps=steps,
        divergence=find_divergence(runs, steps),
        small_values=_look_into(runs, outputs),
        show_equal=show_equal,
    )


def _find(run: Run[Any] | str) -> Run[Any]:
    return find_run(run) if isinstance(run, str) else run


def _names(groups: Iterable[Iterable[str]]) -> list[str]:
    """Return every name once, in the order of meeting."""
    return list(dict.fromkeys(name for group in groups for name in group))


def _compare_texts(recorded: Sequence[Mapping[str, str]]) -> tuple[TextRow, ...]:
    return tuple(
        TextRow(name, tuple(each.get(name) for each in recorded)) for name in _names(recorded)
    )


def _compare_steps(runs: Sequence[RunRecords]) -> tuple[StepRow, ...]:
    by_node = [{step.node: step for step in each.steps} for each in runs]
    return tuple(
        StepRow(node, tuple(each.get(node) for each in by_node)) for node in _names(by_node)
    )


def _compare_outputs(runs: Sequence[RunRecords], steps: Sequence[StepRow]) -> tuple[OutputRow, ...]:
    rows: list[OutputRow] = []
    for row in steps:
        made = [
            {} if step is None else {a.name: a for a in run.artifacts_of(step.id).outputs}
            for run, step in zip(runs, row.steps, strict=True)
        ]
        rows += [
            OutputRow(f"{row.node}.{name}", tuple(each.get(name) for each in made))
            for name in _names(made)
        ]
    return tuple(rows)


def _look_into(runs: Sequence[RunRecords], outputs: Sequence[OutputRow]) -> dict[str, str]:
    """Return what the first outputs that differ hold, by digest, where that is small."""
    found: dict[str, str] = {}
    for row in [row for row in outputs if not row.equal][:_MOST_VALUES]:
        for run, artifact in zip(runs, row.artifacts, strict=True):
            if artifact is not None and artifact.digest not in found:
                value = describe_small_value(artifact, run.stack.metadata_store)
                found.update({} if value is None else {artifact.digest: value})
    return found


def _compare_metrics(runs: Sequence[RunRecords]) -> tuple[MetricRow, ...]:
    by_place = [
        {(point.node, point.name): point for point in each.metrics.last_points().values()}
        for each in runs
    ]
    ambiguous = {
        name
        for points in by_place
        for name in {name for _, name in points}
        if sum(name == other for _, other in points) > 1
    }
    named = [
        {
            f"{node}.{name}" if name in ambiguous else name: point
            for (node, name), point in points.items()
        }
        for points in by_place
    ]
    return tuple(_metric_row(name, [each.get(name) for each in named]) for name in _names(named))


def _metric_row(name: str, points: Sequence[Point | None]) -> MetricRow:
    modes = {point.mode for point in points if point is not None}
    mode = modes.pop() if len(modes) == 1 else None
    return MetricRow(name, tuple(point and point.value for point in points), mode)
