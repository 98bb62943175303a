"""Which nodes come before which: by what they take, by conditions, and by maps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from whence.graph.bindings import Binding, Condition, Each, references
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
    every = (*bindings, *(condition.flag for condition in conditions))
    found = (reference.node for binding in every for reference in references(binding))
    return tuple(dict.fromkeys(found))


def _awaited(node: DraftNode, nodes: Mapping[str, DraftNode]) -> Iterator[str]:
    given = node.arguments if node.map is None else node.map.lists
    for binding in (*given.values(), *(condition.flag for condition in node.conditions)):
        yield from _behind(binding, nodes)


def _behind(binding: Binding, nodes: Mapping[str, DraftNode]) -> Iterator[str]:
    if isinstance(binding, Each):
        around = nodes[binding.map].map
        if around is not None:
            yield from _behind(around.lists[binding.argument], nodes)
        return
    for reference in references(binding):
        yield reference.node
