"""Which values are one value to a cache key, and which are two."""

import dataclasses
import enum
import math
import struct
from collections import OrderedDict, namedtuple
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, SecretStr

from whence.errors import NotStorableError
from whence.values.canonical import compute_value_digest, encode_canonically
from whence.values.typed_json import MAX_DEPTH


class Size(NamedTuple):
    """A NamedTuple."""

    width: int
    height: int


@dataclasses.dataclass
class Model:
    """A dataclass in a dataclass."""

    depth: int = 6
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Config:
    """A dataclass."""

    model: Model
    lr: float = 0.1


class Color(enum.Enum):
    """A choice; its second member is an object that only code can tell."""

    RED = 1
    ODD = object()


def take_apart(data: bytes) -> list[bytes]:
    """Return the pieces in a row of pieces, knowing only that each says its length."""
    pieces = []
    while data:
        length, _, rest = data[1:].partition(b":")
        pieces.append(rest[: int(length)])
        data = rest[int(length) :]
    return pieces


@pytest.mark.parametrize(
    "values",
    [
        [("1y", "2"), ("1", "y2"), ("", "1y2"), ("1y2", ""), "1y2"],
        [1, "1", True, 1.0, b"1", Decimal(1), complex(1), [1], (1,), bytearray(b"1")],
        [None, "None", "", False, 0, "null", [], [None]],
        [[1, 2], (1, 2), {1, 2}, frozenset({1, 2}), {1: 2}, Size(1, 2), "[1, 2]"],
        [[], (), {}, set(), frozenset(), "", b"", bytearray()],
        [[[1], 2], [1, [2]], [[1, 2]], [1, 2], [[1], [2]], [[[1]], 2]],
        [["a", "b"], ["ab"], ["a,b"], ["a", "b", ""], ["", "a", "b"], ["as1:b"]],
        [{"a": "b"}, {"b": "a"}, {"ab": ""}, {"": "ab"}, {"a": {"b": None}}, {"a", "b"}],
        [{"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1, "b": 2, "c": None}, {"a": 12}],
        [{1: "a"}, {"1": "a"}, {True: "a"}, {1.0: "a"}],
        [0, 0.0, -0.0, False, Decimal(0), Decimal("-0"), Decimal("0.0")],
        [2**53, 2.0**53, 2**53 + 1, -(2**53), str(2**53)],
        [10**5000, 10**5000 + 1, -(10**5000)],
        [Decimal("1.0"), Decimal("1.00"), Decimal(1), 1.0],
        [math.nan, math.inf, -math.inf, "nan", Decimal("NaN")],
        ["a", b"a", bytearray(b"a"), Path("a"), PurePosixPath("a"), ["a"]],
        ["😀", "\ud83d\ude00", "\ud83d", "\ude00", "?"],
        [date(2024, 1, 1), datetime(2024, 1, 1), "2024-01-01"],  # noqa: DTZ001  # naive on purpose
        [timedelta(1), timedelta(0, 86399), timedelta(0, 1)],
        [Color.RED, 1, "RED", "Color.RED", Color.ODD],
        [Model(), {"depth": 6, "tags": []}, (6, []), Model(7), Model(6, [7]), Config(Model())],
    ],
)
def test_near_misses_are_told_apart(values):
    """Values that only look alike, or are merely equal across types, never share their bytes."""
    assert len({encode_canonically(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("value", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([{"a": {"x": 1, "y": 2}}], [{"a": {"y": 2, "x": 1}}]),
        ({3, 1, 2}, {1, 2, 3}),
        ({"a", None, 1, (1, "a")}, {(1, "a"), 1, None, "a"}),
        (math.nan, -math.nan),
        (math.nan, struct.unpack(">d", bytes.fromhex("7ff8000000000001"))[0]),
        (Path("data/x.csv"), Path("data") / "." / "x.csv"),
        (Config(Model(6), 0.1), Config(lr=0.1, model=Model())),
    ],
)
def test_equal_values_share_their_bytes(value, same):
    """What differs only in order of filling, or in the bits of a NaN, is one value."""
    assert encode_canonically(value) == encode_canonically(same)


def test_one_moment_in_two_zones_is_two_values():
    """A step sees the wall clock and the zone, so both count, and the second of a doubled hour."""
    utc = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    berlin = utc.astimezone(ZoneInfo("Europe/Berlin"))
    zones = [utc, berlin, utc.astimezone(timezone(timedelta(hours=2))), berlin.replace(fold=1)]

    assert len({encode_canonically(moment) for moment in zones}) == len(zones)


def test_every_piece_carries_its_length():
    """The bytes can be cut into their pieces by someone who knows none of the types."""
    data = encode_canonically(["s1:a", {"b": b"l0:"}, 255])
    (row,) = take_apart(data)

    assert take_apart(row) == [b"s1:a", b"s1:bb3:l0:", b"ff"]
    assert data == b"l26:s4:s1:ad10:s1:bb3:l0:i2:ff"


def make_classes(module: str) -> dict:
    """Return classes of every kind as a module of that name would define them."""
    classes = [
        dataclasses.make_dataclass("Setting", [("x", int)]),
        enum.Enum("Choice", {"A": 1}),
        namedtuple("Pair", "x y"),  # noqa: PYI024  # made at run time, like the others
        make_model("Shape"),
    ]
    for cls in classes:
        cls.__module__ = module
    return {cls.__name__: cls for cls in classes}


def make_model(name: str) -> type[BaseModel]:
    """Return a model of this name with one field."""
    return type(name, (BaseModel,), {"__annotations__": {"x": int}, "__module__": "m"})


def test_module_names_do_not_count():
    """A class means the same whether its file is a script, imported or run by the command line."""
    script, imported = make_classes("__main__"), make_classes("project.train")
    values = [
        [each["Setting"](1), each["Choice"].A, each["Pair"](1, 2), each["Shape"](x=1)]
        for each in (script, imported)
    ]

    assert encode_canonically(values[0]) == encode_canonically(values[1])


def test_class_names_and_kinds_count():
    """Instances with equal fields differ by the name of their class, and by what it is."""
    fields = [("x", int)]
    values = [
        dataclasses.make_dataclass("Setting", fields)(1),
        dataclasses.make_dataclass("Other", fields)(1),
        namedtuple("Setting", "x")(1),  # noqa: PYI024  # as above
        make_model("Setting")(x=1),
        {"x": 1},
    ]

    assert len({encode_canonically(value) for value in values}) == len(values)


def test_a_member_of_an_enum_counts_by_name_and_by_value():
    """A value changed behind an old name, or renamed, is another parameter."""
    before = enum.Enum("Choice", {"A": 1}).A
    changed = enum.Enum("Choice", {"A": 2}).A
    renamed = enum.Enum("Choice", {"B": 1}).B
    nested = [enum.Enum("Choice", {"A": Model(depth)}).A for depth in (1, 2)]
    values = [before, changed, renamed, *nested]

    assert len({encode_canonically(value) for value in values}) == len(values)


def test_digest_names_its_algorithm():
    """A value's digest is written as other digests are, and follows the value alone."""
    digest = compute_value_digest({"a": 1, "b": 2})

    assert digest.startswith("blake3:")
    assert digest == compute_value_digest({"b": 2, "a": 1}) != compute_value_digest({"a": 1})


class Money(int):
    """A number of a type of its own."""


class Broken:
    """Its repr must not be asked for."""

    def __repr__(self):
        raise RuntimeError


class Nested(BaseModel):
    """A model with a field that is not data."""

    token: SecretStr


@pytest.mark.parametrize(
    ("value", "place", "reason"),
    [
        ({"a": [object()]}, "$.a[0]", "neither plain data"),
        ({"optimizer": {"lr": [1, 2, range(3)]}}, "$.optimizer.lr[2]", "neither plain data"),
        (Config(Model(Broken())), "$.model.depth", "neither plain data"),
        ({"a b": Fraction(1, 2)}, "$['a b']", "neither plain data"),
        ({1: {date(2024, 1, 1): print}}, "$[1][datetime.date(2024, 1, 1)]", "neither plain data"),
        ({10**5000: print}, "$[int]", "neither plain data"),
        ({Color.RED: lambda: None}, "$[Color]", "neither plain data"),
        ({"a": {Broken()}}, "$.a{...}", "neither plain data"),
        ({(1, Broken()): 1}, "${...}[1]", "neither plain data"),
        ([Money(3)], "$[0]", "plain int"),
        (OrderedDict(a=1), "$", "plain dict"),
        (int, "$", "neither plain data"),
        (Nested(token=SecretStr("x")), "$.token", "neither plain data"),
    ],
)
def test_what_has_no_bytes_of_its_own_is_refused(value, place, reason):
    """What is not data is refused with its place, never taken by its repr, address or pickle."""
    with pytest.raises(NotStorableError, match=reason) as caught:
        encode_canonically(value)

    assert caught.value.where == place
    assert "part of a cache key" in str(caught.value)


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: (v,), lambda v: {"a": v}, Config])
def test_depth_is_bounded(wrap):
    """What is nested as deep as a record allows has bytes; one level more is refused."""
    value = 1
    for _ in range(MAX_DEPTH):
        value = wrap(value)

    assert encode_canonically(value)
    with pytest.raises(NotStorableError, match="levels deep"):
        encode_canonically(wrap(value))


def test_circles_are_refused():
    """A list that contains itself is refused, and its error stays readable."""
    circle: list = []
    circle.append({"a": circle})

    with pytest.raises(NotStorableError, match="contains itself") as caught:
        encode_canonically(circle)

    assert len(str(caught.value)) < 500


def test_a_full_stack_is_a_refusal():
    """Where the caller has left no room on the stack, that is said as nesting is."""

    def dive():
        try:
            dive()
        except RecursionError:
            encode_canonically([[[[[[[[[[1]]]]]]]]]])

    with pytest.raises(NotStorableError, match="nested"):
        dive()
