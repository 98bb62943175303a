"""One pandas column, or index level, as an Arrow array and a note of its exact dtype, and back."""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from whence.materializers.arrow_files import ArrowSource
from whence.materializers.arrow_validity import pack_validity, unpack_validity
from whence.materializers.pandas_objects import NotExactError, decode_objects, encode_objects

Note = Mapping[str, Any]


def encode_column(values: Any) -> tuple[Any, Note]:
    """Return a pandas extension array or a one-dimensional NumPy array as Arrow, with its note.

    Raises `NotExactError`.
    """
    import numpy as np  # noqa: PLC0415  # optional and heavy

    if isinstance(values, np.ndarray):
        return _encode_numpy(values)
    encode = _ENCODERS.get(type(values.dtype).__name__)
    if encode is None:
        reason = f"Its dtype {values.dtype} is not one that Arrow brings back exactly."
        raise NotExactError(reason, _cure_for(values.dtype))
    return encode(values)


def decode_column(array: Any, note: Note, source: ArrowSource) -> Any:
    """Return what `encode_column` was given, without copying where the bytes are the same."""
    return _DECODERS[note["kind"]](array, note, source)


def _cure_for(dtype: Any) -> str:
    cures = {
        "PeriodDtype": "Convert it: `column.dt.to_timestamp()`.",
        "IntervalDtype": "Store `column.array.left` and `column.array.right` as two columns.",
        "SparseDtype": "Convert it: `column.sparse.to_dense()`.",
    }
    return cures.get(type(dtype).__name__, "Convert it: `column.astype(...)`.")


# ------------------------------------------------------------------ NumPy dtypes


def _encode_numpy(values: Any) -> tuple[Any, Note]:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    arrow: Any = pa
    dtype = values.dtype
    if dtype.kind == "O":
        return encode_objects(values)
    if not dtype.isnative or dtype.kind not in "biufmM" or dtype.itemsize > 8:  # noqa: PLR2004  # bytes
        reason = f"Arrow has no exact type for NumPy's {dtype}."
        raise NotExactError(reason, "Convert it: `column.astype(...)`.")
    note = {"kind": "numpy", "dtype": dtype.name}
    if dtype.kind == "b":
        return arrow.array(values), note
    values = np.ascontiguousarray(values)
    validity = None
    if dtype.kind in "mM":
        validity = pack_validity(~np.isnat(values))
    kind = arrow.from_numpy_dtype(dtype)
    return _array_over(kind, values, validity), note


