"""A stored table as the frame type that a reader asks for."""

from typing import Any

from whence.materializers.arrow_files import ArrowSource
from whence.materializers.artifact_files import public_name
from whence.materializers.pandas_columns import Note, decode_column
from whence.materializers.pandas_frames import (
    assemble_frame,
    decode_frame,
    decode_series,
    join_chunks,
)
from whence.materializers.polars_frames import decode_polars

FRAME_TYPES = (
    "pandas.DataFrame",
    "pandas.Series",
    "polars.DataFrame",
    "polars.LazyFrame",
    "pyarrow.Table",
)


def frame_kind(value: Any) -> str | None:
    """Return which of the frame types a value is; None for others, subclasses among them."""
    name = public_name(type(value))
    return name if name in FRAME_TYPES and name != "polars.LazyFrame" else None


def view_table(source: ArrowSource, note: Note, view: str) -> Any:
    """Return the table as one of the frame types; as the type that was written, exactly that."""
    stored = note.get("type")
    if view == "pyarrow.Table":
        return source.table
    if view == "pandas.Series":
        return decode_series(source, note)
    if view == "pandas.DataFrame":
        return _as_pandas(source, note, stored)
    frame = decode_polars(_plain_categories(source.table))
    return frame.lazy() if view == "polars.LazyFrame" else frame


def _as_pandas(source: ArrowSource, note: Note, stored: str | None) -> Any:
    import pandas as pd  # noqa: PLC0415  # optional and heavy

    if stored in {"pandas.DataFrame", "pandas.Series"}:
        return decode_frame(source, note)
    pandas: Any = pd
    table = source.table
    columns = [_guess_column(join_chunks(column), source) for column in table.columns]
    frame = assemble_frame(columns, pandas.RangeIndex(table.num_rows))
    frame.columns = pandas.Index(table.column_names, dtype=None if columns else "str")
    return frame


def _guess_column(array: Any, source: ArrowSource) -> Any:
    """Return an Arrow array in the pandas dtype nearest to it, one that loses no integer."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    kind = array.type
    types: Any = pa.types
    nulls = array.null_count > 0
    if types.is_large_string(kind):
        return decode_column(array, _TEXT, source)
    if types.is_integer(kind) and nulls:
        name = f"{kind}".replace("int", "Int").replace("u", "U")  # such as `UInt8`
        return decode_column(array, {"kind": "masked", "dtype": name}, source)
    if types.is_boolean(kind) and nulls:
        return decode_column(array, {"kind": "masked", "dtype": "boolean"}, source)
    moments = types.is_timestamp(kind) and kind.tz is None
    if moments or types.is_duration(kind) or (_is_number(types, kind) and not nulls):
        return decode_column(array, {"kind": "numpy", "dtype": _numpy_name(kind)}, source)
    return array.to_pandas()


_TEXT: Note = {"kind": "string", "storage": "pyarrow", "missing": "nan"}


def _is_number(types: Any, kind: Any) -> bool:
    return types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)


def _numpy_name(kind: Any) -> str:
    import numpy as np  # noqa: PLC0415  # optional and heavy

    return np.dtype(kind.to_pandas_dtype()).name


def _plain_categories(table: Any) -> Any:
    """Return the table with categories that are not texts written out: polars has none such."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    types: Any = pa.types
    for position, field in enumerate(table.schema):
        kind = field.type
        if types.is_dictionary(kind) and not types.is_large_string(kind.value_type):
            values = table.column(position).cast(kind.value_type)
            table = table.set_column(position, field.name, values)
    return table
