"""Object columns of pandas that hold one plain type, as Arrow arrays."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from whence.materializers.arrow_validity import unpack_validity

_OBJECT_TYPES: dict[type, str] = {
    bool: "bool_",
    int: "int64",
    str: "large_string",
    bytes: "large_binary",
    dt.date: "date32",
}
"""What an object column may hold, one type alone, and the Arrow type that keeps it exactly."""


class NotExactError(Exception):
    """A column would not come back as it is; the frame that it belongs to says which one it is."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


def encode_objects(values: Any) -> tuple[Any, dict[str, Any]]:
    """Encode an object column that holds one plain type, and one sort of missing value at most."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    found = set(map(type, values))
    missing = _missing_marker(values, found)
    plain = found - {type(None), float}
    if len(plain) > 1 or not plain <= _OBJECT_TYPES.keys():
        names = ", ".join(sorted(cls.__qualname__ for cls in plain))
        reason = f"It is an object column with values of type {names}."
        cure = "Give it one dtype: `column.astype(str)`, or one column for each type."
        raise NotExactError(reason, cure)
    kind = getattr(arrow, _OBJECT_TYPES[plain.pop()])() if plain else arrow.null()
    try:
        array = arrow.array(values.tolist(), kind, from_pandas=missing == "nan")
    except (ValueError, OverflowError, arrow.ArrowException) as error:
        reason = f"Not all of its values fit {kind}: {str(error).splitlines()[0]}."
        raise NotExactError(reason, "Convert it: `column.astype(str)`.") from error
    return array, {"kind": "objects", "missing": missing}


def _missing_marker(values: Any, found: Iterable[type]) -> str | None:
    floats = float in found
    if floats and type(None) in found:
        reason = "It is an object column with both None and NaN for missing values."
        raise NotExactError(reason, "Use one: `column.where(column.notna(), None)`.")
    if floats and any(value == value for value in values if type(value) is float):  # noqa: PLR0124  # only NaN differs from itself
        reason = "It is an object column with values of type float."
        raise NotExactError(reason, "Give it one dtype: `column.astype(float)` or `astype(str)`.")
    return "nan" if floats else ("none" if type(None) in found else None)


def decode_objects(array: Any, missing: str | None) -> Any:
    """Return the object column that `encode_objects` was given."""
    import numpy as np  # noqa: PLC0415  # optional and heavy

    values = np.empty(len(array), object)
    values[:] = array.to_pylist()
    if missing == "nan":
        values[~unpack_validity(array) if array.type != "null" else slice(None)] = np.nan
    return values
