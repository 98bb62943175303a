"""Takes instances of a user's classes apart, and puts them together without calling their code.

Four kinds are known: enums, NamedTuples, dataclasses and pydantic models. An instance is its parts:
no `__init__`, validator or default runs when it is put together again, so that a value comes back
as it was, even if its class has changed its mind since; a class with other fields is refused.
"""

import contextlib
import dataclasses
import functools
import inspect
import sys
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum, Flag
from typing import Any, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

from whence.errors import UnresolvedAnnotationError
from whence.values.type_forms import is_named_tuple, type_name
from whence.values.typed_json_faults import refuse, unreadable

_NOT_STATE = frozenset({"__orig_class__"})  # a note of `typing` on instances of generic classes

# As the builtin does it, whatever a class makes of it.
_BUILTIN: Any = tuple
_iterate: Callable[[Any], Iterator[Any]] = _BUILTIN.__iter__
_make_tuple: Callable[[Any, list[Any]], Any] = _BUILTIN.__new__


def kind_of(cls: Any) -> str | None:
    """Return `enum`, `namedtuple`, `dataclass` or `model` for a class of such a kind, else None."""
    if issubclass(cls, Enum):
        return "enum"
    if is_named_tuple(cls):
        return "namedtuple"
    if _is_model(cls):
        return "model"
    if dataclasses.is_dataclass(cls) and _is_plain_class(cls):
        return "dataclass"
    return None


def take_apart(value: Any, kind: str) -> dict[str, Any]:
    """Return the parts of a NamedTuple, dataclass or model by name.

    Raises `NotStorableError` where the instance holds more, or less, than its fields.
    """
    match kind:
        case "namedtuple":
            _check_nothing_else(value, ())
            return dict(zip(value._fields, _iterate(value), strict=True))
        case "model":
            return _take_model_apart(value)
        case _:
            names = _dataclass_names(value.__class__)
            _check_nothing_else(value, names)
            return {name: _part(value, name) for name in names}


def put_together(cls: Any, kind: str, parts: Mapping[str, Any]) -> Any:
    """Return the instance of *cls* that has these parts.

    Raises `UnreadableArtifactError` where the class now has other fields.
    """
    match kind:
        case "namedtuple":
            _check_names(cls, cls._fields, parts)
            return _make_tuple(cls, [parts[name] for name in cls._fields])
        case "model":
            return _put_model_together(cls, parts)
        case _:
            names = _dataclass_names(cls)
            _check_names(cls, names, parts)
            instance: Any = object.__new__(cls)
            for name in names:
                object.__setattr__(instance, name, parts[name])  # also where the class is frozen
            return instance


def member_key(member: Enum) -> str | int:
    """Return the name of an enum member, or the number of a combination of flags."""
    name: Any = member.name  # None, or no member's, for a combination of flags
    if name is not None and type(member).__members__.get(name) is member:
        return name
    if isinstance(member, Flag) and type(member.value) is int:
        return member.value
    raise refuse(member, "It is not among the members of its enum.", "Use one of them.")


def find_member(cls: type, key: Any) -> Enum:
    """Return the member that `member_key` described.

    Raises `UnreadableArtifactError` where the enum now has no such member.
    """
    if isinstance(key, str) and issubclass(cls, Enum) and key in cls.__members__:
        return cls.__members__[key]
    if type(key) is int and issubclass(cls, Flag):
        with contextlib.suppress(ValueError):  # reported below
            found: Any = cls(key)
            if isinstance(found, cls) and found.value == key:  # 3.11.2 drops bits it does not know
                return found
    raise unreadable(reason=f"{type_name(cls)} has no member {key!r} now.")


def field_types(annotation: Any) -> dict[str, Any]:
    """Return the type of each part of a class, with the arguments of a generic one filled in.

    Raises `UnresolvedAnnotationError` where a field's annotation names something unknown.
    """
    cls: Any = get_origin(annotation) or annotation
    if _is_model(cls):
        return {name: info.annotation for name, info in _model_fields(cls).items()}
    hints = _resolve_hints(cls)
    names: tuple[str, ...] = getattr(cls, "_fields", tuple(hints))
    if dataclasses.is_dataclass(cls):
        names = _dataclass_names(cls)
    known = dict(zip(getattr(cls, "__parameters__", ()), get_args(annotation), strict=False))
    return {name: _fill_in(hints.get(name, Any), known) for name in names}


def has_fields(cls: type) -> bool:
    """Return whether `field_types` knows the parts of a class."""
    return kind_of(cls) in {"namedtuple", "dataclass", "model"} or is_typeddict(cls)


# ------------------------------------------------------------------ dataclasses and tuples


@functools.lru_cache(maxsize=512)
def _is_plain_class(cls: type) -> bool:
    """Return whether instances can be made empty: not of a class that derives from a builtin."""
    try:
        object.__new__(cls)
    except TypeError:
        return inspect.isabstract(cls)
    return True


