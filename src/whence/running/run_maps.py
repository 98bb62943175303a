"""The maps of one run: how many items each has, and what is placed for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from whence.errors import NotSpreadableError
from whence.graph.bindings import Binding, Collection, Constant, Item, Reference
from whence.graph.expansion import count_items, expand_map, gather_results
from whence.graph.plan import PlannedNode
from whence.running.list_items import ListItems
from whence.values.validation import describe_value


class RunMaps:
    """Knows the nodes of a run, and expands those that are maps."""

    def __init__(self, nodes: Mapping[str, PlannedNode], items: ListItems) -> None:
        self.nodes = dict(nodes)
        self._items = items
        self._has_maps = any(node.template is not None for node in nodes.values())
        self._counts: dict[str, int] = {}

    def expand(self, name: str) -> list[dict[str, PlannedNode]]:
        """Return the nodes of each item of a map, which are nodes of the run from now on.

        Raises what is wrong with its lists, or with an item of them.
        """
        node = self.nodes[name]
        lengths = {
            argument: self._count(node, argument, binding)
            for argument, binding in node.inputs.items()
        }
        count = count_items(node, lengths)
        items = expand_map(node, count, self._find_map)
        self._counts[name] = count
        self._add(items)
        return items

    def gather(self, binding: Binding) -> Binding:
        """Return a binding in which the results of maps are lists of what their items give."""
        return gather_results(binding, self._counts, self._find_map)

    def gather_inputs(self, node: PlannedNode) -> PlannedNode:
        """Return a node whose inputs are gathered, each as by `gather`."""
        if not self._has_maps:
            return node
        gathered = {name: self.gather(binding) for name, binding in node.inputs.items()}
        return replace(node, inputs=gathered)

    def _add(self, items: Iterable[Mapping[str, PlannedNode]]) -> None:
        for nodes in items:
            self.nodes.update(nodes)

    def _find_map(self, name: str) -> PlannedNode | None:
        node = self.nodes.get(name)
        return node if node is not None and node.template is not None else None

    def _count(self, node: PlannedNode, argument: str, binding: Binding) -> int:
        match binding:
            case Collection(_, items):
                return len(items)
            case Reference(name) if name in self._counts:
                return self._counts[name]
            case Reference() | Item():
                return self._items.count(binding)
            case Constant(value) if isinstance(value, (list, tuple)):
                return len(cast("Sequence[Any]", value))
            case Constant(value):
                raise NotSpreadableError(
                    where=node.step.place,
                    owner=node.name,
                    argument=argument,
                    value=describe_value(value),
                    reason="An item of the list around it is no list.",
                    cure="Let every item be a list.",
                )
            case _:
                raise AssertionError(binding)  # no other binding is a list
