"""What a sweep would do: the plan of each variant, and what they share."""

from collections.abc import Mapping
from functools import cached_property

from whence.domain.frozen import frozen
from whence.graph.decisions import Decision, Verdict
from whence.graph.plan import Plan
from whence.graph.plan_text import describe_seconds
from whence.graph.shared_nodes import find_first_uses
from whence.history.reports.quantities import format_count
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.shown import Shown

_MOST_SHOWN = 40


@frozen
class VariantPlan:
    """One variant of a sweep, not run."""

    varied: Mapping[str, str]  # what varies, as it is shown
    plan: Plan


class SweepPlan(Shown):
    """What a sweep would compute, and how much of it its variants share. `print` shows it."""

    def __init__(self, name: str, variants: tuple[VariantPlan, ...]) -> None:
        self.name = name
        self.variants = variants

    @property
    def steps(self) -> int:
        """How many steps the variants have together."""
        return sum(len(variant.plan) for variant in self.variants)

    @property
    def shared(self) -> int:
        """How many of them need not run because another variant computes the same."""
        return self.steps - sum(map(len, self._own))

    @property
    def reused(self) -> int:
        """How many of the others are there already."""
        return sum(each.verdict is Verdict.HIT for own in self._own for each in own.values())

    @cached_property
    def _own(self) -> list[dict[str, Decision]]:
        """The decisions of each variant on what it is the first to need."""
        own: list[dict[str, Decision]] = [{} for _ in self.variants]
        for position, node in find_first_uses(each.plan for each in self.variants):
            own[position][node] = self.variants[position].plan.decisions[node]
        return own

    def _report(self) -> Report:
        names = list(dict.fromkeys(name for each in self.variants for name in each.varied))
        columns = [Column(name, keep=True) for name in names]
        columns += [Column(title, align="right") for title in ("steps", "shared", "reused", "time")]
        rows = [
            make_row(*(variant.varied.get(name, "") for name in names), *_count(variant, own))
            for variant, own in zip(self.variants, self._own, strict=True)
        ]
        rest = len(rows) - _MOST_SHOWN
        note = f"and {format_count(rest, 'other variant')}" if rest > 0 else ""
        title = f"sweep {self.name}: {format_count(len(rows), 'variant')}, checked, not run"
        table = make_table("", columns, rows[:_MOST_SHOWN], note)
        return Report((Cell(title, Tone.STRONG),), self.summary, (table,))

    @property
    def summary(self) -> str:
        """What it costs, in a sentence."""
        summary = f"{self.shared:,} of {self.steps:,} steps shared, {self.reused:,} reused, "
        running = [each for own in self._own for each in own.values()]
        running = [each for each in running if each.verdict is not Verdict.HIT]
        known = [each.expected_seconds for each in running if each.expected_seconds is not None]
        summary += f"{len(running):,} to run at most"
        return f"{summary}: {describe_seconds(sum(known))}" if known else summary


def _count(variant: VariantPlan, own: Mapping[str, Decision]) -> list[Cell]:
    reused = sum(each.verdict is Verdict.HIT for each in own.values())
    known = [each.expected_seconds or 0.0 for each in own.values()]
    time = describe_seconds(sum(known)) if any(known) else ""
    shared = len(variant.plan) - len(own)
    return [Cell(text) for text in (str(len(variant.plan)), str(shared), str(reused), time)]
