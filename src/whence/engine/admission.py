"""Who may start: what runs together fits the capacity, and nobody is passed over for ever."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from whence.domain.resources import Capacity, Resources
from whence.engine.node_state import NodeState, Phase

LOOK_AHEAD = 16
"""How many steps of the same needs are decided before there is room for them.

What is decided is reserved: a run does not keep from others what it cannot compute soon itself.
"""

PATIENCE = 10
"""How often the first in the queue is overtaken by smaller ones; then these wait for it."""


class Admission:
    """The steps that are ready, in the order of their positions, and the room that is left."""

    def __init__(self, capacity: Capacity) -> None:
        self._room = _Room(capacity)
        self._lanes: dict[Resources, _Lane] = {}

    def add_ready(self, node: NodeState) -> None:
        """Take a step that is to be decided."""
        node.phase = Phase.READY
        heappush(self._lane_of(node).ready, (node.position, node))

    def add_queued(self, node: NodeState) -> None:
        """Take a step that is to be computed."""
        node.phase = Phase.QUEUED
        heappush(self._lane_of(node).queued, (node.position, node))

    def note_decided(self, node: NodeState) -> None:
        """Take note that a step was decided, one way or another."""
        self._lane_of(node).deciding -= 1

    def note_ended(self, node: NodeState) -> None:
        """Take back the room of an attempt."""
        self._room.give_back(self._lane_of(node).needs)

    def clear(self) -> None:
        """Forget who waits."""
        for lane in self._lanes.values():
            lane.ready.clear()
            lane.queued.clear()

    def starting(self) -> Iterator[NodeState]:
        """Yield the steps that may start now; each has its room from here on."""
        while (lane := self._choose_lane()) is not None:
            _, node = heappop(lane.queued)
            self._room.take(lane.needs)
            node.overtaken = 0
            yield node

    def to_decide(self) -> Iterator[NodeState]:
        """Yield the steps to decide now."""
        for lane in self._lanes.values():
            while lane.ready and lane.deciding + len(lane.queued) < LOOK_AHEAD:
                lane.deciding += 1
                yield heappop(lane.ready)[1]

    def _choose_lane(self) -> "_Lane | None":
        lanes = [lane for lane in self._lanes.values() if lane.queued]
        if len(lanes) > 1:
            lanes.sort(key=lambda lane: lane.queued[0][0])
        for lane in lanes:
            if self._room.fits(lane.needs):
                if lane is not lanes[0]:
                    lanes[0].queued[0][1].overtaken += 1
                return lane
            if lanes[0].queued[0][1].overtaken >= PATIENCE:
                return None
        return None

    def _lane_of(self, node: NodeState) -> "_Lane":
        lane = self._lanes.get(node.rules.resources)
        if lane is None:
            lane = self._lanes[node.rules.resources] = _Lane(_needs(node.rules.resources))
        return lane


class _Needs(NamedTuple):
    """Amounts in whole numbers, so that sums are exact."""

    cpu: float  # thousandths
    gpu: float  # thousandths
    memory: float  # bytes


@dataclass(slots=True, eq=False)
class _Lane:
    """Those that wait and need the same."""

    needs: _Needs
    ready: list[tuple[int, NodeState]] = field(default_factory=list[tuple[int, NodeState]])
    deciding: int = 0
    queued: list[tuple[int, NodeState]] = field(default_factory=list[tuple[int, NodeState]])


class _Room:
    """What is left of the capacity."""

    def __init__(self, capacity: Capacity) -> None:
        self._attempts = capacity.attempts
        self._most = _Needs(_thousandths(capacity.cpu), _thousandths(capacity.gpu), capacity.memory)
        self._running = 0
        self._cpu = self._gpu = self._memory = 0.0

    def fits(self, needs: _Needs) -> bool:
        """Return whether there is room; one that needs more than there ever is runs alone."""
        return self._running == 0 or (
            self._running < self._attempts
            and self._cpu + needs.cpu <= self._most.cpu
            and self._gpu + needs.gpu <= self._most.gpu
            and self._memory + needs.memory <= self._most.memory
        )

    def take(self, needs: _Needs) -> None:
        self._running += 1
        self._cpu += needs.cpu
        self._gpu += needs.gpu
        self._memory += needs.memory

    def give_back(self, needs: _Needs) -> None:
        self._running -= 1
        self._cpu -= needs.cpu
        self._gpu -= needs.gpu
        self._memory -= needs.memory


def _needs(resources: Resources) -> _Needs:
    return _Needs(_thousandths(resources.cpu), _thousandths(resources.gpu), resources.memory_bytes)


def _thousandths(amount: float) -> float:
    return amount if math.isinf(amount) else round(amount * 1000)