def _array_over(kind: Any, values: Any, validity: Any) -> Any:
    """Return an Arrow array over the memory of a contiguous NumPy array."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    memory = arrow.py_buffer(values.view("u1") if len(values) else b"")
    return arrow.Array.from_buffers(kind, len(values), [validity, memory])


def _decode_numpy(array: Any, note: Note, source: ArrowSource) -> Any:
    import numpy as np  # noqa: PLC0415  # optional and heavy

    dtype = np.dtype(note["dtype"])
    if dtype.kind == "b":
        return array.to_numpy(zero_copy_only=False)
    return _view_moments(array, dtype, source)


def _view_moments(array: Any, dtype: Any, source: ArrowSource) -> Any:
    """Return the values of an Arrow array, with `NaT` for each that is missing."""
    import numpy as np  # noqa: PLC0415  # optional and heavy

    values = source.view(array.buffers()[1], dtype, len(array), array.offset)
    if array.null_count:
        values = np.where(unpack_validity(array), values, np.array("NaT", dtype))
    return values


# ------------------------------------------------------------------ extension dtypes


def _encode_string(values: Any) -> tuple[Any, Note]:
    import pandas as pd  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    arrow: Any = pa
    dtype = values.dtype
    missing = "NA" if dtype.na_value is pd.NA else "nan"
    try:
        array = arrow.array(values, arrow.large_string())
    except UnicodeEncodeError as error:
        reason = "It holds text with a lone surrogate, which is no valid Unicode."
        raise NotExactError(reason, "Clean it: `column.str.encode('utf-8', 'replace')`.") from error
    return array, {"kind": "string", "storage": dtype.storage, "missing": missing}


def _decode_string(array: Any, note: Note, _: ArrowSource) -> Any:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pandas as pd  # noqa: PLC0415  # as above

    pandas: Any = pd
    missing = pd.NA if note["missing"] == "NA" else np.nan
    try:
        dtype = pandas.StringDtype(storage=note["storage"], na_value=missing)
    except TypeError:  # before pandas 2.3
        dtype = pandas.StringDtype(storage=note["storage"])
    return dtype.__from_arrow__(array)


def _encode_masked(values: Any) -> tuple[Any, Note]:
    """Encode one of the nullable dtypes (`Int64`, `Float32`, `boolean`)."""
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    arrow: Any = pa
    dtype = values.dtype
    absent = values.isna()
    plain = np.ascontiguousarray(
        values.to_numpy(dtype.numpy_dtype, na_value=dtype.numpy_dtype.type(0))
    )
    note = {"kind": "masked", "dtype": dtype.name}
    if plain.dtype == bool:
        return arrow.array(plain, mask=absent), note
    return _array_over(arrow.from_numpy_dtype(plain.dtype), plain, pack_validity(~absent)), note


def _decode_masked(array: Any, note: Note, source: ArrowSource) -> Any:
    import pandas as pd  # noqa: PLC0415  # optional and heavy

    pandas: Any = pd
    dtype = pandas.api.types.pandas_dtype(note["dtype"])
    absent = ~unpack_validity(array)
    if note["dtype"] == "boolean":
        filled = array.fill_null(False)  # noqa: FBT003  # Arrow's signature
        return pandas.arrays.BooleanArray(filled.to_numpy(zero_copy_only=False), absent)
    plain = source.view(array.buffers()[1], dtype.numpy_dtype, len(array), array.offset)
    build = pandas.arrays.FloatingArray if plain.dtype.kind == "f" else pandas.arrays.IntegerArray
    return build(plain, absent)


def _encode_categorical(values: Any) -> tuple[Any, Note]:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    arrow: Any = pa
    categories = values.categories
    dictionary, inner = encode_index_values(categories)
    codes: Any = np.array(values.codes)
    present = codes >= 0
    if not present.all():
        codes[~present] = 0
    indices = _array_over(arrow.from_numpy_dtype(codes.dtype), codes, pack_validity(present))
    array = arrow.DictionaryArray.from_arrays(indices, dictionary, ordered=bool(values.ordered))
    return array, {"kind": "categorical", "ordered": bool(values.ordered), "categories": inner}


def _decode_categorical(array: Any, note: Note, source: ArrowSource) -> Any:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pandas as pd  # noqa: PLC0415  # as above

    pandas: Any = pd
    indices = array.indices
    kind: Any = np.dtype(indices.type.to_pandas_dtype())
    codes: Any = source.view(indices.buffers()[1], kind, len(indices), indices.offset)
    if indices.null_count:
        codes[~unpack_validity(indices)] = -1  # in memory: the mapping is the reader's own
    inner = ArrowSource(source.table)  # categories are copied: an index keeps them for long
    categories = build_index(decode_column(array.dictionary, note["categories"], inner), None)
    dtype = pandas.CategoricalDtype(categories, ordered=note["ordered"])
    return pandas.Categorical.from_codes(codes, dtype=dtype)


def _encode_zoned(values: Any) -> tuple[Any, Note]:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    arrow: Any = pa
    dtype = values.dtype
    zone = _describe_zone(dtype.tz)
    moments = np.ascontiguousarray(values.asi8)
    # Arrow knows places by their names, and offsets without the "UTC" that Python puts before them.
    kind = arrow.timestamp(dtype.unit, str(dtype.tz).removeprefix("UTC") or "UTC")
    validity = pack_validity(~values.isna())
    return _array_over(kind, moments, validity), {"kind": "zoned", "unit": dtype.unit, "zone": zone}


def _describe_zone(zone: Any) -> str | float:
    if zone is dt.UTC:
        return "UTC"
    if isinstance(zone, zoneinfo.ZoneInfo) and zone.key:
        return f"zoneinfo:{zone.key}"
    if type(zone) is dt.timezone and zone == dt.timezone(zone.utcoffset(None)):
        seconds = zone.utcoffset(None).total_seconds()
        if zone.tzname(None) == dt.timezone(zone.utcoffset(None)).tzname(None) and (
            seconds % 60 == 0
        ):
            return seconds
    reason = f"Its time zone {zone!r} is known by no name."
    raise NotExactError(reason, "Convert it: `column.dt.tz_convert('Europe/Berlin')`.")


def _decode_zoned(array: Any, note: Note, source: ArrowSource) -> Any:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pandas as pd  # noqa: PLC0415  # as above

    pandas: Any = pd
    moments = _view_moments(array, np.dtype(f"datetime64[{note['unit']}]"), source)
    zone = note["zone"]
    named: Any
    if isinstance(zone, float):
        named = dt.timezone(dt.timedelta(seconds=zone))
    elif zone == "UTC":
        named = dt.UTC
    else:
        named = zoneinfo.ZoneInfo(zone.removeprefix("zoneinfo:"))
    return pandas.DatetimeIndex(moments).tz_localize(dt.UTC).tz_convert(named).array


def _encode_arrow(values: Any) -> tuple[Any, Note]:
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    column = values.__arrow_array__()
    chunked = arrow.chunked_array([column]) if isinstance(column, arrow.Array) else column
    return chunked, {"kind": "arrow"}


def _decode_arrow(array: Any, _note: Note, _source: ArrowSource) -> Any:
    import pandas as pd  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    pandas: Any = pd
    arrow: Any = pa
    return pandas.arrays.ArrowExtensionArray(arrow.chunked_array([array]))


def _encode_plain_extension(values: Any) -> tuple[Any, Note]:
    return _encode_numpy(values.to_numpy())


# ------------------------------------------------------------------ indexes


def encode_index_values(index: Any) -> tuple[Any, Note]:
    """Return the values of an index that has one level."""
    dtype: object = index.dtype
    plain = type(dtype).__module__.startswith("numpy")
    values = index.to_numpy() if plain else index.array
    array, note = encode_column(values)
    frequency = getattr(index, "freq", None)
    if frequency is None:
        return array, note
    return array, {**note, "frequency": _describe_frequency(frequency)}


def _describe_frequency(frequency: Any) -> str:
    from pandas.tseries.frequencies import to_offset  # noqa: PLC0415  # optional and heavy

    try:
        if to_offset(frequency.freqstr) == frequency:
            return frequency.freqstr
    except ValueError:
        pass
    reason = f"Its frequency {frequency!r} has no name that brings it back."
    raise NotExactError(reason, "Drop it: `frame.index.freq = None`.")


def build_index(values: Any, name: Any, frequency: str | None = None) -> Any:
    """Return an index of exactly these values: pandas is to infer nothing."""
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pandas as pd  # noqa: PLC0415  # as above

    pandas: Any = pd
    if type(values) is np.ndarray and values.dtype.kind == "O":
        return pandas.Index(values, dtype=object, name=name)
    index = pandas.Index(values, name=name, copy=False)
    if frequency is not None:
        index.freq = frequency
    return index


_ENCODERS: dict[str, Callable[[Any], tuple[Any, Note]]] = {
    "ArrowDtype": _encode_arrow,
    "CategoricalDtype": _encode_categorical,
    "DatetimeTZDtype": _encode_zoned,
    "NumpyEADtype": _encode_plain_extension,
    "StringDtype": _encode_string,
    "BooleanDtype": _encode_masked,
    **{f"{sign}Int{bits}Dtype": _encode_masked for sign in ("", "U") for bits in (8, 16, 32, 64)},
    **{f"Float{bits}Dtype": _encode_masked for bits in (32, 64)},
}

_DECODERS: dict[str, Callable[[Any, Note, ArrowSource], Any]] = {
    "arrow": _decode_arrow,
    "categorical": _decode_categorical,
    "masked": _decode_masked,
    "numpy": _decode_numpy,
    "objects": lambda array, note, _: decode_objects(array, note["missing"]),
    "string": _decode_string,
    "zoned": _decode_zoned,
}
