"""A plan as text for people: one block for each step, or for the many items of a map."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from whence.domain.frozen import frozen
from whence.domain.node_names import group_items, pattern_of
from whence.graph.decisions import Decision, Verdict
from whence.graph.node_text import describe_group, render_binding, title_of

if TYPE_CHECKING:
    from whence.graph.plan import Plan

_LONGEST_TITLE = 32
_MOST_REASONS = 3
_INDENT = " " * 7


class LineKind(StrEnum):
    """What a line of a plan is, by which a terminal gives it a colour."""

    HEAD = "head"  # of the whole plan
    HIT = "hit"  # a step that is reused, and all that is told of it
    MISS = "miss"  # a step that will run
    OPEN = "open"  # a step that may run
    REASON = "reason"  # why a step will or may run
    WARNING = "warning"  # what the decision cannot see
    DETAIL = "detail"


@frozen
class PlanLine:
    """One line of a plan's text."""

    text: str
    kind: LineKind


def render_plan(plan: "Plan") -> str:
    """Return the plan as text: one block for each step, in the order of running."""
    return "\n".join(line.text for line in list_lines(plan))


def list_lines(plan: "Plan") -> Iterator[PlanLine]:
    """Yield the lines of the text, each with what it is."""
    count = len(plan.nodes)
    head = f"{plan.pipeline}: {count} {'step' if count == 1 else 'steps'}, checked, not run"
    yield PlanLine(head, LineKind.HEAD)
    if plan.decisions:
        yield PlanLine(_summarise(plan.decisions), LineKind.HEAD)
    groups = [[plan.nodes[name] for name in names] for names in group_items(plan.nodes)]
    width = max((len(title_of(group)) for group in groups), default=0)
    for number, group in enumerate(groups, start=1):
        yield PlanLine("", LineKind.DETAIL)
        decisions = [plan.decisions[node.name] for node in group if node.name in plan.decisions]
        first = f"{number:>3}. {title_of(group)}"
        if decisions:
            yield from _render_decisions(first, min(width, _LONGEST_TITLE) + 5, decisions)
        else:
            yield PlanLine(first, LineKind.DETAIL)
        kind = LineKind.HIT if decisions and all(map(_is_hit, decisions)) else LineKind.DETAIL
        yield from (PlanLine(_INDENT + text, kind) for text in describe_group(group))
    if plan.returned is not None:
        yield PlanLine("", LineKind.DETAIL)
        yield PlanLine(f"returns {render_binding(plan.returned)}", LineKind.DETAIL)


def _is_hit(decision: Decision) -> bool:
    return decision.verdict is Verdict.HIT


def _render_decisions(first: str, width: int, decisions: Sequence[Decision]) -> Iterator[PlanLine]:
    """Yield what is decided of a node, or of the many items of a map."""
    counts = Counter(decision.verdict for decision in decisions)
    leading = next(each for each in (Verdict.MISS, Verdict.OPEN, Verdict.HIT) if counts[each])
    told = ", ".join(f"{count:,} {each}" for each, count in counts.items())
    verdict = str(leading) if len(counts) == 1 else told
    expected = _render_expected(decisions)
    yield PlanLine(f"{first:<{width}}  {verdict}{expected}", LineKind(leading.value))
    for decision, reason in _list_reasons(decisions):
        kind = LineKind.HIT if _is_hit(decision) else LineKind.REASON
        yield PlanLine(f"{_INDENT}because {reason}", kind)
    for warning in list(dict.fromkeys(each for one in decisions for each in one.warnings)):
        yield PlanLine(f"{_INDENT}warning: {warning}", LineKind.WARNING)


def _render_expected(decisions: Sequence[Decision]) -> str:
    known = [each.expected_seconds for each in decisions if each.expected_seconds is not None]
    return f"  {describe_seconds(sum(known))}" if known else ""


def _list_reasons(decisions: Sequence[Decision]) -> Iterator[tuple[Decision, str]]:
    """Yield the reasons; of many items, each reason once, and no more than a few."""
    found: dict[str, tuple[Decision, str]] = {}
    for decision in decisions:
        for reason in decision.reasons:
            told = reason if len(decisions) == 1 else pattern_of(reason)
            found.setdefault(told, (decision, told))
    if len(decisions) == 1:
        yield from found.values()
        return
    yield from islice(found.values(), _MOST_REASONS)
    if len(found) > _MOST_REASONS:
        yield decisions[0], f"of {len(found) - _MOST_REASONS:,} more reasons"


def _summarise(decisions: Mapping[str, Decision]) -> str:
    counts = Counter(decision.verdict for decision in decisions.values())
    told = {Verdict.HIT: "reused", Verdict.MISS: "to run", Verdict.OPEN: "open"}
    summary = ", ".join(f"{counts[verdict]} {words}" for verdict, words in told.items())
    running = [each for each in decisions.values() if each.verdict is not Verdict.HIT]
    known = [each.expected_seconds for each in running if each.expected_seconds is not None]
    if not known:
        return summary
    unknown = len(running) - len(known)
    besides = f", and {unknown} of unknown time" if unknown else ""
    return f"{summary}; {describe_seconds(sum(known))} if all of these run{besides}"


def describe_seconds(seconds: float) -> str:
    """Return about how long something takes; below a tenth of a second, only that."""
    if seconds < 0.1:  # noqa: PLR2004  # as promised
        return "under 0.1 s"
    if seconds < 100:  # noqa: PLR2004  # three digits
        return f"about {seconds:.2g} s" if seconds < 10 else f"about {seconds:.0f} s"  # noqa: PLR2004  # as above
    minutes = seconds / 60
    return f"about {minutes:.0f} min" if minutes < 120 else f"about {minutes / 60:.1f} h"  # noqa: PLR2004  # two hours
