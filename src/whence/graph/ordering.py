"""Who waits for whom: the order of a pipeline's nodes, and circles in it."""

from collections import deque
from collections.abc import Mapping, Sequence


def order_nodes(depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the nodes so that each comes after all that it depends on, else in the order given.

    Nodes in a circle, and those behind one, are left out.
    """
    waiting = {node: len(needed) for node, needed in depends_on.items()}
    followers: dict[str, list[str]] = {node: [] for node in depends_on}
    for node, needed in depends_on.items():
        for each in needed:
            followers[each].append(node)
    ready = deque(node for node, count in waiting.items() if count == 0)
    ordered: list[str] = []
    while ready:
        node = ready.popleft()
        ordered.append(node)
        for follower in followers[node]:
            waiting[follower] -= 1
            if waiting[follower] == 0:
                ready.append(follower)
    return ordered


def find_circles(depends_on: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return circles of nodes, so many that every node in one is behind at least one of them."""
    left = set(depends_on) - set(order_nodes(depends_on))
    circles: list[list[str]] = []
    seen: set[str] = set()
    for start in depends_on:
        if start in left and start not in seen:
            circle = _follow(start, depends_on, left, seen)
            if circle:
                circles.append(circle)
    return circles


def _follow(
    start: str, depends_on: Mapping[str, Sequence[str]], left: set[str], seen: set[str]
) -> list[str]:
    """Return the circle that is reached from *start* by going from a node to one that it needs."""
    trail: dict[str, int] = {}
    node = start
    while node not in trail:
        if node in seen:
            return []
        trail[node] = len(trail)
        seen.add(node)
        behind = [each for each in depends_on[node] if each in left]
        node = behind[0]
    circle = list(trail)[trail[node] :]
    return [*reversed(circle), circle[-1]]
