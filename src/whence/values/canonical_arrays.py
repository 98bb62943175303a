"""Canonical bytes of NumPy's scalars and arrays: type, shape and items, however they lie in memory.

A scalar is its Python kin where NumPy makes that very type of the Python value: `bool_`, `int64`,
`float64`, `complex128`, `str_`, `bytes_`. Others compute otherwise (a `float32` rounds, an `int8`
overflows), so they are values of their own. NumPy is never imported: who has no NumPy has no such
value.
"""

import sys
from collections.abc import Callable
from typing import Any

from whence.values.canonical_pieces import join_pieces, make_piece, text_piece
from whence.values.typed_json_faults import refuse

EncodeItem = Callable[[Any], bytes]

_KIN = frozenset({"b1", "i8", "f8", "c16"})  # kind and size in bytes
_TEXT_KINDS = frozenset("SU")
_RAW_KINDS = frozenset("biufcmMSUV")  # all that an item is lies in its bytes
_PADDED_ABOVE = {"f": 8, "c": 16}  # wider ones have unused bytes, and other ones on each machine


def encode_numpy(value: Any, encode_item: EncodeItem) -> bytes | None:
    """Return the canonical bytes of a scalar or array of NumPy's own; None for any other value.

    *encode_item* encodes Python values, where an array holds such.
    """
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        return None
    if type(value) in {numpy.ndarray, numpy.memmap}:
        return _encode_array(numpy, value, encode_item)
    if isinstance(value, numpy.generic) and type(value) is value.dtype.type:
        return _encode_scalar(numpy, value, encode_item)
    return None


def _encode_scalar(numpy: Any, scalar: Any, encode_item: EncodeItem) -> bytes:
    dtype = scalar.dtype
    if dtype.kind in _TEXT_KINDS or f"{dtype.kind}{dtype.itemsize}" in _KIN:
        return encode_item(scalar.item())
    return make_piece(b"x", _encode_array(numpy, numpy.asarray(scalar), encode_item))


def _encode_array(numpy: Any, array: Any, encode_item: EncodeItem) -> bytes:
    shape = ",".join(map(str, array.shape))
    return join_pieces(b"a", [text_piece(shape), _encode_content(numpy, array, encode_item)])


def _encode_content(numpy: Any, array: Any, encode_item: EncodeItem) -> bytes:
    """Return the items of an array in C order, after their type, as one piece."""
    dtype = array.dtype
    if dtype.names is not None:
        return _encode_columns(numpy, array, dtype.names, encode_item)
    if dtype.kind == "O":
        return make_piece(b"o", encode_item(array.ravel().tolist()))
    if dtype.kind not in _RAW_KINDS or dtype.type.__module__ != "numpy":
        reason = f"Its items are of the type {dtype}, whose bytes may not tell all."
        raise refuse(array, reason, "Convert it with `.astype(...)` to a type of NumPy's own.")
    if dtype.itemsize > _PADDED_ABOVE.get(dtype.kind, dtype.itemsize):
        return _encode_wide(numpy, array, encode_item)
    order = dtype.newbyteorder("<")
    data = _with_one_nan(numpy, array).astype(order, copy=False).tobytes()
    return join_pieces(b"r", [text_piece(order.str), make_piece(b"b", data)])


def _encode_columns(
    numpy: Any, array: Any, names: tuple[str, ...], encode_item: EncodeItem
) -> bytes:
    """Return a structured array column by column: gaps between its fields are no content."""
    pieces: list[bytes] = []
    for name in names:
        pieces += [text_piece(name), _encode_array(numpy, array[name], encode_item)]
    return join_pieces(b"c", pieces)


def _encode_wide(numpy: Any, array: Any, encode_item: EncodeItem) -> bytes:
    """Return numbers of extended precision as exact fractions."""
    if array.dtype.kind == "c":
        parts = [_encode_array(numpy, part, encode_item) for part in (array.real, array.imag)]
        return join_pieces(b"k", parts)
    texts = [_exact_text(numpy, number) for number in array.ravel()]
    return join_pieces(b"w", map(text_piece, texts))


def _exact_text(numpy: Any, number: Any) -> str:
    if numpy.isnan(number):
        return "nan"
    if number == 0 or numpy.isinf(number):
        return str(float(number))  # the sign of zero is kept
    numerator, denominator = number.as_integer_ratio()
    return f"{numerator:x}/{denominator:x}"


def _with_one_nan(numpy: Any, array: Any) -> Any:
    """Return the numbers of an array in one row, with every NaN written alike."""
    row = numpy.ascontiguousarray(array).reshape(-1)
    if row.dtype.kind == "c":
        row = row.view(row.real.dtype)
    if row.dtype.kind != "f":
        return row
    missing = numpy.isnan(row)
    return numpy.where(missing, row.dtype.type(numpy.nan), row) if missing.any() else row
