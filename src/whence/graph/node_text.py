"""A planned node as text for people, or the many nodes of a map as one."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from whence.domain.node_names import EACH, fold_names, group_items, name_item, without_items
from whence.graph.bindings import (
    Binding,
    Collection,
    Condition,
    Constant,
    Each,
    Given,
    Item,
    Reference,
)
from whence.values.typed_json_differences import show_value

if TYPE_CHECKING:
    from whence.graph.plan import MapTemplate, PlannedNode

LONGEST_VALUE = 60
_MOST_SHOWN = 4
"""How many items of a collection are shown, and values of an argument of a map."""


def title_of(group: "Sequence[PlannedNode]") -> str:
    """Return the name of a node, or of the items of a map, with the step where that is another."""
    name = fold_names([node.name for node in group])
    if group[0].template is not None:
        name = name_item(name, EACH)
    step = group[0].step.name
    count = "" if len(group) == 1 else f"  {len(group):,} items"
    return name + ("" if step == without_items(name) else f": {step}") + count


def describe_group(group: "Sequence[PlannedNode]") -> Iterator[str]:
    """Yield what a node takes and gives; of the items of a map, what they take in all."""
    first = group[0]
    if first.template is not None:
        yield from _describe_map(first, first.template)
        return
    if first.conditions:
        yield f"when {' and '.join(map(_render_condition, first.conditions))}"
    for name in first.inputs:
        bindings = [node.inputs[name] for node in group if name in node.inputs]
        yield f"{name} ← {_render_each(bindings)}"
    for name in first.recorded:
        texts = dict.fromkeys(node.recorded[name] for node in group if name in node.recorded)
        values = [_shorten(show_value(text)) for text in islice(texts, _MOST_SHOWN)]
        yield f"{name} = {_join(values, len(texts))}"
    for output in first.step.outputs.values():
        yield f"→ {output}"


def _describe_map(node: "PlannedNode", template: "MapTemplate") -> Iterator[str]:
    """Yield what a map spreads, and what it places for each item."""
    if node.conditions:
        yield f"when {' and '.join(map(_render_condition, node.conditions))}"
    for name, binding in node.inputs.items():
        yield f"{name} ← each of {render_binding(binding)}"
    of_step = template.nodes.get(name_item(node.name, EACH))
    if of_step is not None:
        yield from (line for line in describe_group([of_step]) if not _is_spread(line, node))
        return
    for each in template.nodes.values():
        yield title_of([each])
        yield from (f"  {line}" for line in describe_group([each]))


def _is_spread(line: str, node: "PlannedNode") -> bool:
    return any(line.startswith(f"{name} ← each ") for name in node.inputs)


def _render_condition(condition: Condition) -> str:
    flag = condition.flag
    shown = str(flag.value) if isinstance(flag, Constant) else render_binding(flag)
    return shown if condition.expected else f"not {shown}"


def render_binding(binding: Binding) -> str:
    """Return what an argument is bound to."""
    match binding:
        case Reference(node, output):
            shown = f"{node}.{output}"
        case Given(artifact, named):
            shown = artifact.uri if named is None else str(named)
        case Constant(value):
            shown = f"a value ({type(value).__name__})"
        case Collection():
            shown = f"[{_render_items(binding)}]"
        case Each(name, argument):
            shown = f"each {argument} of {name}"
        case Item(of, index):
            shown = f"{render_binding(of)}[{index}]"
        case _:
            shown = "?"
    return shown


def _render_each(bindings: Sequence[Binding]) -> str:
    """Return what an argument is bound to in the items of a map."""
    distinct = list(dict.fromkeys(map(render_binding, bindings)))
    if len(distinct) > 1 and all(isinstance(binding, Reference) for binding in bindings):
        return _join([fold_names(group) for group in group_items(distinct)], 0)
    return _join(distinct[:_MOST_SHOWN], len(distinct))


def _render_items(binding: Collection) -> str:
    named = any(isinstance(key, str) for key, _ in binding.items)  # a list's have numbers
    if not named and all(isinstance(item, Reference) for _, item in binding.items):
        names = dict.fromkeys(render_binding(item) for _, item in binding.items)
        folded = [fold_names(group) for group in group_items(names)]
        if len(folded) < len(names):
            return _join(folded[:_MOST_SHOWN], len(folded))
    items = [_render_item(key, item) for key, item in binding.items[:_MOST_SHOWN]]
    return _join(items, len(binding.items))


def _render_item(key: Any, item: Binding) -> str:
    named = isinstance(key, str)  # in a dict or a NamedTuple
    return f"{key}: {render_binding(item)}" if named else render_binding(item)


def _join(shown: Sequence[str], count: int) -> str:
    rest = [f"… {count:,} in all"] if count > len(shown) else []
    return ", ".join([*shown, *rest])


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
