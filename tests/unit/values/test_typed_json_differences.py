"""How the difference between two recorded values is told, place by place."""

import dataclasses
import enum
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.unit.values.random_values import disturb, draw_value, rebuild

from whence.errors import NotStorableError
from whence.values.canonical import encode_canonically
from whence.values.typed_json import encode
from whence.values.typed_json_differences import find_value_differences, show_value


class Color(enum.Enum):
    """A choice."""

    RED = 1
    BLUE = 2


class Size(NamedTuple):
    """A NamedTuple."""

    width: int
    height: int


class Tree(BaseModel):
    """A model."""

    depth: int = 6
    color: Color = Color.RED


@dataclasses.dataclass
class Config:
    """A dataclass that holds a model."""

    model: Tree = dataclasses.field(default_factory=Tree)
    lr: float = 0.1
    layers: tuple[int, ...] = (8, 8)
    tags: frozenset[str] = frozenset()
    more: dict = dataclasses.field(default_factory=dict)


def differences(old, new) -> list[str]:
    """Return what is told of two values of a parameter `cfg`."""
    found = find_value_differences(encode(old), encode(new))
    return [f"cfg{each.path} {each.old} -> {each.new}" for each in found]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (6, 8, ["cfg 6 -> 8"]),
        (1, "1", ["cfg 1 -> '1'"]),
        (True, None, ["cfg True -> None"]),
        ([1, 2], (1, 2), ["cfg [1, 2] -> (1, 2)"]),
        ((1,), [1], ["cfg (1,) -> [1]"]),
        (Config(), Config(Tree(depth=8)), ["cfg.model.depth 6 -> 8"]),
        (
            Config(),
            Config(Tree(color=Color.BLUE), 0.2),
            ["cfg.model.color Color.RED -> Color.BLUE", "cfg.lr 0.1 -> 0.2"],
        ),
        (Config(), Config(layers=(8, 4, 2)), ["cfg.layers[1] 8 -> 4", "cfg.layers[2] None -> 2"]),
        (
            Config(tags=frozenset("ab")),
            Config(tags=frozenset("bc")),
            ["cfg.tags{} 'a' -> None", "cfg.tags{} None -> 'c'"],
        ),
        ({"a": 1, "b c": 2}, {"b c": 3}, ["cfg.a 1 -> None", "cfg['b c'] 2 -> 3"]),
        ({"a": 1}, {"a": 1, 2: 3}, ["cfg[2] None -> 3"]),
        (Tree(), Size(1, 2), ["cfg Tree(depth=6, color=Color.RED) -> Size(width=1, height=2)"]),
        (Path("a"), b"a", ["cfg Path('a') -> b'a'"]),
        (
            [datetime(2024, 1, 1, tzinfo=UTC)],
            [{1: {"x": [1.5]}}],
            ["cfg[0] 2024-01-01T00:00:00+00:00 -> {1: {'x': [1.5]}}"],
        ),
    ],
)
def test_each_difference_is_told_where_it_is(old, new, told):
    """Only what differs is named, by its path, with what it was and what it is."""
    assert differences(old, new) == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"$dataclass":["a:C",{"x":1}]}', '{"$dataclass":["__main__:C",{"x":1}]}'),
        ('{"a":1,"b":2}', '{"b":2,"a":1}'),
        ('{"$dict":[[1,2],[3,4]]}', '{"$dict":[[3,4],[1,2]]}'),
        ('{"$enum":["a:C","X"]}', '{"$enum":["b:C","X"]}'),
    ],
)
def test_what_a_cache_key_ignores_is_no_difference(old, new):
    """The module of a class and the order of a dict are not told, since they change no key."""
    assert find_value_differences(old, new) == ()


def test_the_order_of_a_named_tuple_is_a_difference():
    """A NamedTuple whose fields changed places differs as a whole, though no field does."""
    found = find_value_differences(
        '{"$namedtuple":["m:P",{"x":1,"y":2}]}', '{"$namedtuple":["m:P",{"y":2,"x":1}]}'
    )

    assert [(each.path, each.old, each.new) for each in found] == [
        ("", "P(x=1, y=2)", "P(y=2, x=1)")
    ]


def test_what_is_no_recorded_value_is_compared_as_text():
    """The name of a slot's step, which is no JSON, is told as it is."""
    (found,) = find_value_differences("Fit", "FitFast")

    assert (found.old, found.new) == ("'Fit'", "'FitFast'")


@settings(max_examples=300)
@given(st.integers(), st.sampled_from([rebuild, disturb]))
def test_no_difference_is_told_exactly_when_the_key_stays(seed, change):
    """Whenever two values have other bytes in a key, some place is told, and else none is."""
    random = Random(seed)
    value = draw_value(random)
    other = change(value, random)
    try:
        found = find_value_differences(encode(value), encode(other))
    except NotStorableError:
        return  # such as an array, which has no record

    assert (found == ()) == (encode_canonically(value) == encode_canonically(other))


def test_a_value_is_shown_as_python_writes_it():
    """A recorded value is shown about as the program has it."""
    value = {"size": Size(1, 2), "at": {(1, 2): {3}}, "inf": float("inf"), "path": Path("a/b")}

    assert show_value(encode(value)) == (
        "{'size': Size(width=1, height=2), 'at': {(1, 2): {3}}, 'inf': inf, 'path': Path('a/b')}"
    )
