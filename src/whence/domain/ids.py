"""Sortable unique identifiers (UUIDv7), so that stores merge without renumbering."""

import os
import time
from typing import NewType

RunId = NewType("RunId", str)
StepRunId = NewType("StepRunId", str)
ArtifactId = NewType("ArtifactId", str)

SHOWN_CHARACTERS = 8
"""How many of an id's last characters listings show; the first ones are a clock and look alike."""


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562): Unix time to a quarter microsecond, then 62 random bits.

    Ids that one process makes one after the other sort in that order, as long as the clock goes on.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000  # in the bits that the RFC offers for it
    value = (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | fraction << 64
        | 0b10 << 62
        | _draw_random() & 0x3FFF_FFFF_FFFF_FFFF
    )
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_BYTES = 8  # of chance in an id
_chance: list[int] = []  # drawn in bulk: one call of the system costs more than all the rest
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_chance.clear)  # a child draws its own


def _draw_random() -> int:
    try:
        return _chance.pop()  # one thread gets each: it is a single act of the interpreter
    except IndexError:
        drawn = os.urandom(256 * _BYTES)
        _chance.extend(memoryview(drawn).cast("Q"))
        return int.from_bytes(os.urandom(_BYTES))


def short_id(identifier: str) -> str:
    """Return the part of *identifier* that listings show."""
    return identifier[-SHOWN_CHARACTERS:]
