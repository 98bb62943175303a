"""Does a type fit where another is wanted? As type checkers see it."""

import enum
from collections import abc
from pathlib import Path, PurePath
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    Protocol,
    TypedDict,
    TypeVar,
    Union,
)

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import TypeAliasType

from whence.values.assignability import is_assignable

T = TypeVar("T")
Number = TypeVar("Number", int, float)
Bounded = TypeVar("Bounded", bound=Path)
UserId = NewType("UserId", int)


class Colour(enum.Enum):
    """An enumeration."""

    RED = 1


class Level(enum.IntEnum):
    """Whole numbers with names."""

    LOW = 1


class Pair(NamedTuple):
    """Two fields."""

    first: int
    second: str


class Box(Generic[T]):
    """Holds one thing."""


class Crate(Box[T]):
    """A box of the same."""


class IntBox(Box[int]):
    """Holds a number."""


class IntCrate(Crate[int]):
    """Holds a number, two levels down."""


class Names(list[str]):
    """A list of texts with a name of its own."""


class Rows(list[dict[str, T]], Generic[T]):
    """A list of dicts."""


class Settings(TypedDict):
    """A dict of known keys."""

    depth: int


class Named(Protocol):
    """Has a name."""

    name: str


FITS = [
    (int, int),
    (int, float),
    (int, complex),
    (float, complex),
    (bool, bool),
    (bool, object),
    (int, Any),
    (Any, int),
    (list[int], Any),
    (Level, int),
    (UserId, int),
    (Path, PurePath),
    (Annotated[int, "a"], int),
    (int, Annotated[int, "a"]),
    (None, type(None)),
    (None, Optional[int]),  # noqa: UP045  # this spelling too
    (int, Optional[int]),  # noqa: UP045  # this spelling too
    (int, int | None),
    (int | None, Union[str, int, None]),  # noqa: UP007  # this spelling too
    (list[int], list[int] | None),
    (int | float, float),
    (list[int], list[int]),
    (list[int], list[float]),
    (list[int], list),
    (list, list[int]),
    (list[int], abc.Sequence[float]),
    (list[int], abc.Iterable[int]),
    (list[int], abc.Collection),
    (list[list[int]], abc.Sequence[abc.Sequence[float]]),
    (dict[str, int], abc.Mapping[str, float]),
    (dict[str, int], abc.Iterable[str]),
    (dict[str, Any], dict[str, int]),
    (str, abc.Sequence[str]),
    (set[int], abc.Set[int]),
    (tuple[int, str], tuple[int, str]),
    (tuple[int, int], tuple[float, ...]),
    (tuple[int, ...], tuple[float, ...]),
    (tuple[int, int], abc.Sequence[int]),
    (tuple[int, str], abc.Iterable[int | str]),
    (tuple[int, str], tuple),
    (tuple[()], tuple[int, ...]),
    (Pair, tuple[int, str]),
    (Pair, tuple[float, str]),
    (Pair, Pair),
    (Pair, abc.Sequence[int | str]),
    (Literal["a"], str),
    (Literal["a", 1], str | int),
    (Literal["a"], Literal["a", "b"]),
    (Literal["a", 1], Literal["a"] | int),
    (Literal[True], bool),
    (int, T),
    (int, Number),
    (Path, Bounded),
    (Box[int], Box[int]),
    (Box[int], Box),
    (IntBox, Box[int]),
    (IntBox, Box[float]),
    (Crate[int], Box[int]),
    (IntCrate, Box[int]),
    (Names, list[str]),
    (Names, abc.Sequence[str]),
    (Rows[int], abc.Sequence[dict[str, float]]),
    (Settings, Settings),
    (dict, Settings),
    (Settings, abc.Mapping),
    (Colour, Named),
    (type, object),
    (abc.Callable[[int], str], abc.Callable[[int], str]),
]

MISFITS = [
    (bool, int),
    (bool, float),
    (bool, int | str),
    (float, int),
    (complex, float),
    (str, int),
    (int, str),
    (str, bytes),
    (int, None),
    (None, int),
    (Optional[int], int),  # noqa: UP045  # this spelling too
    (int | str, int),
    (PurePath, Path),
    (Colour, int),
    (list[str], list[int]),
    (list[float], list[int]),
    (list[bool], list[int]),
    (list[int], tuple[int, ...]),
    (list[int], set[int]),
    (list[int | None], list[int]),
    (dict[str, int], dict[int, int]),
    (dict[str, str], abc.Mapping[str, int]),
    (dict[str, int], abc.Sequence[str]),
    (dict[str, int], abc.Iterable[int]),
    (str, abc.Sequence[int]),
    (tuple[int, int], tuple[int]),
    (tuple[int, str], tuple[int, ...]),
    (tuple[int, ...], tuple[int, int]),
    (tuple[int, str], abc.Sequence[int]),
    (tuple[()], tuple[int]),
    (Pair, tuple[str, int]),
    (tuple[int, str], Pair),
    (Pair, abc.Sequence[int]),
    (Literal["a"], int),
    (Literal["a", 1], str),
    (Literal["c"], Literal["a", "b"]),
    (str, Literal["a"]),
    (Literal[1], Literal[True]),
    (str, Number),
    (str, Bounded),
    (Box[str], Box[int]),
    (IntBox, Box[str]),
    (IntCrate, Box[str]),
    (Box[int], IntBox),
    (Names, list[int]),
    (Names, abc.Sequence[int]),
    (Rows[str], abc.Sequence[dict[str, int]]),
    (int, Settings),
    (dict[str, int], Settings),
    (abc.Callable[[str], str], abc.Callable[[int], str]),
]


