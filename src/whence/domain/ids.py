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
    """Return a new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits.

    Ids made by one process in different milliseconds sort by the time of their making.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | random & 0x3FFF_FFFF_FFFF_FFFF
    )
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def short_id(identifier: str) -> str:
    """Return the part of *identifier* that listings show."""
    return identifier[-SHOWN_CHARACTERS:]
