"""Constants count by what they are: their values with their types, never their addresses."""

import datetime as dt
import decimal
import enum
import fractions
import logging
import pathlib
import re
import struct
import threading
import types
import uuid
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.fingerprint.boundary import Boundary
from whence.fingerprint.encode_values import ValueEncoder
from whence.fingerprint.walk import Walk


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass
class Point:
    x: int
    y: Any = None


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value


class Words(list):
    pass


class Kept(list):
    def __reduce__(self):
        raise AssertionError


class Frozen(frozenset):
    def __getstate__(self):
        raise AssertionError


Pair = namedtuple("Pair", "a b")  # noqa: PYI024  # the older spelling is in use too


def encode(value: Any) -> tuple[bytes, list[str], list[str], bytes]:
    """Return a value as bytes, the parts it refers to, what is not seen, and what is shared."""
    walk = Walk(Boundary())
    encoded = ValueEncoder(walk, "test").encode(value)
    names = [target.name for target in walk.targets]
    return encoded, names, [each.name for each in walk.unresolved], walk.sharing()


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=8,
)


def typed(value: Any) -> Any:
    """Return a value that equals another's only if their types do too, in depth."""
    kind = type(value).__name__
    if isinstance(value, list | tuple):
        return kind, [typed(each) for each in value]
    if isinstance(value, dict):
        return kind, [(typed(key), typed(each)) for key, each in value.items()]
    if isinstance(value, float | complex):  # by their bits: a NaN equals nothing
        return kind, struct.pack(">dd", value.real, value.imag)
    return kind, repr(value)


@given(plain, plain)
def test_values_share_an_encoding_exactly_if_they_are_the_same(first, second):
    """Two values have one encoding exactly if they are equal, and of equal types, in depth."""
    assert (encode(first)[0] == encode(second)[0]) == (typed(first) == typed(second))


@given(st.sets(st.text() | st.integers()))
def test_order_of_a_set_does_not_count(values):
    """A set has one encoding, in whatever order it was filled."""
    refilled = set[object]()
    refilled.update(sorted(values, key=repr, reverse=True))

    assert encode(values) == encode(refilled)


DIFFERENT = [
    Color.RED, Color.BLUE, Point(1), Point(2), Point(1, [1]), Slotted(1), Slotted(2), Words(),
    Words("a"), Kept("a"), Kept("b"), Frozen("a"), Frozen("b"),
    Pair(1, 2), Pair(2, 1), (1, 2), range(3), range(4), slice(1), slice(2),
    np.arange(3), np.arange(3.0), np.arange(4), np.arange(4).reshape(2, 2), np.float64(1.0),
    np.float32(1.0), np.dtype("f4"), np.random.RandomState(1), np.random.RandomState(2),
    np.array(["a", None], dtype=object), np.sum, np.max, len, print, str.upper, str.lower,
    pathlib.PurePosixPath("a"), pathlib.PurePosixPath("b"), re.compile("a"),
    re.compile("a", re.IGNORECASE),
    dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2026, 1, 1), dt.timedelta(1), decimal.Decimal("1.0"),  # noqa: DTZ001  # naive
    decimal.Decimal("1.00"), fractions.Fraction(1, 3), uuid.UUID(int=1), uuid.UUID(int=2),
    deque([1]), deque([1], maxlen=3), Counter("a"), OrderedDict(a=1), defaultdict(int, a=1),
    defaultdict(float, a=1), {"a": 1}, types.SimpleNamespace(a=1), types.MappingProxyType({"a": 1}),
    int, float, list[int], list[str], int | str, ..., NotImplemented, bytearray(b"a"),
]  # fmt: skip


def test_different_values_of_many_types_differ():
    """Values of types that people keep in modules are told apart, and all are seen."""
    encoded = [encode(value) for value in DIFFERENT]

    assert [value for value, each in zip(DIFFERENT, encoded, strict=True) if each[2]] == []
    assert len({(each[0], tuple(each[1])) for each in encoded}) == len(DIFFERENT)


@pytest.mark.parametrize("value", DIFFERENT, ids=lambda each: type(each).__name__)
def test_value_keeps_its_encoding(value):
    """A value has the same encoding whenever it is asked for."""
    assert encode(value) == encode(value)


def test_lock_is_reported():
    """A lock has no value that could be told."""
    assert encode(threading.Lock())[2] == ["a value of type lock"]


def test_logger_counts_without_its_name():
    """A logger is named after its module, and module names do not count."""
    assert encode(logging.getLogger("a")) == encode(logging.getLogger("b"))


def test_value_within_itself_has_an_encoding():
    """A list that holds itself is told apart from one that holds another."""
    loop: list[Any] = []
    loop.append(loop)

    assert encode(loop)[0] not in {encode([[]])[0], encode([])[0]}


def test_deep_value_is_reported():
    """A value of many thousand levels ends in a report, not in an error."""
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]

    assert encode(deep)[2] == ["a value of type list"]
