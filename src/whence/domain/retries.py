"""Retries: how often a failed step is tried again, and after which pauses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a step is tried again after a failure, and when.

    The first retry comes after *pause* seconds, each further one after *factor* times the pause
    before it, none after more than *longest* seconds. Chance shortens each pause by up to the share
    *jitter*, so that what failed together does not come back together.
    """

    count: int
    pause: float = 1.0
    factor: float = 2.0
    longest: float = 60.0
    jitter: float = 0.25

    def pause_after(self, failures: int, chance: float) -> float:
        """Return the seconds to wait after so many failures; *chance* is drawn from 0 to 1."""
        return self._full_pause(failures) * (1 - self.jitter * chance)

    def _full_pause(self, failures: int) -> float:
        try:
            return min(self.longest, self.pause * self.factor ** (failures - 1))
        except OverflowError:  # of the power: the longest pause was reached long ago
            return self.longest if self.pause else 0.0
