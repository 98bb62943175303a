"""Does a value fit a type? Parameters are validated by pydantic; results are only checked.

From Python, values are taken strictly, with four courtesies: an `int` for a `float`, a NumPy scalar
for its Python kin, a `str` for a `Path`, a `str` (or number) for the enum member of that value.
From the command line and configuration, pydantic's lax rules hold.
"""

import contextlib
import functools
import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path, PurePath
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from whence.errors import suggest
from whence.values.type_forms import (
    is_named_tuple,
    is_union,
    runtime_class,
    type_name,
    union_members,
    unwrap,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_PLAIN = frozenset({int, float, str, bool, type(None), bytes})


class InvalidValueError(ValueError):
    """A value does not fit a type; `reason` says why, one line per fault, with `$` paths."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CommandLineText(str):
    """A value written on a command line or in a configuration: taken laxly."""

    __slots__ = ()


def validate_parameter(value: Any, annotation: Any, *, lax: bool = False) -> Any:
    """Return *value* as the parameter that a step of this annotation receives.

    Raises `InvalidValueError`.
    """
    if isinstance(value, CommandLineText):
        return _validate_text(str(value), annotation)
    value = unbox_scalar(value)
    bare = unwrap(annotation)
    if bare is Any or (type(value) is bare and bare in _PLAIN and annotation is bare):
        return value
    if not lax:
        value = _apply_courtesies(value, bare)
    value = _validate(value, annotation, lax)
    if is_typeddict(bare) and not lax:
        _check_typed_dict(value, bare)
    return value


def _validate_text(text: str, annotation: Any) -> Any:
    """Return what *text* means for a type: itself, or the JSON that it spells."""
    bare = unwrap(annotation)
    if bare is Any:
        return _parse_json(text, text)
    try:
        return _validate(text, annotation, lax=True)
    except InvalidValueError:
        parsed = _parse_json(text, None)
        if parsed is None and not (text == "null" and type(None) in union_members(bare)):
            raise
        return _validate(parsed, annotation, lax=True)


def _parse_json(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return otherwise


def check_value(value: Any, annotation: Any) -> None:
    """Raise `InvalidValueError` unless *value* fits the annotation as it is."""
    if _has_rules(annotation):
        _validate(value, annotation, lax=False)
        return
    bare = unwrap(annotation)
    if bare is Any or bare is object or (type(value) is bare and bare in _PLAIN):
        return
    if is_union(bare) and any(type(value) is member for member in union_members(bare)):
        return
    if is_typeddict(bare):
        _check_typed_dict(value, bare)
    elif inspect.isclass(bare) and not is_named_tuple(bare):
        _check_instance(value, bare)
    else:
        _validate(value, annotation, lax=False)


def _has_rules(annotation: Any) -> bool:
    """Return whether an annotation carries rules of pydantic's, such as `Field(gt=0)`."""
    return get_origin(annotation) is Annotated and any(
        type(mark).__module__.partition(".")[0] in {"annotated_types", "pydantic"}
        for mark in get_args(annotation)[1:]
    )


def _check_instance(value: Any, cls: type) -> None:
    if cls is float and type(value) is int:
        return
    try:
        fits = isinstance(value, cls)
    except TypeError:  # a protocol that cannot be asked at run time
        return
    if not fits or (isinstance(value, bool) and cls is int):
        raise InvalidValueError(_mismatch(value, cls))


def _check_typed_dict(value: Any, cls: Any) -> None:
    """Check keys and values; pydantic knows `typing.TypedDict` from Python 3.12 on only."""
    _check_instance(value, dict)
    try:
        hints = get_type_hints(cls)
    except NameError:  # written as text, and local to a function
        return
    for name in [*(cls.__required_keys__ - value.keys()), *(value.keys() - hints.keys())]:
        kind = "has no key" if name in hints else "has an unknown key"
        reason = f"It {kind} {name!r}; {type_name(cls)} says otherwise."
        raise InvalidValueError(reason)
    for name, part in value.items():
        try:
            check_value(part, hints[name])
        except InvalidValueError as error:
            reason = f"$.{name}: {error.reason}"
            raise InvalidValueError(reason) from None


def unbox_scalar(value: Any) -> Any:
    """Return a NumPy scalar as its Python kin, where it has one that holds it exactly."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(
        value, (numpy.number, numpy.bool_, numpy.str_, numpy.bytes_)
    ):
        plain = value.item()
        return plain if type(plain) in {int, float, complex, bool, str, bytes} else value
    return value


def describe_value(value: Any, limit: int = 60) -> str:
    """Return a value for a message: short, with its type where that is not plain to see."""
    if value is None:
        return "None"
    try:
        text = _shown(value)
    except Exception:  # noqa: BLE001  # a broken __repr__ must not hide the fault that is reported
        text = "<no repr>"
    if len(text) > limit:
        text = f"{text[: limit - 1]}…"
    kind = "Path" if isinstance(value, Path) else type_name(type(value))
    return f"{text} ({kind})"


def _shown(value: Any) -> str:
    if inspect.isroutine(value) or inspect.isclass(value):
        return f"'{value.__name__}'"  # its repr holds an address
    return f"'{value}'" if isinstance(value, PurePath) else " ".join(repr(value).split())


def _mismatch(value: Any, annotation: Any) -> str:
    return f"It is of type {type_name(type(value))}, not {type_name(annotation)}."


def _apply_courtesies(value: Any, bare: Any) -> Any:
    """Return *value* with what strict mode would refuse but the contract allows, in depth."""
    value = unbox_scalar(value)
    if isinstance(value, str):
        return _from_text(value, bare)
    if type(value) in _HOLDERS:
        for member in union_members(bare):
            cls = runtime_class(member)
            if cls is not None and get_args(member) and isinstance(value, cls):
                return _apply_to_parts(value, get_args(member))
    return _enum_member(value, bare)


_HOLDERS = frozenset({list, tuple, dict, set, frozenset})


def _apply_to_parts(value: Any, arguments: tuple[Any, ...]) -> Any:
    if hasattr(value, "keys"):
        wanted = unwrap(arguments[-1])
        return {key: _apply_courtesies(part, wanted) for key, part in value.items()}
    fixed = len(arguments) == len(value) and ... not in arguments
    each = arguments if fixed else [arguments[0]] * len(value)
    parts = [_apply_courtesies(part, unwrap(item)) for part, item in zip(value, each, strict=True)]
    return type(value)(parts)


def _from_text(value: str, bare: Any) -> Any:
    members = union_members(bare)
    if str in members:
        return value
    if Path in members:
        return Path(value)
    return _enum_member(value, bare)


def _enum_member(value: Any, bare: Any) -> Any:
    for member in union_members(bare):
        if inspect.isclass(member) and issubclass(member, Enum) and not isinstance(value, member):
            found = {each.value: each for each in member}
            if type(value) in {str, int, float} and value in found:
                return found[value]
            if member is bare:
                known = suggest(str(value), map(str, found))
                reason = f"It is no value of {type_name(bare)}. {known}"
                raise InvalidValueError(reason)
    return value


def _validate(value: Any, annotation: Any, lax: bool) -> Any:  # noqa: FBT001  # private, one caller each
    from pydantic import ValidationError  # noqa: PLC0415  # heavy: only where a value is validated

    try:
        return _adapter(_hashable(annotation)).validate_python(value, strict=not lax)
    except ValidationError as error:
        members = [each for each in union_members(annotation) if each is not NoneType]
        if len(members) > 1 and all(len(each["loc"]) == 1 for each in error.errors()):
            raise InvalidValueError(_mismatch(value, annotation)) from None
        raise InvalidValueError(
            _explain(error.errors(include_url=False, include_context=False))
        ) from None


def _explain(errors: Sequence[Mapping[str, Any]], limit: int = 5) -> str:
    lines = [f"{_path(error['loc'])}{_plainly(error['msg'])}." for error in errors[:limit]]
    if len(errors) > limit:
        lines.append(f"... and {len(errors) - limit} more.")
    return "\n".join(dict.fromkeys(lines))


def _plainly(message: str) -> str:
    """Return what pydantic says without the word that means something else here."""
    return message.replace("Input should", "It must").replace("Input is", "It is")


def _path(location: Sequence[int | str]) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return f"${parts}: " if parts else ""


class _hashable:  # noqa: N801  # a key, not a type of the program
    """Lets an annotation be a cache key by identity where it cannot be hashed."""

    __slots__ = ("annotation",)

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation

    def __hash__(self) -> int:
        try:
            return hash(self.annotation)
        except TypeError:
            return id(self.annotation)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _hashable):
            return NotImplemented
        if get_origin(self.annotation) is Annotated:
            return self.annotation is other.annotation  # its metadata may not be comparable
        return (
            type(self.annotation) is type(other.annotation) and self.annotation == other.annotation
        )


@functools.lru_cache(maxsize=1024)
def _adapter(key: _hashable) -> "TypeAdapter[Any]":
    from pydantic import ConfigDict, TypeAdapter  # noqa: PLC0415  # heavy, as above
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # as above
    from pydantic_core import SchemaError  # noqa: PLC0415  # as above

    annotation = key.annotation
    with contextlib.suppress(PydanticUserError, SchemaError):  # a class may have its own
        return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))
    with contextlib.suppress(PydanticUserError, SchemaError):  # it does not know every type
        return TypeAdapter(annotation)
    return TypeAdapter(dict[str, Any] if is_typeddict(annotation) else Any)
