"""A plan: a checked pipeline, ready to run, with every value settled; and its text for people."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whence.graph.bindings import Binding, Collection, Constant, Given, Reference
from whence.graph.decisions import Decision, Verdict
from whence.graph.interface import StepOptions, StepSpec


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A step as it will run."""

    name: str
    step: StepSpec
    options: StepOptions
    parameters: Mapping[str, Any]  # validated values, defaults included
    recorded: Mapping[str, str]  # the same as typed JSON
    inputs: Mapping[str, Binding]  # arguments that take artifacts
    depends_on: tuple[str, ...]
    slot: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of a pipeline will do. `print(plan)` shows the graph."""

    pipeline: str
    nodes: Mapping[str, PlannedNode]  # each after all that it depends on
    returned: Binding | None
    parameters: Mapping[str, str]  # of pipeline and steps, as typed JSON
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])  # by node

    def __len__(self) -> int:
        return len(self.nodes)

    def __str__(self) -> str:
        return render_plan(self)

    __repr__ = __str__


LONGEST_VALUE = 60


def render_plan(plan: Plan) -> str:
    """Return the plan as text: one block for each step, in the order of running."""
    count = len(plan.nodes)
    lines = [f"{plan.pipeline}: {count} {'step' if count == 1 else 'steps'}, checked, not run"]
    if plan.decisions:
        lines.append(_summarise(plan.decisions))
    for number, node in enumerate(plan.nodes.values(), start=1):
        lines += ["", *_render_node(number, node, plan.decisions.get(node.name))]
    if plan.returned is not None:
        lines += ["", f"returns {_render_binding(plan.returned)}"]
    return "\n".join(lines)


def _summarise(decisions: Mapping[str, Decision]) -> str:
    counts = Counter(decision.verdict for decision in decisions.values())
    told = {Verdict.HIT: "reused", Verdict.MISS: "to run", Verdict.OPEN: "open"}
    summary = ", ".join(f"{counts[verdict]} {words}" for verdict, words in told.items())
    seconds = sum(decision.expected_seconds or 0 for decision in decisions.values())
    return f"{summary}; about {seconds:.3g} s at most" if seconds else summary


def _render_node(number: int, node: PlannedNode, decision: Decision | None) -> Iterator[str]:
    title = node.name if node.step.name == node.name else f"{node.name}: {node.step.name}"
    yield f"{number:>3}. {title}" + (f"  [{decision.verdict}]" if decision is not None else "")
    if decision is not None:
        yield from (f"       because {reason}" for reason in decision.reasons)
        yield from (f"       not seen: {warning}" for warning in decision.warnings)
    for name, binding in node.inputs.items():
        yield f"       {name} ← {_render_binding(binding)}"
    for name, text in node.recorded.items():
        yield f"       {name} = {_shorten(text)}"
    for output in node.step.outputs.values():
        yield f"       → {output}"


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
