"""A planned node as text for people, or the many nodes of a map as one."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from whence.domain.node_names import fold_names, group_items, without_items
from whence.graph.bindings import Binding, Collection, Constant, Given, Reference
from whence.values.typed_json_differences import show_value

if TYPE_CHECKING:
    from whence.graph.plan import PlannedNode

LONGEST_VALUE = 60
_MOST_SHOWN = 4
"""How many items of a collection are shown, and values of an argument of a map."""


def title_of(group: "Sequence[PlannedNode]") -> str:
    """Return the name of a node, or of the items of a map, with the step where that is another."""
    name = fold_names([node.name for node in group])
    step = group[0].step.name
    count = "" if len(group) == 1 else f"  {len(group):,} items"
    return name + ("" if step == without_items(name) else f": {step}") + count


def describe_group(group: "Sequence[PlannedNode]") -> Iterator[str]:
    """Yield what a node takes and gives; of the items of a map, what they take in all."""
    first = group[0]
    for name in first.inputs:
        bindings = [node.inputs[name] for node in group if name in node.inputs]
        yield f"{name} ← {_render_each(bindings)}"
    for name in first.recorded:
        texts = dict.fromkeys(node.recorded[name] for node in group if name in node.recorded)
        values = [_shorten(show_value(text)) for text in islice(texts, _MOST_SHOWN)]
        yield f"{name} = {_join(values, len(texts))}"
    for output in first.step.outputs.values():
        yield f"→ {output}"


def render_binding(binding: Binding) -> str:
    """Return what an argument is bound to."""
    if isinstance(binding, Reference):
        return f"{binding.node}.{binding.output}"
    if isinstance(binding, Given):
        return binding.artifact.uri
    if isinstance(binding, Constant):
        return f"a value ({type(binding.value).__name__})"
    if isinstance(binding, Collection):
        return f"[{_render_items(binding)}]"
    return "?"


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
