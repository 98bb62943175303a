"""Resources: what a step needs of a machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one attempt of a step needs.

    *cpu* and *gpu* are counts and may be fractions; *memory* is a size such as `"2GiB"`.
    """

    cpu: float = 1
    gpu: float = 0
    memory: str | None = None
