"""What typed JSON writes, and that it comes back exactly."""

import json
import math
import re
import struct
from collections import Counter, OrderedDict, defaultdict
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whence.errors import NotStorableError
from whence.values.typed_json import MAX_DEPTH, decode, encode

SURROGATES = st.characters(categories=["Cs"])
TEXTS = st.text() | st.text(SURROGATES | st.characters())
ZONES = (
    st.none()
    | st.just(UTC)
    | st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]).map(ZoneInfo)
    | st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
    | st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)), TEXTS)
)
FOLDS = st.sampled_from([0, 1])
SCALARS = {
    "NoneType": st.none(),
    "bool": st.booleans(),
    "int": st.integers() | st.integers(600, 5000).map(lambda digits: -(10**digits)),
    "float": st.floats(),
    "str": TEXTS,
    "bytes": st.binary(),
    "complex": st.complex_numbers(),
    "Decimal": st.decimals() | st.just(Decimal("sNaN7")) | st.just(Decimal("-0E-500")),
    "UUID": st.uuids(),
    "date": st.dates(),
    "timedelta": st.timedeltas(),
    "datetime": st.builds(
        lambda moment, zone, fold: moment.replace(tzinfo=zone, fold=fold),
        st.datetimes(),
        ZONES,
        FOLDS,
    ),
    "time": st.builds(
        lambda moment, zone, fold: moment.replace(tzinfo=zone, fold=fold), st.times(), ZONES, FOLDS
    ),
    "PurePosixPath": TEXTS.map(PurePosixPath),
    "PureWindowsPath": st.text().map(PureWindowsPath),
    "Path": TEXTS.map(Path),
}
ANY_SCALAR = st.one_of(*SCALARS.values())
KEYS = st.recursive(
    ANY_SCALAR.filter(lambda value: not (isinstance(value, Decimal) and value.is_snan())),
    lambda keys: st.tuples(keys, keys) | st.frozensets(keys, max_size=3),
    max_leaves=4,
)
ANY_VALUE = st.recursive(
    ANY_SCALAR,
    lambda values: (
        st.lists(values, max_size=4)
        | st.tuples(values, values)
        | st.dictionaries(KEYS, values, max_size=4)
        | st.dictionaries(st.text("$a", max_size=3), values, max_size=3)
        | st.sets(KEYS, max_size=4)
        | st.frozensets(KEYS, max_size=4)
    ),
    max_leaves=12,
)


def look(value):  # noqa: PLR0911  # one form for each kind
    """Return a value in a form that is equal exactly for what is the same in type and value."""
    kind = type(value).__name__
    match value:
        case int():
            return kind, hex(value)
        case float() if not math.isnan(value):
            return kind, struct.pack("d", value)
        case float() | Decimal():
            return kind, str(value)
        case complex():
            return kind, look(value.real), look(value.imag)
        case datetime() | time():
            name = value.tzinfo.tzname(None) if isinstance(value.tzinfo, timezone) else ""
            return kind, value.isoformat(), value.fold, type(value.tzinfo), str(value.tzinfo), name
        case list() | tuple():
            return kind, [look(item) for item in value]
        case dict():
            return kind, [(look(key), look(item)) for key, item in value.items()]
        case set() | frozenset():
            return kind, sorted((look(item) for item in value), key=repr)
        case _:
            return kind, value


@pytest.mark.parametrize("kind", SCALARS)
def test_every_value_of_a_builtin_type_comes_back(kind):
    """Any value of a built-in type comes back the same, in value and in type."""

    @settings(max_examples=500)
    @given(SCALARS[kind])
    def check(value):
        assert look(decode(encode(value))) == look(value)

    check()


@settings(max_examples=500)
@given(ANY_VALUE)
def test_every_nested_value_comes_back(value):
    """Containers of any values in any depth are the same after they were written and read."""
    assert look(decode(encode(value))) == look(value)


@settings(max_examples=500)
@given(ANY_VALUE)
def test_text_can_be_a_file(value):
    """What is written is standard JSON that UTF-8 can hold, and is written the same again."""
    text = encode(value)

    json.loads(text.encode(), parse_constant=pytest.fail)
    assert encode(decode(text)) == text


