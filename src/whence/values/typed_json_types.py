"""Which types are stored as typed JSON: those whose values all are, as far as types can say."""

import collections.abc
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from whence.errors import UnresolvedAnnotationError
from whence.values.class_parts import field_types, has_fields, kind_of
from whence.values.type_forms import runtime_class, union_members
from whence.values.typed_json_scalars import PLAIN_WRITERS, SCALARS

_LEAVES = frozenset({NoneType, bool, *PLAIN_WRITERS, *SCALARS})
_CONTAINERS = frozenset(
    {
        list,
        tuple,
        dict,
        set,
        frozenset,
        collections.abc.Collection,
        collections.abc.Iterable,
        collections.abc.Mapping,
        collections.abc.MutableMapping,
        collections.abc.MutableSequence,
        collections.abc.Sequence,
        collections.abc.Set,
    }
)


def is_json_type(annotation: Any) -> bool:
    """Return whether values of a type are stored as typed JSON.

    `Any` inside a type counts: whether the value is plain data is then seen when it is written.
    A `Path` does not: it stands for the file that it names.
    """
    return _is_json(annotation, frozenset())


def _is_json(annotation: Any, outer: frozenset[type]) -> bool:
    return all(_member_is_json(member, outer) for member in union_members(annotation))


def _member_is_json(member: Any, outer: frozenset[type]) -> bool:
    if member is Any or member is object or get_origin(member) is Literal:
        return True
    cls: Any = runtime_class(member)
    if cls is None or issubclass(cls, Path):
        return False
    if cls in _LEAVES or cls in outer:
        return True
    if cls in _CONTAINERS:
        return all(_is_json(part, outer) for part in get_args(member) if part is not ...)
    if has_fields(cls):
        return _fields_are_json(member, outer | {cls})
    return kind_of(cls) == "enum"


def _fields_are_json(annotation: Any, outer: frozenset[type]) -> bool:
    try:
        parts = field_types(annotation)
    except UnresolvedAnnotationError:
        return False
    return all(_is_json(part, outer) for part in parts.values())
