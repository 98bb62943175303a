"""Does a type fit where another is wanted? As type checkers see it, on run-time annotations.

`Any` fits both ways. An `int` fits a `float`; a `bool` does not fit an `int`, nor a `float`: where
a number is meant, a truth value is a mistake. Type arguments are compared as read-only: a
`list[int]` fits a `list[float]`, since a step gets its own copy and cannot put a float back.
"""

import collections.abc
import inspect
import typing
from pathlib import PurePath
from typing import Any, Literal, TypeVar, get_args, get_origin

from whence.values.type_forms import (
    field_types,
    is_named_tuple,
    is_union,
    runtime_class,
    union_members,
    unwrap,
)

_NUMBER_TOWER: dict[type, tuple[type, ...]] = {float: (int,), complex: (int, float)}
_ITERABLES = {
    collections.abc.Sequence,
    collections.abc.Iterable,
    collections.abc.Collection,
    collections.abc.Container,
    collections.abc.Reversible,
}


def is_assignable(source: Any, target: Any) -> bool:
    """Return whether a value of type *source* may be given where *target* is declared."""
    source, target = unwrap(source), unwrap(target)
    if source is Any or target is Any or target is object or source == target:
        return True
    if isinstance(source, TypeVar) or is_union(source):
        return all(is_assignable(member, target) for member in union_members(source))
    if get_origin(source) is Literal:
        return all(_literal_fits(value, target) for value in get_args(source))
    if isinstance(target, TypeVar) or is_union(target):
        return any(is_assignable(source, member) for member in union_members(target))
    return _class_fits(source, target) and _arguments_fit(source, target)


def _literal_fits(value: Any, target: Any) -> bool:
    return any(
        any(type(value) is type(each) and value == each for each in get_args(member))
        if get_origin(member) is Literal
        else is_assignable(type(value), member)
        for member in union_members(target)
    )


def _class_fits(source: Any, target: Any) -> bool:
    source_class, target_class = runtime_class(source), runtime_class(target)
    if source_class is None or target_class is None:
        return False
    if source_class is bool and target_class in {int, float, complex}:
        return False
    if source_class in _NUMBER_TOWER.get(target_class, ()):
        return True
    if typing.is_typeddict(target_class):
        return source is dict  # a dict of which nothing more is known
    source_class = dict if typing.is_typeddict(source_class) else source_class
    try:
        return issubclass(source_class, target_class)
    except (
        TypeError
    ):  # a protocol with data members cannot be asked; its methods are not known here
        return True


def _arguments_fit(source: Any, target: Any) -> bool:
    target_class = runtime_class(target)
    if target_class is tuple and get_origin(target) is tuple:
        return _tuple_fits(source, get_args(target))
    wanted = get_args(target)
    given = _arguments_seen_as(source, target_class) if wanted else None
    if given is None:
        return True  # not known: what the type checker calls partially unknown is let through
    return len(given) != len(wanted) or all(
        _argument_fits(have, want) for have, want in zip(given, wanted, strict=True)
    )


def _argument_fits(have: Any, want: Any) -> bool:
    if not (_is_type_form(have) and _is_type_form(want)):
        return have == want  # such as the parameter list in `Callable[[int], str]`
    return is_assignable(have, want)


def _is_type_form(argument: Any) -> bool:
    return not isinstance(argument, (list, str, int)) and argument is not ...


def _tuple_fits(source: Any, wanted: tuple[Any, ...]) -> bool:
    given = _tuple_items(source)
    if given is None:
        return True
    if wanted[1:] == (...,):
        return all(is_assignable(item, wanted[0]) for item in given if item is not ...)
    if given[1:] == (...,):
        return False
    return len(given) == len(wanted) and all(
        is_assignable(have, want) for have, want in zip(given, wanted, strict=True)
    )


def _tuple_items(source: Any) -> tuple[Any, ...] | None:
    if is_named_tuple(source):
        return field_types(source)
    return get_args(source) if get_origin(source) is tuple else None


def _arguments_seen_as(source: Any, target: type | None) -> tuple[Any, ...] | None:
    """Return the type arguments of *source* as its generic parent *target* has them."""
    origin: Any = get_origin(source) or source
    arguments = get_args(source)
    if origin is target:
        return arguments or None
    if origin is str and target in _ITERABLES:
        return (str,)
    if origin is tuple or is_named_tuple(origin):
        return _items_joined(_tuple_items(source)) if target in _ITERABLES else None
    if "__orig_bases__" in dir(origin):
        return _inherited_arguments(origin, arguments, target)
    if arguments and issubclass(origin, collections.abc.Mapping) and target in _ITERABLES:
        return arguments[:1]
    return arguments or None


def _items_joined(items: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    members = tuple(item for item in items or () if item is not ...)
    return (typing.Union[members],) if members else None  # noqa: UP007  # members known at run time


def _inherited_arguments(
    origin: Any, arguments: tuple[Any, ...], target: type | None
) -> tuple[Any, ...] | None:
    """Return the arguments of the generic parent by which *origin* is a *target*."""
    known = dict(zip(getattr(origin, "__parameters__", ()), arguments, strict=False))
    for parent in origin.__orig_bases__:
        parent_class = get_origin(parent)
        if (
            target is not None
            and inspect.isclass(parent_class)
            and issubclass(parent_class, target)
        ):
            open_ones = tuple(known.get(each, Any) for each in parent.__parameters__)
            return _arguments_seen_as(parent[open_ones] if open_ones else parent, target)
    return None


def is_path_type(annotation: Any) -> bool:
    """Return whether the annotation is `Path` or one of its kin: the file view of an artifact."""
    cls = runtime_class(annotation)
    return cls is not None and issubclass(cls, PurePath)
