"""Which types are stored as typed JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

import pytest
from pydantic import BaseModel

from whence.values.typed_json_types import is_json_type

T = TypeVar("T")


class Frame:
    """A class that is no plain data."""


class Color(Enum):
    """A choice."""

    RED = 1


@dataclass
class Tree:
    """A dataclass that holds more of its kind."""

    size: int
    parts: "list[Tree]"


@dataclass
class Holder(Generic[T]):
    """A generic dataclass."""

    content: "dict[str, T]"


@dataclass
class Unknown:
    """A dataclass with an annotation that means nothing."""

    part: "Missing"  # noqa: F821  # the point of the test


class Split(NamedTuple):
    """A NamedTuple of frames."""

    train: Frame


class Settings(BaseModel):
    """A pydantic model of plain data."""

    when: datetime
    choice: Color | None = None


class Options(TypedDict):
    """A dict with known keys."""

    depth: int


@pytest.mark.parametrize(
    "annotation",
    [
        int,
        None,
        list[int],
        tuple[int, ...],
        dict[tuple[int, str], set[float]],
        list,
        dict[str, Any],
        Literal["a", 1],
        int | str | None,
        Color,
        Tree,
        Holder[int],
        Settings,
        Options,
        Sequence[Mapping[str, float]],
        PurePosixPath,
    ],
    ids=str,
)
def test_plain_data_is_json(annotation):
    """Types whose values are all plain data, enums or classes of such are stored as typed JSON."""
    assert is_json_type(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        Frame,
        list[Frame],
        dict[str, int | Frame],
        Split,
        Holder[Frame],
        Path,
        list[Path],
        Unknown,
        Callable[[int], str],
        bytearray,
        range,
    ],
    ids=str,
)
def test_other_types_are_not_json(annotation):
    """Types with other values, or with files behind them, are not."""
    assert not is_json_type(annotation)
