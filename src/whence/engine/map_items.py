"""How the items of a map stand: which have failed, and what that makes of the map."""

from dataclasses import dataclass

from whence.domain.frozen import frozen
from whence.domain.status import StepStatus


@frozen
class Obstacle:
    """A node whose end keeps others from running."""

    node: str
    is_failure: bool  # else it belongs to a branch that is not taken


@dataclass(slots=True, eq=False)
class MapItems:
    """All items of one map."""

    map: str  # its node
    around: "Item | None"  # to which the map belongs itself
    unfinished: int
    most_failures: int
    failures: int = 0  # items without a result because of a failure
    first_failure: Obstacle | None = None
    has_failed_step: bool = False  # else the failures lie outside of the map
    has_cancelled_step: bool = False

    def conclude(self) -> tuple[StepStatus, Obstacle | None]:
        """Return the end of the map, and to what it goes back, now that all items have ended."""
        if self.has_cancelled_step:
            return StepStatus.CANCELLED, None
        if self.failures <= self.most_failures:
            return StepStatus.COMPLETED, None
        status = StepStatus.FAILED if self.has_failed_step else StepStatus.SKIPPED
        return status, self.first_failure


@dataclass(slots=True, eq=False)
class Item:
    """One item of a map: one node, or those of a pipeline."""

    of: MapItems
    unfinished: int
    has_failed: bool = False

    @property
    def may_fail(self) -> bool:
        """Whether its map completes all the same, as far as is known."""
        return self.of.failures <= self.of.most_failures

    def holds(self, item: "Item | None") -> bool:
        """Return whether *item* is this one or lies in it, at whatever depth."""
        while item is not None and item is not self:
            item = item.of.around
        return item is self

    def learn_end(self, status: StepStatus, root: Obstacle | None) -> bool:
        """Take note of how one of its nodes ended; return whether all of the map's have now."""
        if status is StepStatus.CANCELLED:
            self.of.has_cancelled_step = True
        elif root is not None and root.is_failure:
            self._learn_failure(status, root)
        self.unfinished -= 1
        if self.unfinished == 0:
            self.of.unfinished -= 1
        return self.of.unfinished == 0

    def _learn_failure(self, status: StepStatus, root: Obstacle) -> None:
        items = self.of
        if not self.has_failed:
            self.has_failed = True
            items.failures += 1
        if items.first_failure is None or (
            status is StepStatus.FAILED and not items.has_failed_step
        ):
            items.first_failure = root
        if status is StepStatus.FAILED:
            items.has_failed_step = True
