"""Canonical bytes of a value: what a parameter is to a cache key.

Two values share their bytes exactly when they are equal and of equal types, in depth. Where that is
not plain: the order of a dict or set does not count; every float NaN is one value; 0.0 and -0.0 are
two, as are `Decimal("1.0")` and `Decimal("1.00")`, and one moment in two time zones; a class counts
by its qualified name, without its module; a member of an enum by its name and its value. The bytes
are the same in every process: they hold no address, hash or pickle.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, cast

from blake3 import blake3

from whence.errors import NotStorableError
from whence.values.canonical_arrays import encode_numpy
from whence.values.canonical_pieces import join_pieces, make_piece, text_piece
from whence.values.class_parts import kind_of, member_key, take_apart
from whence.values.type_forms import type_name
from whence.values.typed_json import MAX_DEPTH
from whence.values.typed_json_faults import refuse, shorten_place
from whence.values.typed_json_scalars import SCALARS

VALUE_TAG = b"whence-value-1:"
"""Starts every hashed value, so that no other hashed thing can be mistaken for one."""

FORMAT = "part of a cache key"

_Encode = Callable[[Any, int], bytes]
_NONE, _TRUE, _FALSE = b"N0:", b"T0:", b"F0:"
_NAN = b"f3:nan"  # whatever its sign and payload
_OPAQUE = b"?0:"
_pack_float = struct.Struct(">d").pack


def encode_canonically(value: Any) -> bytes:
    """Return the canonical bytes of a value.

    Takes all that typed JSON takes, `bytearray`, and scalars and arrays of NumPy. Raises
    `NotStorableError`, whose `where` is the path to what is refused: `$.optimizer.lr[2]`.
    """
    try:
        return _encode(value, 0)
    except NotStorableError as error:
        error.where = shorten_place(f"${error.where}")
        error.facts["format"] = FORMAT
        raise
    except RecursionError:
        error = _too_deep(value)
        error.where, error.facts["format"] = "$", FORMAT
        raise error from None


def compute_value_digest(value: Any) -> str:
    """Return the digest of a value's canonical bytes. Raises as `encode_canonically` does."""
    return "blake3:" + blake3(VALUE_TAG + encode_canonically(value)).hexdigest()


def _encode(value: Any, depth: int) -> bytes:
    encode = _ENCODERS.get(type(value), _encode_instance)  # pyright: ignore[reportUnknownArgumentType]  # of a value of any type
    return encode(value, depth)


# ------------------------------------------------------------------ single values


def _encode_int(value: int, _: int) -> bytes:
    digits = b"%x" % value  # in time that grows with its length, as decimal digits would not be
    return b"i%d:%b" % (len(digits), digits)


def _encode_float(value: float, _: int) -> bytes:
    return b"f8:" + _pack_float(value) if value == value else _NAN  # noqa: PLR0124  # only a NaN differs from itself


def _encode_scalar(value: Any, depth: int) -> bytes:
    """Return a date, path or the like as what typed JSON writes for it."""
    scalar = SCALARS[type(value)]
    return join_pieces(b"v", [text_piece(scalar.tag), _encode(scalar.write(value), depth)])


# ------------------------------------------------------------------ containers


def _encode_list(value: list[Any], depth: int) -> bytes:
    return join_pieces(b"l", _encode_items(value, depth))


def _encode_tuple(value: tuple[Any, ...], depth: int) -> bytes:
    return join_pieces(b"t", _encode_items(value, depth))


def _encode_set(value: set[Any], depth: int) -> bytes:
    return join_pieces(b"u", sorted(_encode_members(value, depth)))


def _encode_frozenset(value: frozenset[Any], depth: int) -> bytes:
    return join_pieces(b"z", sorted(_encode_members(value, depth)))


def _encode_dict(value: dict[Any, Any], depth: int) -> bytes:
    keys = _encode_members(value, depth)
    pairs = zip(keys, _encode_parts(value, depth), strict=True)
    return join_pieces(b"d", [key + part for key, part in sorted(pairs)])


def _encode_items(values: Iterable[Any], depth: int) -> list[bytes]:
    inner = _deeper(values, depth)
    pieces: list[bytes] = []
    try:
        for value in values:
            pieces.append(_encode(value, inner))  # noqa: PERF401  # the length says where it failed
    except NotStorableError as error:
        raise _at(error, f"[{len(pieces)}]") from error.__cause__
    return pieces


