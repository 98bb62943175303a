"""What stands behind the items of a map: the outputs and values that its nodes may be given."""

from collections.abc import Iterator, Mapping

from whence.domain.node_names import EACH
from whence.graph.bindings import Binding, Collection, Each, Reference
from whence.graph.draft import DraftMap, DraftNode
from whence.graph.interface import OutputSpec


def map_of(nodes: Mapping[str, DraftNode], name: str) -> DraftMap | None:
    """Return what the node of a map places; None for a node that is none."""
    node = nodes.get(name)
    return node.map if node is not None else None


def sources_of(
    each: Each, nodes: Mapping[str, DraftNode]
) -> Iterator[tuple[int | str, Binding | OutputSpec]]:
    """Yield what an item of a map may be: bindings of known items, or what items of a list are.

    Each has the number of the item, or stands for every one. Nothing is yielded for what only the
    run can tell.
    """
    around = map_of(nodes, each.map)
    if around is None:
        raise AssertionError(each)  # only a map's own nodes take its items
    source = around.lists[each.argument]
    if isinstance(source, Collection):
        yield from source.items
    elif isinstance(source, Reference) and (inner := map_of(nodes, source.node)) is not None:
        yield EACH, inner.results[source.output]
    elif each.argument in around.items:
        yield EACH, around.items[each.argument]
