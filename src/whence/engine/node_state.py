"""How one node of a run stands, and what the end of another means to it."""

from dataclasses import dataclass, field
from enum import Enum, auto

from whence.domain.status import StepStatus
from whence.engine.map_items import Item, MapItems, Obstacle
from whence.engine.run_events import StopCause
from whence.engine.step_rules import StepRules


class Phase(Enum):
    """What a node is doing."""

    AWAITING_NODES = auto()  # something that it depends on has no end yet
    READY = auto()  # it may be decided, or expanded
    DECIDING = auto()
    EXPANDING = auto()
    AWAITING_KEY = auto()  # somebody else computes the same
    QUEUED = auto()  # it is to be computed as soon as there is room
    RUNNING = auto()
    STOPPING = auto()  # its attempt was asked to stop
    PAUSING = auto()  # before a retry
    EXPANDED = auto()  # its items are on their way
    ENDED = auto()


@dataclass(slots=True, eq=False)
class NodeState:
    """One node while its run goes on."""

    name: str
    position: int  # in the order in which nodes became known
    rules: StepRules
    item: Item | None = None  # to which it belongs
    phase: Phase = Phase.AWAITING_NODES
    missing: int = 0  # ends and expansions that it awaits
    obstacle: Obstacle | None = None  # what keeps it from running
    followers: list["NodeState"] = field(default_factory=list["NodeState"])
    item_followers: list["NodeState"] = field(default_factory=list["NodeState"])
    attempt: int = 0  # number of the latest
    stopped: StopCause | None = None  # why its attempt was asked to stop
    look_pause: float = 0.0  # seconds before the next look for what somebody else computes
    overtaken: int = 0  # by how many that were further back in the queue
    alarm: int = 0  # number of the one that is set
    items: MapItems | None = None  # of a map, once they are known
    status: StepStatus = StepStatus.PENDING  # until its end
    root: Obstacle | None = None  # to which an end without a result goes back

    def close(self, status: StepStatus, root: Obstacle | None = None) -> None:
        """Give the node its end."""
        self.phase, self.status, self.root = Phase.ENDED, status, root
        self.alarm = 0

    @property
    def is_spoilt(self) -> bool:
        """Whether it ended without a result because of a failure."""
        return self.root is not None and self.root.is_failure

    def learn_end(self, of: "NodeState") -> bool:
        """Take note that a node it depends on has ended; return whether it awaits nothing more."""
        if of.status is not StepStatus.COMPLETED and not self._goes_on_without(of):
            self._meet(of.root)
        self.missing -= 1
        return self.missing == 0

    def learn_items(self, of: "NodeState") -> bool:
        """Take note that a map's items are known, or will never be; returns as `learn_end` does."""
        if of.items is None:
            self._meet(of.root)
        self.missing -= 1
        return self.missing == 0

    def settle(self) -> None:
        """Become ready or skipped, now that nothing more is awaited."""
        if self.obstacle is None:
            self.phase = Phase.READY
        else:
            self.close(StepStatus.SKIPPED, self.obstacle)

    def _goes_on_without(self, node: "NodeState") -> bool:
        if node.name not in self.rules.tolerates:
            return False
        if not node.is_spoilt:
            return True
        item = node.item
        return item is not None and item.may_fail and not item.holds(self.item)

    def _meet(self, obstacle: Obstacle | None) -> None:
        """Remember what is in the way.

        A step of a branch that is not taken would not have run in any case: that goes before a
        failure, whichever became known first.
        """
        if self.obstacle is None or (obstacle is not None and not obstacle.is_failure):
            self.obstacle = obstacle