def _encode_members(values: Iterable[Any], depth: int) -> list[bytes]:
    """Return the members of a set, or keys of a dict, which have no place but `{...}`."""
    inner = _deeper(values, depth)
    try:
        return [_encode(value, inner) for value in values]
    except NotStorableError as error:
        raise _at(error, "{...}") from error.__cause__


def _encode_parts(parts: Mapping[Any, Any], depth: int) -> list[bytes]:
    inner = _deeper(parts, depth)
    pieces: list[bytes] = []
    try:
        for part in parts.values():
            pieces.append(_encode(part, inner))  # noqa: PERF401  # as in `_encode_items`
    except NotStorableError as error:
        raise _at(error, _step_to(list(parts)[len(pieces)])) from error.__cause__
    return pieces


def _step_to(name: Any) -> str:
    if type(name) is str:
        return f".{name}" if name.isidentifier() else f"[{name!r}]"
    with suppress(ValueError):  # Python refuses to write very long integers
        if type(name) in _SHOWN_KEYS:
            return f"[{name!r}]"
    return f"[{type_name(type(name))}]"


# ------------------------------------------------------------------ instances


def _encode_instance(value: Any, depth: int) -> bytes:
    cls = cast("type[Any]", type(value))
    kind = kind_of(cls)
    if kind == "enum":
        return _encode_member(value, cls.__qualname__, depth)
    if kind is not None:
        return _encode_fields(value, kind, cls.__qualname__, depth)
    inner = depth + 1
    pieces = encode_numpy(value, lambda item: _encode(item, inner))
    if pieces is None:
        raise _refuse_class(value)
    return pieces


def _encode_member(value: Any, name: str, depth: int) -> bytes:
    """Return an enum's member: a changed value behind an old name is another parameter."""
    try:
        content = _encode(value.value, _deeper(value, depth))
    except NotStorableError:
        content = _OPAQUE  # an object of the enum's own code, which its fingerprint covers
    key = _encode(member_key(value), depth)
    return join_pieces(b"e", [text_piece(name), key, content])


def _encode_fields(value: Any, kind: str, name: str, depth: int) -> bytes:
    """Return class and fields; the order of fields counts where they are also a tuple."""
    parts = take_apart(value, kind)
    pairs = list(zip(map(text_piece, parts), _encode_parts(parts, depth), strict=True))
    if kind != "namedtuple":
        pairs.sort()
    return join_pieces(_KIND_TAGS[kind], [text_piece(name), *(key + part for key, part in pairs)])


_SHOWN_KEYS = frozenset({type(None), bool, int, float, bytes, *SCALARS})
_KIND_TAGS: Mapping[str, bytes] = {"namedtuple": b"n", "dataclass": b"c", "model": b"m"}

_ENCODERS: Mapping[type, _Encode] = {
    type(None): lambda _, __: _NONE,
    bool: lambda value, _: _TRUE if value else _FALSE,
    int: _encode_int,
    float: _encode_float,
    str: lambda value, _: text_piece(value),
    **dict.fromkeys(SCALARS, _encode_scalar),
    bytes: lambda value, _: make_piece(b"b", value),
    bytearray: lambda value, _: make_piece(b"y", bytes(value)),
    list: _encode_list,
    tuple: _encode_tuple,
    set: _encode_set,
    frozenset: _encode_frozenset,
    dict: _encode_dict,
}


# ------------------------------------------------------------------ faults


def _deeper(value: Any, depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise _too_deep(value)
    return depth + 1


def _too_deep(value: Any) -> NotStorableError:
    reason = f"It is nested more than {MAX_DEPTH} levels deep, or contains itself."
    return refuse(value, reason, "Take the circle out, or flatten it.")


def _refuse_class(value: Any) -> NotStorableError:
    for plain in _ENCODERS:
        if isinstance(value, plain):
            name = type_name(plain)
            return refuse(value, f"It is more than a plain {name}.", f"Use a {name}.")
    return refuse(
        value,
        reason="It is neither plain data nor an Enum, NamedTuple, dataclass or pydantic model.",
        cure="Use one of those, or make the value inside the step.",
    )


def _at(error: NotStorableError, step: str) -> NotStorableError:
    """Return *error*, placed one step further inside what is encoded."""
    error.where = f"{step}{error.where}"
    return error
