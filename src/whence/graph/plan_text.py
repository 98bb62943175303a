"""A plan as text for people: one block for each step, in the order of running."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from whence.graph.bindings import Binding, Collection, Constant, Given, Reference
from whence.graph.decisions import Decision, Verdict
from whence.values.typed_json_differences import show_value

if TYPE_CHECKING:
    from whence.graph.plan import Plan, PlannedNode

LONGEST_VALUE = 60
_LONGEST_TITLE = 32
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


@dataclass(frozen=True, slots=True)
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
    width = max((len(_title(node)) for node in plan.nodes.values()), default=0)
    for number, node in enumerate(plan.nodes.values(), start=1):
        yield PlanLine("", LineKind.DETAIL)
        decision = plan.decisions.get(node.name)
        first = f"{number:>3}. {_title(node)}"
        if decision is None:
            yield PlanLine(first, LineKind.DETAIL)
        else:
            yield from _render_decision(first, min(width, _LONGEST_TITLE) + 5, decision)
        kind = LineKind.HIT if _is_hit(decision) else LineKind.DETAIL
        yield from (PlanLine(_INDENT + text, kind) for text in _describe_node(node))
    if plan.returned is not None:
        yield PlanLine("", LineKind.DETAIL)
        yield PlanLine(f"returns {_render_binding(plan.returned)}", LineKind.DETAIL)


def _is_hit(decision: Decision | None) -> bool:
    return decision is not None and decision.verdict is Verdict.HIT


def _title(node: "PlannedNode") -> str:
    return node.name if node.step.name == node.name else f"{node.name}: {node.step.name}"


def _render_decision(first: str, width: int, decision: Decision) -> Iterator[PlanLine]:
    kind = LineKind(decision.verdict.value)
    spent = decision.expected_seconds
    expected = f"  {describe_seconds(spent)}" if spent is not None else ""
    yield PlanLine(f"{first:<{width}}  {decision.verdict}{expected}", kind)
    reason_kind = LineKind.HIT if _is_hit(decision) else LineKind.REASON
    for reason in decision.reasons:
        yield PlanLine(f"{_INDENT}because {reason}", reason_kind)
    for warning in decision.warnings:
        yield PlanLine(f"{_INDENT}warning: {warning}", LineKind.WARNING)


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


def _describe_node(node: "PlannedNode") -> Iterator[str]:
    for name, binding in node.inputs.items():
        yield f"{name} ← {_render_binding(binding)}"
    for name, text in node.recorded.items():
        yield f"{name} = {_shorten(show_value(text))}"
    for output in node.step.outputs.values():
        yield f"→ {output}"


def _render_binding(binding: Binding) -> str:
    if isinstance(binding, Reference):
        return f"{binding.node}.{binding.output}"
    if isinstance(binding, Given):
        return binding.artifact.uri
    if isinstance(binding, Constant):
        return f"a value ({type(binding.value).__name__})"
    if isinstance(binding, Collection):
        items = [_render_item(key, item) for key, item in binding.items[:4]]
        if len(binding.items) > len(items):
            items.append(f"… {len(binding.items)} in all")
        return f"[{', '.join(items)}]"
    return "?"


def _render_item(key: Any, item: Binding) -> str:
    named = isinstance(key, str)  # in a dict or a NamedTuple; a list's items have numbers
    return f"{key}: {_render_binding(item)}" if named else _render_binding(item)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
