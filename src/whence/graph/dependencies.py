"""Which nodes come before which: by what they take, by conditions, and by maps."""

from collections.abc import Iterable, Mapping, Sequence

from whence.graph.bindings import Binding, Condition, Constant, Each, Reference, references
from whence.graph.draft import DraftNode


def find_dependencies(nodes: Mapping[str, DraftNode]) -> dict[str, Sequence[str]]:
    """Return the nodes of a draft that each one comes after, each once.

    A map comes after the nodes that it is to place, so that what waits for it waits for them.
    """
    placed = list_placed(nodes, nodes)
    return {
        name: tuple(dict.fromkeys([*_awaited(node, nodes), *placed.get(name, ())]))
        for name, node in nodes.items()
    }


def list_placed(nodes: Mapping[str, DraftNode], order: Iterable[str]) -> dict[str, list[str]]:
    """Return the nodes that each map is to place itself, in the order given."""
    placed: dict[str, list[str]] = {}
    for name in order:
        within = nodes[name].within
        if within is not None:
            placed.setdefault(within, []).append(name)
    return placed


def nodes_behind(bindings: Iterable[Binding], conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Return the nodes whose outputs are taken, or are looked at as conditions, each once."""
    found: dict[str, None] = {}
    for binding in (*bindings, *[condition.flag for condition in conditions]):
        found.update(dict.fromkeys(_nodes_in(binding)))
    return tuple(found)


def _nodes_in(binding: Binding) -> Sequence[str]:
    if isinstance(binding, Reference):  # by far the most frequent
        return (binding.node,)
    return [] if isinstance(binding, Constant) else [each.node for each in references(binding)]


def _awaited(node: DraftNode, nodes: Mapping[str, DraftNode]) -> list[str]:
    given = node.arguments if node.map is None else node.map.lists
    found: list[str] = []
    for binding in (*given.values(), *[condition.flag for condition in node.conditions]):
        found += _behind(binding, nodes)
    return found


def _behind(binding: Binding, nodes: Mapping[str, DraftNode]) -> Sequence[str]:
    if not isinstance(binding, Each):
        return _nodes_in(binding)
    around = nodes[binding.map].map
    return () if around is None else _behind(around.lists[binding.argument], nodes)
