"""Does a type fit where another is wanted? As type checkers see it, on run-time annotations.

`Any` fits both ways. An `int` fits a `float`; a `bool` does not fit an `int`, nor a `float`: where
a number is meant, a truth value is a mistake. Type arguments are compared as read-only: a
`list[int]` fits a `list[float]`, since a step gets its own copy and cannot put a float back.
"""

import collections.abc
import inspect
from pathlib import PurePath
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from whence.values.type_forms import is_named_tuple, is_union, runtime_class, union_members, unwrap

_NUMBER_TOWER: dict[type, tuple[type, ...]] = {float: (int,), complex: (int, float)}


def is_assignable(source: Any, target: Any) -> bool:
    """Return whether a value of type *source* may be given where *target* is declared."""
    source, target = unwrap(source), unwrap(target)
    if source is Any or target is Any or target is object or source == target:
        return True
    if isinstance(source, TypeVar) or is_union(source):
        return all(is_assignable(member, target) for member in union_members(source))
    if isinstance(target, TypeVar) or is_union(target):
        return any(is_assignable(source, member) for member in union_members(target))
    if get_origin(source) is Literal:
        return _literal_fits(get_args(source), target)
    if get_origin(target) is Literal:
        return False
    return _class_fits(source, target) and _arguments_fit(source, target)


def _literal_fits(values: tuple[Any, ...], target: Any) -> bool:
    if get_origin(target) is Literal:
        wanted = [(type(value), value) for value in get_args(target)]
        return all((type(value), value) in wanted for value in values)
    return all(is_assignable(type(value), target) for value in values)


def _class_fits(source: Any, target: Any) -> bool:
    source_class, target_class = runtime_class(source), runtime_class(target)
    if source_class is None or target_class is None:
        return False
    if source_class is bool:
        return target_class is bool
    if source_class in _NUMBER_TOWER.get(target_class, ()):
        return True
    try:
        return issubclass(source_class, target_class)
    except (
        TypeError
    ):  # a protocol with data members cannot be asked; its methods are not known here
        return True


def _arguments_fit(source: Any, target: Any) -> bool:
    wanted = get_args(target)
    if not wanted:
        return True
    if runtime_class(target) is tuple:
        return _tuple_fits(source, wanted)
    given = _arguments_seen_as(source, runtime_class(target))
    if given is None:
        return True  # not known: what the type checker calls partially unknown is let through
    return len(given) != len(wanted) or all(
        _argument_fits(have, want) for have, want in zip(given, wanted, strict=True)
    )


def _argument_fits(have: Any, want: Any) -> bool:
    if not (_is_type_form(have) and _is_type_form(want)):
        return (
            have == want
        )  # such as the shape in `ndarray[tuple[int, int], ...]` or a parameter list
    return is_assignable(have, want)


def _is_type_form(argument: Any) -> bool:
    return not isinstance(argument, (list, str, int)) and argument is not ...


def _tuple_fits(source: Any, wanted: tuple[Any, ...]) -> bool:
    given = _tuple_items(unwrap(source))
    if given is None:
        return True
    if len(wanted) == 2 and wanted[1] is ...:  # noqa: PLR2004  # `tuple[T, ...]` has two arguments
        return all(is_assignable(item, wanted[0]) for item in given if item is not ...)
    if len(given) == 2 and given[1] is ...:  # noqa: PLR2004  # as above
        return False
    return len(given) == len(wanted) and all(
        is_assignable(have, want) for have, want in zip(given, wanted, strict=True)
    )


def _tuple_items(source: Any) -> tuple[Any, ...] | None:
    if is_named_tuple(source):
        hints = get_type_hints(source)
        return tuple(hints.get(name, Any) for name in source._fields)
    return get_args(source) or None


def _arguments_seen_as(source: Any, target: type | None) -> tuple[Any, ...] | None:
    """Return the type arguments of *source* as its generic parent *target* has them."""
    origin = get_origin(source) or source
    if origin is target:
        return get_args(source) or None
    if origin is str and target in _ITERABLES:
        return (str,)
    if get_args(source) and not hasattr(origin, "__orig_bases__"):
        return _builtin_arguments(origin, get_args(source), target)
    return _inherited_arguments(origin, get_args(source), target)


_ITERABLES = {
    collections.abc.Sequence,
    collections.abc.Iterable,
    collections.abc.Collection,
    collections.abc.Container,
}


def _builtin_arguments(
    origin: Any, arguments: tuple[Any, ...], target: type | None
) -> tuple[Any, ...] | None:
    if origin is tuple:
        items = tuple(item for item in arguments if item is not ...)
        return (_union_of(items),) if target in _ITERABLES else None
    if inspect.isclass(origin) and issubclass(origin, collections.abc.Mapping):
        return arguments[:1] if target in _ITERABLES else arguments
    return arguments


def _union_of(items: tuple[Any, ...]) -> Any:
    joined = items[0]
    for item in items[1:]:
        joined = joined | item if not isinstance(joined, str) else Any
    return joined


def _inherited_arguments(
    origin: Any, arguments: tuple[Any, ...], target: type | None
) -> tuple[Any, ...] | None:
    parameters = getattr(origin, "__parameters__", ())
    known = dict(zip(parameters, arguments, strict=False))
    for parent in getattr(origin, "__orig_bases__", ()):
        parent_class = get_origin(parent)
        if parent_class is None:
            continue
        seen = tuple(known.get(argument, argument) for argument in get_args(parent))
        if parent_class is target:
            return seen
    return None


def is_path_type(annotation: Any) -> bool:
    """Return whether the annotation is `Path` or one of its kin: the file view of an artifact."""
    cls = runtime_class(annotation)
    return cls is not None and issubclass(cls, PurePath)