@pytest.mark.parametrize(("source", "target"), FITS, ids=str)
def test_fits(source, target):
    """What a type checker lets be given is accepted."""
    assert is_assignable(source, target)


@pytest.mark.parametrize(("source", "target"), MISFITS, ids=str)
def test_does_not_fit(source, target):
    """What a type checker refuses is refused; so is a truth value for a number."""
    assert not is_assignable(source, target)


def test_arrays_and_frames_go_by_their_class():
    """Arrays and frames fit by class, an array's numbers by their type."""
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    from numpy.typing import NDArray

    assert is_assignable(numpy.ndarray, numpy.ndarray)
    assert is_assignable(NDArray[numpy.float64], numpy.ndarray)
    assert is_assignable(numpy.ndarray, NDArray[numpy.float64])
    assert is_assignable(numpy.float64, float)
    assert not is_assignable(NDArray[numpy.float64], NDArray[numpy.int64])
    assert not is_assignable(pandas.DataFrame, pandas.Series)
    assert not is_assignable(pandas.DataFrame, numpy.ndarray)


def test_an_alias_is_what_it_stands_for():
    """A type alias fits as its value does, whichever parameters that has, and in any order."""
    key, item = TypeVar("key"), TypeVar("item")
    plain = TypeAliasType("plain", list[int])
    swapped = TypeAliasType("swapped", dict[key, item], type_params=(item, key))
    same = TypeAliasType("same", item, type_params=(item,))
    unused = TypeAliasType("unused", int, type_params=(item,))

    assert is_assignable(plain, list[float])
    assert is_assignable(swapped[int, str], dict[str, int])
    assert not is_assignable(swapped[int, str], dict[int, str])
    assert is_assignable(dict[str, int], swapped[int, str] | None)
    assert not is_assignable(same[str], int)
    assert is_assignable(unused[str], int)


plain_types = st.sampled_from(
    [bool, int, float, complex, str, bytes, None, object, Path, PurePath, Level, Pair, IntBox]
)


def grow(inner):
    """Return types that are made of others."""
    return st.one_of(
        inner.map(lambda item: list[item]),
        inner.map(lambda item: abc.Sequence[item]),
        inner.map(lambda item: Box[item]),
        inner.map(lambda item: tuple[item, ...]),
        st.tuples(inner, inner).map(lambda items: tuple[items]),
        inner.map(lambda item: dict[str, item]),
        st.tuples(inner, inner).map(lambda items: Union[items]),  # noqa: UP007  # this spelling too
    )


types = st.recursive(plain_types, grow, max_leaves=4)


@given(types)
def test_every_type_fits_itself(each):
    """A type fits where the same type is wanted."""
    assert is_assignable(each, each)


@given(types)
def test_any_fits_both_ways(each):
    """`Any` fits everywhere, and everything fits `Any`."""
    assert is_assignable(each, Any)
    assert is_assignable(Any, each)


@given(types, types)
def test_a_member_fits_its_union(one, other):
    """Each member of a union fits the union."""
    assert is_assignable(one, Union[one, other])  # noqa: UP007  # this spelling too
    assert is_assignable(other, Union[one, other])  # noqa: UP007  # this spelling too


@given(types, types, types)
def test_a_union_fits_where_all_its_members_do(one, other, target):
    """A union fits exactly where each of its members fits."""
    each_fits = is_assignable(one, target) and is_assignable(other, target)

    assert is_assignable(Union[one, other], target) == each_fits  # noqa: UP007  # this spelling too


@given(types, types, types)
def test_fitting_is_transitive(low, middle, high):
    """What fits something that fits a third fits the third.

    Truth values are apart: they fit `object`, through which nothing goes on.
    """
    if is_assignable(low, middle) and is_assignable(middle, high):
        assert is_assignable(low, high)


@given(types, types)
def test_containers_fit_as_their_items_do(one, other):
    """Lists, sequences and tuples of a type fit exactly where the items do."""
    fits = is_assignable(one, other)

    assert is_assignable(list[one], list[other]) == fits
    assert is_assignable(list[one], abc.Sequence[other]) == fits
    assert is_assignable(tuple[one, ...], tuple[other, ...]) == fits
    assert is_assignable(dict[str, one], abc.Mapping[str, other]) == fits