@given(st.sets(KEYS))
def test_order_of_a_set_does_not_show(value):
    """Equal sets are written alike, in whatever order they were filled."""
    refilled = set()
    refilled.update(reversed(list(value)))

    assert encode(value) == encode(refilled)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (-0.0, "-0.0"),
        ("é", '"é"'),
        (None, "null"),
        (["a", 1, True], '["a",1,true]'),
        ({"lr": 0.1, "layers": [8, 8]}, '{"lr":0.1,"layers":[8,8]}'),
        ((1, 2), '{"$tuple":[1,2]}'),
        ({"b", "a"}, '{"$set":["a","b"]}'),
        (math.inf, '{"$float":"inf"}'),
        (date(2026, 1, 31), '{"$date":"2026-01-31"}'),
        (Path("data/x.csv"), '{"$path":"data/x.csv"}'),
        ({1: "a"}, '{"$dict":[[1,"a"]]}'),
        ({"$tuple": [1]}, '{"$dict":[["$tuple",[1]]]}'),
        (
            datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
            '{"$datetime":["2024-10-27T02:30:00","Europe/Berlin",1]}',
        ),
        (UUID(int=5), '{"$uuid":"00000000-0000-0000-0000-000000000005"}'),
    ],
)
def test_text_is_as_documented(value, text):
    """Plain values are plain JSON; everything else stands under a tag."""
    assert encode(value) == text


@pytest.mark.parametrize("seconds", [1e-6, -1e-6, 0.999999, 1, 3600.000001])
def test_offset_below_a_second_comes_back(seconds):
    """A time zone that Python itself reads back as UTC keeps its offset."""
    moment = datetime(2026, 1, 31, tzinfo=timezone(timedelta(seconds=seconds)))

    assert decode(encode(moment)).utcoffset() == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "values",
    [
        [1, 1.0, True, "1", Decimal(1), complex(1)],
        [{1: 0}, {True: 0}, {"1": 0}, {1.0: 0}],
        [[1, 2], (1, 2), {1, 2}, frozenset({1, 2})],
        [0.0, -0.0, 0],
        [b"a", "a", Path("a"), PurePosixPath("a")],
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
    ],
)
def test_values_that_differ_are_written_differently(values):
    """No two values share a text that differ in type, in sign, or in the order of a dict."""
    assert len({encode(value) for value in values}) == len(values)


class Money(int):
    """A number of a type of its own."""


class Local(tzinfo):
    """A time zone that has no name to find it by."""

    def utcoffset(self, _):
        return timedelta(0)


@pytest.mark.parametrize(
    ("value", "place", "reason"),
    [
        ({"optimizer": {"lr": [1, 2, range(3)]}}, "$.optimizer.lr[2]", "neither plain data"),
        ({"a b": Fraction(1, 2)}, "$['a b']", "neither plain data"),
        ([Money(3)], "$[0]", "plain int"),
        (OrderedDict(a=1), "$", "plain dict"),
        (defaultdict(list), "$", "plain dict"),
        (Counter("a"), "$", "plain dict"),
        ((1, lambda: None), "$[1]", "neither plain data"),
        (bytearray(b"a"), "$", "neither plain data"),
        (datetime(2024, 1, 1, tzinfo=Local()), "$", "time zone"),
        (int, "$", "neither plain data"),
    ],
)
def test_what_would_not_come_back_is_refused(value, place, reason):
    """A value that would come back as something else is refused, with its place and the reason."""
    with pytest.raises(NotStorableError, match=reason) as caught:
        encode(value)

    assert caught.value.where == place


def test_numpy_scalars_are_refused_with_the_way_out():
    """A NumPy scalar is not taken for a Python number; the error says how to make it one."""
    numpy = pytest.importorskip("numpy")

    with pytest.raises(NotStorableError, match=re.escape(".item()")):
        encode({"loss": numpy.float64(0.5)})


def test_circles_are_refused():
    """A list that contains itself is refused, and its error stays readable."""
    circle: list = []
    circle.append(circle)

    with pytest.raises(NotStorableError, match="contains itself") as caught:
        encode(circle)

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: (v,), lambda v: {"a": v}])
def test_depth_is_bounded(wrap):
    """What is nested as deep as allowed comes back; one level more is refused."""
    value = 1
    for _ in range(MAX_DEPTH):
        value = wrap(value)

    assert decode(encode(value)) == value
    with pytest.raises(NotStorableError, match="levels deep"):
        encode(wrap(value))


@example([10**700] * 3)
@example([1.5, math.nan])
@example(["a", "\ud800"])
@given(st.lists(SCALARS["int"]) | st.lists(SCALARS["float"]) | st.lists(SCALARS["str"]))
def test_long_lists_of_one_type_are_no_exception(values):
    """A list of one type is written item for item as each item by itself."""
    assert encode(values) == f"[{','.join(map(encode, values))}]"
