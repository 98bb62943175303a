"""Outputs that may be missing, as those of a branch not taken: who can go on without them?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType
from typing import Any

from whence.graph.bindings import Binding, Collection, Condition, Each, Reference
from whence.graph.dependencies import nodes_behind
from whence.graph.draft import DraftNode
from whence.graph.interface import Argument, StepSpec
from whence.graph.items import item_types
from whence.graph.map_sources import map_of, sources_of
from whence.values.type_forms import union_members


def accepts_none(annotation: Any) -> bool:
    """Return whether None may stand where *annotation* is declared."""
    return any(member in {NoneType, Any, object} for member in union_members(annotation))


_NOBODY: frozenset[str] = frozenset()  # one for all nodes: an empty one takes 216 bytes, too


def find_tolerated(
    step: StepSpec, inputs: Mapping[str, Binding], conditions: Sequence[Condition]
) -> frozenset[str]:
    """Return the nodes that a step takes something of and can go on without."""
    if step.takers_of_none.isdisjoint(inputs):
        return _NOBODY
    accepted: dict[str, bool] = {}
    for name, binding in inputs.items():
        argument = step.arguments.get(name)
        if argument is not None:
            for node, accepts in _uses(binding, _type_of(argument)):
                accepted[node] = accepted.get(node, True) and accepts
    accepting = {node for node, accepts in accepted.items() if accepts}
    return frozenset(accepting.difference(nodes_behind((), conditions)))


def _type_of(argument: Argument) -> Any:
    """Return the type by which None is taken or not; an artifact is never None."""
    return argument.artifact_type or argument.annotation


def _uses(binding: Binding, annotation: Any) -> Iterator[tuple[str, bool]]:
    """Yield each node that a binding refers to, and whether None may stand there."""
    if isinstance(binding, Reference):
        yield binding.node, accepts_none(annotation)
    elif isinstance(binding, Collection):
        types = item_types(annotation, binding.kind, [key for key, _ in binding.items])
        for (_, item), item_type in zip(binding.items, types or [], strict=False):
            yield from _uses(item, item_type)


def find_optional(nodes: Mapping[str, DraftNode], order: Iterable[str]) -> set[str]:
    """Return the nodes that a run may skip although nothing failed; *order* is that of running."""
    if not any(node.conditions or node.options.allow_failures for node in nodes.values()):
        return set()
    found: set[str] = set()
    for name in order:
        node = nodes[name]
        if node.conditions or any(_awaited_in_vain(node, nodes, found)):
            found.add(name)
    return found


def _awaited_in_vain(
    node: DraftNode, nodes: Mapping[str, DraftNode], optional: set[str]
) -> Iterator[bool]:
    given = node.arguments if node.map is None else node.map.lists
    for name, binding in given.items():
        argument = node.step.arguments.get(name)
        annotation = _type_of(argument) if argument is not None else list
        for source, accepts in _uses_in_draft(binding, annotation, nodes):
            allows = nodes[source].map is not None and nodes[source].options.allow_failures
            yield not accepts and (source in optional or bool(allows))


def _uses_in_draft(
    binding: Binding, annotation: Any, nodes: Mapping[str, DraftNode]
) -> Iterator[tuple[str, bool]]:
    if not isinstance(binding, Each):
        yield from _uses(binding, annotation)
        return
    for _, source in sources_of(binding, nodes):
        if isinstance(source, (Reference, Collection)):
            yield from _uses(source, annotation)
    around = map_of(nodes, binding.map)
    spread = around.lists[binding.argument] if around is not None else None
    if isinstance(spread, Reference) and map_of(nodes, spread.node) is not None:
        yield spread.node, accepts_none(annotation)
