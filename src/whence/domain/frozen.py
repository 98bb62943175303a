"""Immutable records that are cheap to make."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a dataclass with slots whose fields are set once: the type checker sees to that.

    `dataclass(frozen=True)` would see to it while the program runs, at three times the price of
    making an object, and a step makes some forty of them. What users are given is frozen in that
    way all the same.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