@functools.lru_cache(maxsize=512)
def _dataclass_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@functools.lru_cache(maxsize=512)
def _slot_names(cls: type) -> tuple[str, ...]:
    return tuple(
        name
        for parent in cls.__mro__
        for name, attribute in vars(parent).items()
        if isinstance(attribute, types.MemberDescriptorType)
    )


def _part(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except AttributeError:
        raise refuse(value, f"Its field '{name}' is not set.", "Set every field.") from None


def _check_nothing_else(value: Any, names: Collection[str]) -> None:
    """Refuse an instance with attributes that are not its fields: they would be lost."""
    cls: Any = type(value)  # pyright: ignore[reportUnknownVariableType]  # of a value of any type
    attributes = list(getattr(value, "__dict__", ()))
    attributes += [name for name in _slot_names(cls) if hasattr(value, name)]
    for name in attributes:
        if name in names or name in _NOT_STATE:
            continue
        if isinstance(inspect.getattr_static(cls, name, None), functools.cached_property):
            continue  # is computed again when it is asked for
        raise refuse(
            value,
            reason=f"It has the attribute '{name}', which is not a field and would be lost.",
            cure=f"Declare '{name}' as a field.",
        )


def _check_names(cls: type, expected: Collection[str], parts: Mapping[str, Any]) -> None:
    missing = [name for name in expected if name not in parts]
    unknown = [name for name in parts if name not in expected]
    if missing:
        raise unreadable(
            reason=f"{type_name(cls)} has the field '{missing[0]}' now, which was not stored."
        )
    if unknown:
        raise unreadable(
            reason=f"{type_name(cls)} has no field '{unknown[0]}' now, which was stored."
        )


# ------------------------------------------------------------------ pydantic models


def _is_model(cls: type) -> bool:
    module = sys.modules.get("pydantic.main")  # without it there is no class of this kind
    return module is not None and issubclass(cls, module.BaseModel) and cls is not module.BaseModel


def _model_fields(cls: Any) -> Mapping[str, Any]:
    return cls.model_fields


def _take_model_apart(value: Any) -> dict[str, Any]:
    """Return fields, then extra and private attributes, whose names cannot be those of fields."""
    names = _model_fields(type(value))
    state: dict[str, Any] = value.__dict__
    own_slots = {"__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"}
    _check_nothing_else(value, {*names, *own_slots})
    parts = {name: state[name] for name in names if name in state}
    if len(parts) != len(names):
        raise refuse(value, "It was made without all of its fields.", "Set every field.")
    extra: dict[str, Any] = value.__pydantic_extra__ or {}
    for name, part in extra.items():
        if name.startswith("_"):
            raise refuse(value, f"Its extra field '{name}' looks private.", "Rename it.")
        parts[name] = part
    return parts | (value.__pydantic_private__ or {})


def _put_model_together(cls: Any, parts: Mapping[str, Any]) -> Any:
    """Return a model that has all of its fields set; which were left at a default is not kept."""
    names = _model_fields(cls)
    private = {name: part for name, part in parts.items() if name in cls.__private_attributes__}
    public = {name: part for name, part in parts.items() if name not in private}
    extra: dict[str, Any] | None = None
    if cls.model_config.get("extra") == "allow":
        extra = {name: public.pop(name) for name in list(public) if name not in names}
    _check_names(cls, names, public)
    model = cls.__new__(cls)
    _base_model().__setstate__(
        model,
        {
            "__dict__": {name: public[name] for name in names},
            "__pydantic_fields_set__": set(names),
            "__pydantic_extra__": extra,
            "__pydantic_private__": private if cls.__private_attributes__ else None,
        },
    )
    return model


def _base_model() -> Any:
    return sys.modules["pydantic.main"].BaseModel


# ------------------------------------------------------------------ field types


def _resolve_hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls, localns={cls.__name__: cls})
    except NameError as error:
        field = _field_naming(cls, str(error.name))
        raise UnresolvedAnnotationError(
            annotation=str(error.name), argument=field, name=type_name(cls), reason=f"{error}."
        ) from error


def _field_naming(cls: type, name: str) -> str:
    """Return the field whose annotation, as text, holds *name*."""
    texts = inspect.get_annotations(cls)
    return next((field for field, text in texts.items() if name in str(text)), "a field")


def _fill_in(hint: Any, known: Mapping[Any, Any]) -> Any:
    """Return an annotation with the type variables replaced that are known."""
    if isinstance(hint, TypeVar):
        return known.get(hint, hint)
    parameters: tuple[Any, ...] = getattr(hint, "__parameters__", ())
    if not parameters or not get_args(hint):
        return hint
    return hint[tuple(known.get(each, each) for each in parameters)]
