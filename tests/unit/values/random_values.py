"""Draws values from a seed, with near misses; as a script it prints the digests of some.

`form_of` says what a value is in another way than canonical bytes do: two values have one form
exactly when they are equal and of equal types, whatever the order of their dicts and sets.
"""

import dataclasses
import math
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import numpy as np
from pydantic import BaseModel

from whence.values.canonical import compute_value_digest, encode_canonically


class Color(Enum):
    """A choice with values that are also other values."""

    RED = 1
    ONE = "1"
    PAIR = (1, "1")


class Level(IntEnum):
    """A choice that is also a number."""

    RED = 1


class Right(Flag):
    """Choices that can be combined."""

    READ = 1
    WRITE = 2


class Point(NamedTuple):
    """A NamedTuple."""

    x: object
    y: object


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """A dataclass."""

    x: object
    y: object


class Config(BaseModel):
    """A model."""

    x: object
    y: object


LETTERS = "1y2: $,\ud800é"
SCALARS = [
    lambda random: None,
    lambda random: random.random() < 0.5,
    lambda random: random.randint(-3, 12),
    lambda random: random.choice([10**700, -(2**63), 2**64, 255, 256]),
    lambda random: random.choice([0.0, -0.0, 1.0, 2.0, 0.1, math.inf, math.nan, -math.nan, 1e300]),
    lambda random: "".join(random.choices(LETTERS, k=random.randint(0, 3))),
    lambda random: random.choice(["None", "True", "1.0", "i1:1", "s1:1", "l0:", "Color", "RED"]),
    lambda random: bytes(random.choices(b"1y2:\0", k=random.randint(0, 3))),
    lambda random: bytearray(random.choices(b"1y2:\0", k=random.randint(0, 3))),
    lambda random: complex(random.choice([0.0, -0.0, 1.0, math.nan]), random.choice([0.0, -0.0])),
    lambda random: Decimal(random.choice(["1", "1.0", "1.00", "-0", "0", "0E+3", "NaN"])),
    lambda random: Path(random.choice(["1", "y", "1/y", "1y"])),
    lambda random: date(2024, 1, random.randint(1, 3)),
    lambda random: datetime(
        2024, 1, 1, 12, tzinfo=random.choice([None, UTC, timezone(timedelta(hours=1))])
    ),
    lambda random: timedelta(random.randint(-1, 1), random.randint(0, 1)),
    lambda random: UUID(int=random.randint(0, 2)),
    lambda random: random.choice([*Color, *Level, *Right, Right.READ | Right.WRITE]),
]
NUMPY = [
    lambda random: np.float64(random.choice([0.0, -0.0, 1.0, math.nan])),
    lambda random: np.float32(random.choice([0.0, -0.0, 1.0, math.nan])),
    lambda random: random.choice([np.int64, np.int8, np.uint8])(random.randint(0, 2)),
    lambda random: random.choice([np.bool_(True), np.str_("1"), np.datetime64("2024-01-01")]),
    lambda random: np.array(
        random.choices([0, 1, 2], k=4), dtype=random.choice(["<i4", ">i4", "i8", "f4", "f8", "S1"])
    ).reshape(random.choice([(4,), (2, 2), (1, 4), (4, 1)])),
    lambda random: np.array([random.choice([1, "1", None]), 2], dtype=object),
]


def draw_value(random: Random, depth: int = 0):
    """Return some value; small ones are frequent, so that equal ones are drawn again."""
    if depth > 3 or random.random() < 0.45:
        return random.choice(NUMPY if random.random() < 0.04 else SCALARS)(random)
    kind = random.choice([list, tuple, dict, set, frozenset, Point, Optimizer, Config])
    if kind in {Point, Optimizer, Config}:
        fields = {name: draw_value(random, depth + 2) for name in ("x", "y")}
        return kind(**fields)
    if kind is dict:
        keys = [draw_key(random) for _ in range(random.randint(0, 3))]
        return {key: draw_value(random, depth + 1) for key in keys}
    if kind in {set, frozenset}:
        return kind([draw_key(random) for _ in range(random.randint(0, 3))])
    return kind(draw_value(random, depth + 1) for _ in range(random.randint(0, 3)))


def draw_key(random: Random):
    """Return some value that can be hashed."""
    value = random.choice(SCALARS)(random)
    value = bytes(value) if isinstance(value, bytearray) else value
    return (value, random.randint(0, 1)) if random.random() < 0.1 else value


def rebuild(value, random: Random):  # noqa: PLR0911  # one way for each kind
    """Return an equal value made anew, its dicts and sets filled in another order."""
    match value:
        case dict():
            items = [(rebuild(key, random), rebuild(part, random)) for key, part in value.items()]
            random.shuffle(items)
            return dict(items)
        case set() | frozenset():
            items = list(value)
            random.shuffle(items)
            return type(value)(items)
        case Point():
            return Point(*(rebuild(item, random) for item in value))
        case Optimizer() | Config():
            return type(value)(x=rebuild(value.x, random), y=rebuild(value.y, random))
        case list() | tuple():
            return type(value)([rebuild(item, random) for item in value])
        case np.ndarray():
            swapped = value.astype(value.dtype.newbyteorder())
            return np.asfortranarray(swapped) if random.random() < 0.5 else swapped
        case str():
            return value[:1] + value[1:] if type(value) is str else value
        case _:
            return value


