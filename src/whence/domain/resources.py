"""Resources: what a step needs of a machine, and what a machine has."""

import math
import re
from dataclasses import dataclass

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGTP]i?B|B)\s*", re.ASCII)
_PREFIXES = "BKMGTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one attempt of a step needs.

    *cpu* and *gpu* are counts and may be fractions; *memory* is a size such as `"2GiB"`.
    """

    cpu: float = 1
    gpu: float = 0
    memory: str | None = None

    @property
    def memory_bytes(self) -> int:
        """The memory in bytes; 0 where none was asked for. Raises `ValueError`."""
        return 0 if self.memory is None else parse_memory(self.memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the attempts that run at one time may use together."""

    attempts: float = math.inf  # how many at once, whatever they need
    cpu: float = math.inf
    gpu: float = math.inf
    memory: float = math.inf  # bytes


def check_resources(resources: Resources) -> None:
    """Raise `ValueError` for amounts that no machine could have."""
    for name in ("cpu", "gpu"):
        amount = getattr(resources, name)
        if isinstance(amount, bool) or not isinstance(amount, (int, float)):
            msg = f"{name} is a number, not {amount!r}."
            raise ValueError(msg)  # noqa: TRY004  # one kind of refusal for every wrong amount
        if not 0 <= amount < math.inf:
            msg = f"{name} is 0 or more, not {amount!r}."
            raise ValueError(msg)
    if resources.memory is not None and not isinstance(resources.memory, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users are not all typed
        msg = f"memory is a size such as '2GiB', not {resources.memory!r}."
        raise ValueError(msg)
    _ = resources.memory_bytes


def parse_memory(text: str) -> int:
    """Return the bytes of a size such as `"512MB"` (powers of 1,000) or `"2GiB"` (of 1,024).

    Raises `ValueError` for what is no size.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        msg = f"{text!r} is no size: write a number and a unit, such as '512MB' or '2GiB'."
        raise ValueError(msg)
    number, unit = found.groups()
    return round(float(number) * (1024 if "i" in unit else 1000) ** _PREFIXES.index(unit[0]))
