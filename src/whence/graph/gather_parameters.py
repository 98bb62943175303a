"""The parameters of all steps of a plan, as a run records them."""

from collections.abc import Iterable

from whence.domain.node_names import without_items
from whence.graph.plan import PlannedNode


def gather_parameters(nodes: Iterable[PlannedNode]) -> dict[str, str]:
    """Return the parameters by `node.argument`, as typed JSON.

    What all items of a map have in common is given once, by the name of the map; what they differ
    in is recorded with each of them alone.
    """
    found: dict[str, str | None] = {}
    for node in nodes:
        address = without_items(node.name)
        for argument, text in node.recorded.items():
            name = f"{address}.{argument}"
            found[name] = text if found.get(name, text) == text else None
    return {name: text for name, text in found.items() if text is not None}
