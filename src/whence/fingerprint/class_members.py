"""What a class of the user's consists of, without what Python works out from the rest."""

import re
from collections.abc import Iterator, Mapping
from enum import EnumMeta
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, cast

_DERIVED = frozenset(
    {
        "__abstractmethods__",
        "__annotations__",
        "__attrs_attrs__",
        "__classcell__",
        "__dataclass_fields__",
        "__dataclass_params__",
        "__dict__",
        "__doc__",
        "__firstlineno__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__private_attributes__",
        "__qualname__",
        "__signature__",
        "__slotnames__",  # kept by `copyreg` when an instance is first copied
        "__static_attributes__",
        "__type_params__",
        "__weakref__",
        "_abc_impl",
    }
)
_OF_ENUMS = re.compile(r"_(?!_)\w*[^_]_")  # `_member_map_` and its like
_FIELD_FACTS = (
    "default",
    "default_factory",
    "init",
    "repr",
    "hash",
    "compare",
    "kw_only",
    "metadata",
)
_PARAMETERS = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")


def list_members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield what *cls* defines itself, by name: methods, attributes, fields, members of an enum.

    The order in which methods and attributes are written does not count; that of fields does.
    """
    yield "bases", cls.__bases__
    yield "metaclass", type(cls)
    yield from _fields(cls)
    members: Mapping[str, Any] = vars(cls)["_member_map_"] if isinstance(cls, EnumMeta) else {}
    if members:
        yield "members", [(name, each.value) for name, each in members.items()]
    for name in sorted(vars(cls)):
        value = vars(cls)[name]
        if name not in members and not _is_derived(cls, name, value):
            yield name, value


def _is_derived(cls: type, name: str, value: Any) -> bool:
    if name in _DERIVED or name.startswith("__pydantic_"):
        return True
    if isinstance(value, GetSetDescriptorType | MemberDescriptorType):
        return True
    if isinstance(cls, EnumMeta) and _OF_ENUMS.fullmatch(name):
        return not isinstance(value, FunctionType | classmethod | staticmethod)
    function: Any = value.__func__ if isinstance(value, staticmethod) else value  # `__new__` is one
    return isinstance(function, FunctionType) and _is_generated(cls, function)


def _is_generated(cls: type, function: FunctionType) -> bool:
    """Whether a method was made from the fields of a class."""
    file = _unwrapped(function).__code__.co_filename
    has_fields = hasattr(cls, "__dataclass_fields__") or hasattr(cls, "_fields")
    return file.startswith("<attrs generated") or (has_fields and file == "<string>")


def _fields(cls: type) -> Iterator[tuple[str, Any]]:
    held = vars(cls)
    if "__dataclass_fields__" in held:
        yield "fields", list(map(_dataclass_field, held["__dataclass_fields__"].values()))
        parameters = held["__dataclass_params__"]
        yield "parameters", [getattr(parameters, name) for name in _PARAMETERS]
    if "__attrs_attrs__" in held:
        yield "fields", list(held["__attrs_attrs__"])
    if "__pydantic_fields__" in held or "__pydantic_decorators__" in held:
        yield from _model_fields(cls)
    if "_fields" in held or "__total__" in held:  # a `NamedTuple`, a `TypedDict`
        yield "annotations", list(held.get("__annotations__", {}).items())


def _dataclass_field(field: Any) -> tuple[Any, ...]:
    facts = (getattr(field, name) for name in _FIELD_FACTS)
    return (field.name, field.type, field._field_type.name, *facts)  # noqa: SLF001  # told nowhere else


def _model_fields(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a pydantic model, and what its validators are tied to."""
    held: Mapping[str, Any] = vars(cls)
    fields: Mapping[str, Any] = held.get("__pydantic_fields__") or getattr(cls, "model_fields", {})
    yield "fields", [(name, *_field_facts(field)) for name, field in fields.items()]
    yield "private", list(held.get("__private_attributes__", {}).items())
    decorators: Any = held.get("__pydantic_decorators__")
    kinds: tuple[str, ...] = getattr(decorators, "__slots__", ())
    for kind in kinds:
        found: Any = getattr(decorators, kind)
        if isinstance(found, dict):
            named = cast("Mapping[str, Any]", found)
            yield kind, [(name, named[name].info) for name in sorted(named)]


def _field_facts(field: Any) -> Iterator[Any]:
    """Yield what a field says, without how it came to say so."""
    slots: tuple[str, ...] = getattr(field, "__slots__", ())
    for name in sorted(slots):
        if not name.startswith("_"):
            yield name
            yield getattr(field, name, None)


def _unwrapped(function: FunctionType) -> FunctionType:
    """Return what a generated method wraps: `__repr__` of a dataclass guards against recursion."""
    inner = getattr(function, "__wrapped__", function)
    return inner if isinstance(inner, FunctionType) else function
