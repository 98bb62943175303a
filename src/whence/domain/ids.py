"""Sortable unique identifiers (UUIDv7), so that stores merge without renumbering."""

import functools
import os
import time
from collections.abc import Iterator
from typing import NewType

RunId = NewType("RunId", str)
StepRunId = NewType("StepRunId", str)
ArtifactId = NewType("ArtifactId", str)
ModelVersionId = NewType("ModelVersionId", str)
PromotionId = NewType("PromotionId", str)

SHOWN_CHARACTERS = 8
"""How many of an id's last characters listings show; the first ones are a clock and look alike."""


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562): Unix time to a quarter microsecond, then 62 random bits.

    Ids that one process makes one after the other sort in that order, as long as the clock goes on.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000  # in the bits that the RFC offers for it
    return f"{_show_milliseconds(milliseconds)}-7{fraction:03x}-{_draw_chance()}"


@functools.lru_cache(maxsize=1)
def _show_milliseconds(milliseconds: int) -> str:
    digits = f"{milliseconds & 0xFFFF_FFFF_FFFF:012x}"
    return f"{digits[:8]}-{digits[8:]}"


_DIGITS = 16  # of chance in an id
_VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
_chance: list[str] = []  # drawn in bulk: one call of the system costs more than all the rest
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_chance.clear)  # a child draws its own


def _draw_chance() -> str:
    """Return the last two groups of an id; the first two of their bits are those of the RFC."""
    try:
        return _chance.pop()  # one thread gets each: it is a single act of the interpreter
    except IndexError:
        first, *others = map(_show_chance, _draw_digits(256))
        _chance.extend(others)
        return first


def _draw_digits(count: int) -> Iterator[str]:
    digits = os.urandom(count * _DIGITS // 2).hex()
    return (digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS))


def _show_chance(digits: str) -> str:
    return f"{_VARIANTS[digits[0]]}{digits[1:4]}-{digits[4:]}"


def short_id(identifier: str) -> str:
    """Return the part of *identifier* that listings show."""
    return identifier[-SHOWN_CHARACTERS:]
