"""What a map places, once its lists are known: the nodes of each item, and the list of results.

All of it is pure: nothing is read, and nothing runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from whence.domain.node_names import EACH, name_item
from whence.errors import UnequalItemsError
from whence.graph.bindings import (
    Binding,
    Collection,
    Condition,
    Constant,
    Each,
    Item,
    Reference,
)
from whence.graph.dependencies import nodes_behind
from whence.graph.draft import DraftNode
from whence.graph.missing import find_tolerated
from whence.graph.plan import MapTemplate, PlannedNode
from whence.graph.plan_nodes import part_awaited
from whence.graph.settle import settle_argument

FindMap = Callable[[str], PlannedNode | None]
"""Gives the map of a name, also one that is expanded already; None for any other node."""


def count_items(node: PlannedNode, lengths: Mapping[str, int]) -> int:
    """Return how many items a map has, by the length of each list.

    Raises `UnequalItemsError`.
    """
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{length} for '{name}'" for name, length in sorted(lengths.items()))
        raise UnequalItemsError(where=node.step.place, node=node.name, lengths=told)
    return next(iter(lengths.values()))


def expand_map(node: PlannedNode, count: int, find_map: FindMap) -> list[dict[str, PlannedNode]]:
    """Return the nodes of each item of a map, by name.

    Raises a `DefinitionError` for an item that the step does not take.
    """
    copies = (_Copy(node, index, find_map) for index in range(count))
    return [copy.nodes() for copy in copies]


def results_of_item(node: PlannedNode, output: str, index: int, find_map: FindMap) -> Binding:
    """Return what one item of a map gives as one of its outputs."""
    return _Copy(node, index, find_map).binding(_template_of(node).results[output])


def gather_results(binding: Binding, counts: Mapping[str, int], find_map: FindMap) -> Binding:
    """Return a binding in which the results of expanded maps are lists of what each item gives.

    *counts* says how many items each map has.
    """
    if isinstance(binding, Collection):
        items = tuple((key, gather_results(each, counts, find_map)) for key, each in binding.items)
        return Collection(binding.kind, items)
    if isinstance(binding, Reference) and (node := find_map(binding.node)) is not None:
        if binding.node not in counts:
            return binding  # it was never expanded
        results = (
            results_of_item(node, binding.output, index, find_map)
            for index in range(counts[binding.node])
        )
        items = tuple((i, gather_results(each, counts, find_map)) for i, each in enumerate(results))
        return Collection(list, items)
    return binding


def _template_of(node: PlannedNode) -> MapTemplate:
    if node.template is None:
        raise AssertionError(node.name)  # only maps are expanded
    return node.template


@dataclass(slots=True)
class _Copy:
    """One item of a map."""

    map: PlannedNode
    index: int
    find_map: FindMap
    made: dict[str, PlannedNode] = field(default_factory=dict[str, PlannedNode])  # maps in it

    def nodes(self) -> dict[str, PlannedNode]:
        made = (self._node(each, self.map.name) for each in _template_of(self.map).nodes.values())
        return {node.name: node for node in made}

    def _name(self, name: str) -> str:
        """Return the name of a node for this item; names outside of the map stay as they are."""
        own = name_item(self.map.name, EACH)
        if not name.startswith(own):
            return name
        return name_item(self.map.name, self.index) + name.removeprefix(own)

    def _node(self, node: PlannedNode, parent: str | None) -> PlannedNode:
        """Return a node of the template as this item has it."""
        inputs = {name: self.binding(each) for name, each in node.inputs.items()}
        conditions = tuple(
            Condition(self.binding(each.flag), each.expected) for each in node.conditions
        )
        copy = replace(
            node, name=self._name(node.name), inputs=inputs, conditions=conditions, parent=parent
        )
        if node.template is not None:
            return self._map(copy, node.template)
        return self._settle(copy)

    def _settle(self, node: PlannedNode) -> PlannedNode:
        """Return a step whose items are known values with these as parameters."""
        taker = DraftNode(node.name, node.step, node.options, node.step.place, 0)
        inputs, values, texts = dict(node.inputs), dict(node.parameters), dict(node.recorded)
        for name, binding in node.inputs.items():
            if not isinstance(binding, Constant):
                continue
            settled = settle_argument(taker, node.step.arguments[name], binding.value)
            if settled.text is not None:
                values[name], texts[name] = settled.value, settled.text
                del inputs[name]
        return replace(
            node,
            parameters=values,
            recorded=texts,
            inputs=inputs,
            depends_on=nodes_behind(inputs.values(), node.conditions),
            tolerates=find_tolerated(node.step, inputs, node.conditions),
        )

    def _map(self, node: PlannedNode, template: MapTemplate) -> PlannedNode:
        """Return a map that this item places in turn, to be expanded when its lists are there."""
        inside = (self._node(each, None) for each in template.nodes.values())
        results = {name: self.binding(each) for name, each in template.results.items()}
        awaited, followed = part_awaited(
            node.inputs, node.conditions, lambda name: self._find_map(name) is not None
        )
        made = self.made[node.name] = replace(
            node,
            depends_on=awaited,
            follows_items_of=followed,
            template=MapTemplate({each.name: each for each in inside}, results),
        )
        return made

    def _find_map(self, name: str) -> PlannedNode | None:
        return self.made.get(name) or self.find_map(name)

    def binding(self, binding: Binding) -> Binding:
        """Return what something in the template is bound to for this item."""
        match binding:
            case Each(name, argument) if name == self.map.name:
                return self._item_of(self.map.inputs[argument])
            case Each(name, argument):
                return Each(self._name(name), argument)
            case Reference(name, output):
                return Reference(self._name(name), output)
            case Collection(kind, items):
                return Collection(kind, tuple((key, self.binding(each)) for key, each in items))
            case _:
                return binding

    def _item_of(self, spread: Binding) -> Binding:
        match spread:
            case Collection(_, items):
                return items[self.index][1]
            case Constant(value):
                return Constant(value[self.index])
            case Reference(name, output) if (inner := self._find_map(name)) is not None:
                return results_of_item(inner, output, self.index, self._find_map)
            case Reference() | Item():
                return Item(spread, self.index)
            case _:
                raise AssertionError(spread)  # no other binding is a list
