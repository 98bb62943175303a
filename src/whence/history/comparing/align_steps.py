"""Which steps of several runs belong together, whatever they are called there."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence

from whence.domain.node_names import is_item, pattern_of
from whence.domain.records import StepRunRecord

AlignedSteps = tuple[StepRunRecord | None, ...]
"""A step in each of several runs; None where a run has none that belongs to it."""

_MOST_ROUNDS = 20  # of looking at neighbours: how long a chain of renamed steps is followed
_NUMBERS = re.compile(r"\[\d+\]")


def align_steps(runs: Sequence[Sequence[StepRunRecord]]) -> list[AlignedSteps]:
    """Return the steps of runs as rows, in the order of the first run that has them.

    Every step run is in exactly one row, and a row has at most one of each run. The items of a map
    belong together that did the same, wherever they stand in their lists. Then names decide; what
    is called otherwise in different runs belongs together by its step and cache key, by its step
    and its neighbours, by its step alone, and at last by its place between neighbours, as where
    another step was swapped in.
    """
    table = _Table(runs)
    for same in (_same_item, _same_item_parameters, _same_node, _same_key):
        table.join(same)
    table.join_while_it_helps(table.same_step_after, table.same_step_before)
    for same in (_same_leaf, _same_step):
        table.join(same)
    table.join_while_it_helps(table.same_place, only_pairs=True)
    return table.in_order()


def _same_item(step: StepRunRecord) -> Hashable:
    return (
        (pattern_of(step.node), step.cache_key) if is_item(step.node) and step.cache_key else None
    )


def _same_item_parameters(step: StepRunRecord) -> Hashable:
    if not is_item(step.node) or not step.parameters:
        return None
    return pattern_of(step.node), step.step, tuple(sorted(step.parameters.items()))


def _same_node(step: StepRunRecord) -> Hashable:
    return step.node


def _same_key(step: StepRunRecord) -> Hashable:
    return (step.step, step.cache_key) if step.cache_key is not None else None


def _same_leaf(step: StepRunRecord) -> Hashable:
    return step.step, step.node.rpartition(".")[2]


def _same_step(step: StepRunRecord) -> Hashable:
    return step.step, pattern_of(step.node) != step.node


class _Table:
    """Rows that are joined, as long as some of them lack a run."""

    def __init__(self, runs: Sequence[Sequence[StepRunRecord]]) -> None:
        self._runs = [sorted(steps, key=lambda step: step.position) for steps in runs]
        self._rows: dict[int, dict[int, StepRunRecord]] = {}
        self._row_of: dict[tuple[int, str], int] = {}
        self._needed_by: dict[tuple[int, str], list[str]] = defaultdict(list)
        for run, steps in enumerate(self._runs):
            for step in steps:
                row = len(self._rows)
                self._rows[row] = {run: step}
                self._row_of[run, step.node] = row
                for node in step.depends_on:
                    self._needed_by[run, node].append(step.node)

    def join(self, same: Callable[[StepRunRecord], Hashable]) -> None:
        """Join rows that have something in common, in their order."""
        self._join(lambda row: same(next(iter(self._rows[row].values()))), only_pairs=False)

    def join_while_it_helps(
        self, *criteria: Callable[[int], Hashable], only_pairs: bool = False
    ) -> None:
        """Join rows by their neighbours, again where that made neighbours the same."""
        for _ in range(_MOST_ROUNDS):
            before = len(self._rows)
            for same in criteria:
                self._join(same, only_pairs=only_pairs)
            if len(self._rows) == before:
                return

    def _join(self, same: Callable[[int], Hashable], *, only_pairs: bool) -> None:
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for row, steps in self._rows.items():
            if len(steps) < len(self._runs) and (key := same(row)) is not None:
                groups[key].append(row)
        for members in groups.values():
            runs = [run for row in members for run in self._rows[row]]
            if not only_pairs or len(set(runs)) == len(runs):
                self._join_members(members)

    def _join_members(self, members: Sequence[int]) -> None:
        """Join each row to the first that lacks what it has; their order stays."""
        kept: list[int] = []
        looked_through: dict[frozenset[int], int] = {}  # a row that did not fit never will
        for row in members:
            runs = frozenset(self._rows[row])
            place = looked_through.get(runs, 0)
            while place < len(kept) and not runs.isdisjoint(self._rows[kept[place]]):
                place += 1
            looked_through[runs] = place
            if place == len(kept):
                kept.append(row)
            else:
                self._move(row, kept[place])

    def _move(self, row: int, target: int) -> None:
        steps = self._rows.pop(row)
        self._rows[target].update(steps)
        for run, step in steps.items():
            self._row_of[run, step.node] = target

    # ------------------------------------------------------------------ neighbours

    def same_step_after(self, row: int) -> Hashable:
        """Return the step of a row and the rows that it depends on."""
        after = self._after(row)
        return (*self._steps(row), after) if after else None

    def same_step_before(self, row: int) -> Hashable:
        """Return the step of a row and the rows that depend on it."""
        before = self._before(row)
        return (*self._steps(row), before) if before else None

    def same_place(self, row: int) -> Hashable:
        """Return the rows around a row, and the numbers of an item of a map."""
        after, before = self._after(row), self._before(row)
        numbers = [tuple(_NUMBERS.findall(step.node)) for step in self._rows[row].values()]
        return (after, before, numbers[0]) if after or before else None

    def _steps(self, row: int) -> tuple[str, ...]:
        return tuple(sorted({step.step for step in self._rows[row].values()}))

    def _after(self, row: int) -> frozenset[int]:
        return frozenset(
            self._row_of[run, node]
            for run, step in self._rows[row].items()
            for node in step.depends_on
            if (run, node) in self._row_of
        )

    def _before(self, row: int) -> frozenset[int]:
        return frozenset(
            self._row_of[run, node]
            for run, step in self._rows[row].items()
            for node in self._needed_by.get((run, step.node), ())
        )

    # ------------------------------------------------------------------ the result

    def in_order(self) -> list[AlignedSteps]:
        """Return the rows; what a run adds stands behind what comes before it in that run."""
        start = -1
        following: dict[int, int | None] = {start: None}
        for run, steps in enumerate(self._runs):
            place = start
            for step in steps:
                row = self._row_of[run, step.node]
                if row not in following:
                    following[row] = following[place]
                    following[place] = row
                place = row
        return [
            tuple(self._rows[row].get(run) for run in range(len(self._runs)))
            for row in _follow(following, start)
        ]


def _follow(following: dict[int, int | None], start: int) -> Iterator[int]:
    row = following[start]
    while row is not None:
        yield row
        row = following[row]
