"""Values that cannot change, as tagged bytes: numbers, text, and tuples and sets of these."""

import struct
from collections.abc import Callable
from typing import Any

from whence.fingerprint.tagged import tagged, text


def encode_plain(value: Any) -> bytes | None:
    """Return a plain value as bytes, equal only for equal values of one type; None for others.

    Floats count by their bits: `0.0` and `-0.0` differ, and each NaN is itself.
    """
    encode = _ENCODERS.get(type(value))  # pyright: ignore[reportUnknownArgumentType]  # of Any
    return None if encode is None else encode(value)


def encode_integer(value: int) -> bytes:
    """Return a whole number of any size as bytes."""
    return tagged("int", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _encode_float(value: float) -> bytes:
    return tagged("float", struct.pack(">d", value))


def _encode_complex(value: complex) -> bytes:
    return tagged("complex", struct.pack(">dd", value.real, value.imag))


def _encode_tuple(value: tuple[Any, ...]) -> bytes | None:
    parts = [encode_plain(each) for each in value]
    known = [part for part in parts if part is not None]
    return tagged("tuple", *known) if len(known) == len(parts) else None


def _encode_frozenset(value: frozenset[Any]) -> bytes | None:
    parts = [encode_plain(each) for each in value]
    known = sorted(part for part in parts if part is not None)
    return tagged("frozenset", *known) if len(known) == len(parts) else None


_ENCODERS: dict[type, Callable[[Any], bytes | None]] = {
    type(None): lambda _: tagged("None"),
    type(...): lambda _: tagged("Ellipsis"),
    type(NotImplemented): lambda _: tagged("NotImplemented"),
    bool: lambda value: tagged("bool", b"1" if value else b"0"),
    int: encode_integer,
    float: _encode_float,
    complex: _encode_complex,
    str: lambda value: tagged("str", text(value)),
    bytes: lambda value: tagged("bytes", value),
    tuple: _encode_tuple,
    frozenset: _encode_frozenset,
}
