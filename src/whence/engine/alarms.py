"""When a run has to do something by itself: attempts out of time, retries, further looks."""

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count

from whence.engine.node_state import NodeState


class Alarms:
    """At most one moment for each node; the earliest is found at once."""

    def __init__(self) -> None:
        self._set: list[tuple[float, int, NodeState]] = []
        self._numbers = count(1)

    def set(self, node: NodeState, at: float) -> None:
        """Wake *node* at this moment, and at none that was set before."""
        node.alarm = next(self._numbers)
        heappush(self._set, (at, node.alarm, node))

    def sound(self, now: float) -> Iterator[NodeState]:
        """Yield the nodes whose moment has come."""
        while (earliest := self.earliest) is not None and earliest <= now:
            _, _, node = heappop(self._set)
            node.alarm = 0
            yield node

    @property
    def earliest(self) -> float | None:
        """The next moment."""
        while self._set and self._set[0][1] != self._set[0][2].alarm:
            heappop(self._set)  # overtaken by what happened meanwhile
        return self._set[0][0] if self._set else None
