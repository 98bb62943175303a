"""The functions that read the clock or draw random numbers, which raise no audit event."""

import datetime as dt
import os
import random
import time
import uuid
from types import FrameType
from typing import Any

from whence.auditing.callers import Caller, find_caller
from whence.auditing.findings import FindingKind
from whence.auditing.watched_step import WatchedStep

SHARED_RANDOM = "random"
"""The generator behind `random.random()`, which all code of a process shares."""

_CHANCE_WRAPPERS = frozenset({"random", "secrets", "uuid"})
_SHARED: Any = random._inst  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # has no public name
_SEED_CODE = random.Random.seed.__code__

_CLOCKS: dict[Any, str] = {
    time.time: "time.time()",
    time.time_ns: "time.time_ns()",
    dt.datetime.now: "datetime.now()",
    dt.datetime.utcnow: "datetime.utcnow()",  # pyright: ignore[reportDeprecated]  # whoever calls it is found
    dt.datetime.today: "datetime.today()",
    dt.date.today: "date.today()",
}
_SHARED_DRAWS = {_SHARED.random, _SHARED.getrandbits}
_UUID_CLOCK: Any = getattr(uuid, "_generate_time_safe", None)

_KNOWN = {*_CLOCKS, *_SHARED_DRAWS, os.urandom, _UUID_CLOCK} - {None}


def hear_c_call(step: WatchedStep, frame: FrameType, function: Any) -> None:
    """Note what *function*, which is written in C and was called in *frame*, reads or draws."""
    if function not in _KNOWN and frame.f_code is not _SEED_CODE:
        return
    caller = find_caller(frame)
    if caller is not None:
        _note_call(step, caller, frame, function)


def _note_call(step: WatchedStep, caller: Caller, frame: FrameType, function: Any) -> None:
    if function in _SHARED_DRAWS:
        step.note_draw(SHARED_RANDOM, caller)
    elif function in _CLOCKS:
        if caller.is_direct(frozenset()):
            step.note(FindingKind.CLOCK, _CLOCKS[function], caller)
    elif caller.is_direct(_CHANCE_WRAPPERS):
        if frame.f_code is not _SEED_CODE:
            step.note(FindingKind.RANDOMNESS, _name_source(caller), caller)
        elif _seeds_by_chance(frame, function):
            step.note(FindingKind.RANDOMNESS, "random.Random() without a seed", caller)


def _name_source(caller: Caller) -> str:
    """Return a name for a draw of the system's entropy."""
    if "uuid" in caller.through:
        return "uuid.uuid4() or uuid1()"
    if "secrets" in caller.through:
        return "the module secrets"
    return "a generator without a seed" if "random" in caller.through else "os.urandom()"


def _seeds_by_chance(frame: FrameType, function: Any) -> bool:
    """Return whether a generator of its own is seeded with whatever the system gives."""
    is_seeding = getattr(function, "__name__", "") == "seed"
    return is_seeding and frame.f_locals.get("a") is None and function.__self__ is not _SHARED
