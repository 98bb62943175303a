"""Makes planned nodes of checked ones; what a map places goes into its template."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from whence.graph.bindings import Binding, Condition
from whence.graph.dependencies import list_placed, nodes_behind
from whence.graph.draft import DraftMap, DraftNode
from whence.graph.missing import find_tolerated
from whence.graph.plan import MapTemplate, PlannedNode
from whence.graph.settle import Settled


def plan_nodes(
    nodes: Mapping[str, DraftNode],
    order: Sequence[str],
    settled: Mapping[str, Mapping[str, Settled]],
) -> dict[str, PlannedNode]:
    """Return all nodes in the order of running, also those that maps are to place."""
    placed = list_placed(nodes, order)
    planned: dict[str, PlannedNode] = {}
    for name in order:  # what a map places comes before the map
        node = nodes[name]
        if node.map is None:
            planned[name] = _plan_step(node, settled[name])
        else:
            inside = {each: planned[each] for each in placed.get(name, ())}
            planned[name] = _plan_map(node, node.map, nodes, inside)
    return planned


def _plan_step(node: DraftNode, settled: Mapping[str, Settled]) -> PlannedNode:
    inputs: dict[str, Binding] = {}
    values: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for name, each in settled.items():
        if each.binding is not None:
            inputs[name] = each.binding
        if each.text is not None:
            values[name], texts[name] = each.value, each.text
    return PlannedNode(
        node.name,
        node.step,
        node.options,
        parameters=values,
        recorded=texts,
        inputs=inputs,
        depends_on=nodes_behind(inputs.values(), node.conditions),
        slot=node.slot.name if node.slot is not None else None,
        position=node.position,
        conditions=node.conditions,
        tolerates=find_tolerated(node.step, inputs, node.conditions),
    )


def _plan_map(
    node: DraftNode,
    places: DraftMap,
    nodes: Mapping[str, DraftNode],
    inside: Mapping[str, PlannedNode],
) -> PlannedNode:
    awaited, followed = part_awaited(
        places.lists, node.conditions, lambda name: nodes[name].map is not None
    )
    return PlannedNode(
        node.name,
        node.step,
        node.options,
        parameters={},
        recorded={},
        inputs=places.lists,
        depends_on=awaited,
        slot=node.slot.name if node.slot is not None else None,
        position=node.position,
        conditions=node.conditions,
        follows_items_of=followed,
        template=MapTemplate(inside, places.results),
    )


def part_awaited(
    lists: Mapping[str, Binding], conditions: Sequence[Condition], is_map: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a map waits for: nodes that are to complete, and maps that are to be expanded.

    The results of a map are spread again item by item, so its items need not have run.
    """
    spread = nodes_behind(lists.values(), ())
    flags = nodes_behind((), conditions)
    followed = tuple(name for name in spread if is_map(name) and name not in flags)
    awaited = (name for name in (*spread, *flags) if name not in followed)
    return tuple(dict.fromkeys(awaited)), followed
