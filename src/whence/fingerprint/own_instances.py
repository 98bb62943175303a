"""What an instance of a user's class holds, told without running any of that class's code."""

import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

_HEAP_TYPE = 1 << 9
"""Flag of all classes that a `class` statement made, and of some others."""


def _items(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", dict[Any, Any].items(value)))


def _listed(value: Any) -> list[Any]:
    built_in: Any = list if issubclass(type(value), list) else tuple
    return list(built_in.__iter__(value))


def _members(value: Any) -> set[Any]:
    built_in: Any = set if issubclass(type(value), set) else frozenset
    return set(built_in.__iter__(value))


_CONTENTS: Mapping[type, Callable[[Any], Any]] = {
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    dict: _items,
    float: float.__repr__,
    frozenset: _members,
    int: int.__int__,
    list: _listed,
    set: _members,
    str: lambda value: str.__getitem__(value, slice(None)),
    tuple: _listed,
}
"""How to get at the content of an instance of a subclass by the methods of the built-in type."""


def is_all_visible(kind: type[Any]) -> bool:
    """Whether instances hold nothing but attributes and the content of a built-in type."""
    return all(
        each is object or each in _CONTENTS or not _is_made_in_c(each) for each in kind.__mro__
    )


def content_of(value: Any) -> Any:
    """Return what an instance holds as a kind of list, dict, text or number, as such."""
    kind = cast("type[Any]", type(value))
    built_in = next((each for each in kind.__mro__ if each in _CONTENTS), None)
    return None if built_in is None else _CONTENTS[built_in](value)


def attributes_of(value: Any) -> dict[str, Any]:
    """Return the attributes of an instance, in slots and others."""
    kind = cast("type[Any]", type(value))
    slots = [name for each in kind.__mro__ for name in _as_names(vars(each).get("__slots__", ()))]
    held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return {**held, **getattr(value, "__dict__", {})}


def _is_made_in_c(cls: type) -> bool:
    is_static = not cls.__flags__ & _HEAP_TYPE
    return is_static or isinstance(vars(cls).get("__new__"), types.BuiltinFunctionType)


def _as_names(slots: Any) -> Iterable[str]:
    names = [slots] if isinstance(slots, str) else list(slots)
    return (name for name in names if name not in {"__dict__", "__weakref__"})
