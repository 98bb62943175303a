"""Where runs part: the first step that did something else, and what that moved."""

from collections.abc import Sequence

from whence.domain.records import ErrorRecord, StepRunRecord
from whence.history.comparing.rows import (
    Category,
    Divergence,
    MetricRow,
    StepDifference,
    StepRow,
)
from whence.history.plain_values import shorten
from whence.history.reports.quantities import format_numbers

_MOST_REASONS = 2


def find_divergences(
    steps: Sequence[StepRow], metrics: Sequence[MetricRow], runs: int
) -> tuple[Divergence, ...]:
    """Return, for each run that differs from the first, where it parts from that."""
    found = (_find_divergence(steps, metrics, run) for run in range(1, runs))
    return tuple(each for each in found if each is not None)


def _find_divergence(
    steps: Sequence[StepRow], metrics: Sequence[MetricRow], run: int
) -> Divergence | None:
    """Return the first step that differs while all that it depends on is the same.

    One that came to something else is preferred to one whose change made no difference.
    """
    graph = _Graph(steps, run)
    roots = graph.find_roots()
    if not roots:
        return None
    row = next(filter(graph.passes_on, roots), roots[0])
    difference = graph.differences[row]
    effect = _describe_moved_metric(metrics, graph.reach(row), run)
    step = steps[row].steps[run]
    return Divergence(
        run,
        steps[row].node,
        (*_choose_reasons(difference, step), *_name_others(steps, graph, row)),
        effect or _describe_effect(difference, step),
        row,
    )


class _Graph:
    """The rows of two runs, tied as the steps of either are."""

    def __init__(self, steps: Sequence[StepRow], run: int) -> None:
        self.differences = [row.differences[run - 1] for row in steps]
        self._after: list[set[int]] = [set() for _ in steps]
        self._before: list[set[int]] = [set() for _ in steps]
        for side in (0, run):
            present = [(row, step) for row, each in enumerate(steps) if (step := each.steps[side])]
            places = {step.node: row for row, step in present}
            for row, step in present:
                for node in step.depends_on:
                    if node in places:
                        self._after[row].add(places[node])
                        self._before[places[node]].add(row)

    def passes_on(self, row: int) -> bool:
        """Return whether what depends on a row differs because of it."""
        each = self.differences[row]
        return each.has_effect or any(cause.category == Category.STEP for cause in each.causes)

    def find_roots(self) -> list[int]:
        """Return the rows that differ though nothing that they depend on came out otherwise."""
        return [
            row
            for row, each in enumerate(self.differences)
            if each.any and not any(map(self.passes_on, self._after[row]))
        ]

    def reach(self, start: int) -> set[int]:
        """Return a row and all that depend on it."""
        reached: set[int] = set()
        to_see = [start]
        while to_see:
            row = to_see.pop()
            if row not in reached:
                reached.add(row)
                to_see += self._before[row]
        return reached


def _choose_reasons(difference: StepDifference, step: StepRunRecord | None) -> tuple[str, ...]:
    words = [cause.words for cause in difference.causes]
    if difference.unexplained is not None:
        words.append(difference.unexplained)
    if not words and difference.status is not None:
        words.append(describe_end(difference, step))
    rest = len(words) - _MOST_REASONS
    if rest > 1:
        return (*words[:_MOST_REASONS], f"{rest} more changes")
    return tuple(words)


def _name_others(steps: Sequence[StepRow], graph: _Graph, row: int) -> tuple[str, ...]:
    """Return in words which steps were changed besides, so that no change takes all the credit."""
    others = [
        steps[other].node
        for other, each in enumerate(graph.differences)
        if other != row and each.causes
    ]
    if len(others) > 1:
        return (f"{len(others)} more steps were changed",)
    return tuple(f"{node} was changed too" for node in others)


def _describe_moved_metric(metrics: Sequence[MetricRow], reached: set[int], run: int) -> str:
    """Return the last metric that moved, one that says which way is better if there is any."""
    moved = [row for row in metrics if row.step in reached and row.change_in(run)]
    if not moved:
        return ""
    latest = max(moved, key=lambda row: (row.mode is not None, row.step))
    old, new = format_numbers([latest.per_run[0], latest.per_run[run]])
    better = latest.is_better_in(run)
    judged = "" if better is None else " (better)" if better else " (worse)"
    return f"{latest.name} {old} → {new}{judged}"


def _describe_effect(difference: StepDifference, step: StepRunRecord | None) -> str:
    if difference.status is not None:
        return describe_end(difference, step) if difference.causes else ""
    if difference.outputs or difference.unexplained:
        return ""
    is_step = any(cause.category == Category.STEP for cause in difference.causes)
    return "" if is_step else "its outputs are equal"


def describe_end(difference: StepDifference, step: StepRunRecord | None) -> str:
    """Return how a step ended otherwise than in the first run; of a failure, what was raised."""
    if step is not None and step.error is not None:
        return f"{step.status}: {describe_error(step.error)}"
    before, after = difference.status or ("", "")
    return f"status {before} → {after}"


def describe_error(error: ErrorRecord) -> str:
    """Return an exception in one short line."""
    first, *_ = error.message.splitlines() or [""]
    return shorten(f"{error.type}: {first}" if first else error.type)
