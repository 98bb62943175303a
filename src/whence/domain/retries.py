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


NO_RETRIES = Retries(0)


def check_retries(retries: Retries) -> None:
    """Raise `ValueError` for numbers that make no sense."""
    count = retries.count
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not all typed
        msg = f"The count of retries is a whole number, 0 or more, not {count!r}."
        raise ValueError(msg)
    for name, least, most in _RANGES:
        value = getattr(retries, name)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and least <= value <= most):
            msg = f"{name} is a number from {least} to {most}, not {value!r}."
            raise ValueError(msg)


_YEAR = 366 * 24 * 60 * 60
_RANGES = (("pause", 0, _YEAR), ("factor", 1, 1000), ("longest", 0, _YEAR), ("jitter", 0, 1))
