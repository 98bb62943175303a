"""What is to be kept to when a node is run: what it awaits, needs, and is allowed."""

from dataclasses import field

from whence.domain.frozen import frozen
from whence.domain.resources import Resources
from whence.domain.retries import NO_RETRIES, Retries


@frozen
class StepRules:
    """How one node is to be run."""

    depends_on: tuple[str, ...] = ()  # nodes whose outputs it takes
    tolerates: frozenset[str] = frozenset()  # of these, the ones whose outputs may be missing
    follows_items_of: tuple[str, ...] = ()  # maps whose items it spreads again, as they are known
    resources: Resources = field(default_factory=Resources)
    retries: Retries = NO_RETRIES
    timeout_seconds: float | None = None  # of each attempt
    expands: bool = False  # a map over a list that only the run knows
    allow_failures: bool | float = False  # of a map: all, a largest count, or as a float a share


def most_failures(allowed: bool | float, items: int) -> int:  # noqa: FBT001  # the option is one value
    """Return how many of a map's items may fail."""
    if isinstance(allowed, bool):
        return items if allowed else 0
    if isinstance(allowed, int):
        return allowed
    return int(allowed * items + _ROUNDING)


_ROUNDING = 1e-9  # 0.29 of 100 items are 29, whatever the product of these floats says