def disturb(value, random: Random):
    """Return a value that is nearly *value*: one place in it is written a little differently."""
    if type(value) in {list, tuple, dict} and value and random.random() < 0.6:
        return disturb_inside(value, random)
    return random.choice(list(near_misses(value)))


def disturb_inside(value, random: Random):
    """Return a container with one of its parts disturbed."""
    if isinstance(value, dict):
        key = random.choice(list(value))
        return {**value, key: disturb(value[key], random)}
    items = list(value)
    position = random.randrange(len(items))
    items[position] = disturb(items[position], random)
    return type(value)(items)


def near_misses(value):  # noqa: C901  # one way for each kind
    """Yield values that a careless encoding would confuse with *value*."""
    yield from ([value], (value,), {"x": value}, Point(value, None), Optimizer(value, None))
    match value:
        case str():
            yield from (value + "1", value[:-1], list(value), value.encode("utf-8", "replace"))
        case bool() | int() if type(value) in {bool, int} and abs(value) < 2**60:
            yield from (str(value), float(value), bool(value), int(value), -value, Decimal(value))
            yield from (np.int64(value), np.int32(value & 7), np.array(value), [value] * 2)
        case float():
            yield from (-value, str(value), np.float32(value % 8), np.float64(value), repr(value))
        case bytes() | bytearray():
            yield from (value + b"\0", bytes(value), bytearray(value), value.decode("latin-1"))
        case list() | tuple() if type(value) in {list, tuple}:
            yield from (list(value), tuple(value), [*value, None], [*value, []], list(value)[::-1])
            yield from (dict(enumerate(value)), [list(value[:1]), *value[1:]])
            yield from ([*value[:1], list(value[1:])], [list(value)], np.array(None, dtype=object))
            yield from move_characters(list(value))
            yield from swallow_neighbour(list(value))
        case dict():
            yield from (list(value.items()), list(value), dict.fromkeys(value), {**value, "": None})
            yield dict(zip(value, reversed(value.values()), strict=True))
        case set() | frozenset():
            yield from (set(value), frozenset(value), {*value, ""}, len(value))
        case Point() | Optimizer() | Config():
            fields = {"x": value.x, "y": value.y}
            yield from (fields, Point(**fields), Optimizer(**fields), Config(**fields))
            yield Point(value.y, value.x)
        case None:
            yield from ("None", "", False, 0, [], {}, (), set(), math.nan)
        case Enum():
            yield from (value.value, value.name, str(value))


def move_characters(items: list):
    """Yield *items* with a character moved from each text to its neighbour."""
    for position, (left, right) in enumerate(pairwise(items)):
        if type(left) is str and type(right) is str and left:
            moved = [left[:-1], left[-1] + right]
            yield [*items[:position], *moved, *items[position + 2 :]]


def swallow_neighbour(items: list):
    """Yield *items* with the first text holding the bytes of what follows it."""
    if len(items) > 1 and type(items[0]) is str:
        bytes_of_next = encode_canonically(items[1]).decode("latin-1")
        yield [items[0] + bytes_of_next, *items[2:]]


def form_of(value):  # noqa: C901, PLR0911, PLR0912  # one form for each kind
    """Return what a value is, as nested tuples of text."""
    kind = type(value).__name__
    match value:
        case Enum():
            return "enum", kind, str(value.name)
        case np.ndarray():
            native = value.astype(value.dtype.newbyteorder("="))
            items = [form_of(item) for item in value.ravel().tolist()]
            return "array", str(native.dtype), str(value.shape), *items
        case np.bool_() | np.int64() | np.float64() | np.str_():
            return form_of(value.item())
        case np.generic():
            return "scalar", kind, repr(value)
        case int():
            return kind, hex(value)
        case float():
            return kind, value.hex()
        case complex():
            return kind, value.real.hex(), value.imag.hex()
        case Decimal():
            return kind, str(value.as_tuple())
        case datetime():
            return kind, value.isoformat()
        case Point():
            return "namedtuple", form_of(value.x), form_of(value.y)
        case Optimizer() | Config():
            return "fields", kind, form_of(value.x), form_of(value.y)
        case list() | tuple():
            return kind, *(form_of(item) for item in value)
        case set() | frozenset():
            return kind, *sorted((form_of(item) for item in value), key=repr)
        case dict():
            items = [(form_of(key), form_of(part)) for key, part in value.items()]
            return kind, *sorted(items, key=repr)
        case _:
            return kind, repr(value)


def digests(seed: int, count: int) -> list[str]:
    """Return the digests of *count* values that are the same wherever they are drawn."""
    random = Random(seed)
    return [compute_value_digest(rebuild(draw_value(random), random)) for _ in range(count)]


if __name__ == "__main__":
    print("\n".join(digests(*map(int, sys.argv[1:]))))
