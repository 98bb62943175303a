"""What is decided of a step before it runs."""

from enum import StrEnum

from whence.domain.frozen import frozen
from whence.domain.records import CacheEntry


class Verdict(StrEnum):
    """How a step stands before it runs."""

    HIT = "hit"  # its outputs are there
    MISS = "miss"  # it will run
    OPEN = "open"  # decided once others have run


@frozen
class Decision:
    """A verdict, and why it was reached."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    entry: CacheEntry | None = None  # of a hit
    expected_seconds: float | None = None  # from earlier step runs, where it will or may run
    warnings: tuple[str, ...] = ()  # what the key cannot see: `fingerprint` could not resolve it

    def __str__(self) -> str:
        return f"{self.verdict}: {'; '.join(self.reasons)}" if self.reasons else str(self.verdict)
