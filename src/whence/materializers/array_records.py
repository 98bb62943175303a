"""Clears the bytes between the fields of NumPy records, which are left to chance."""

from typing import Any


def clear_padding(array: Any) -> Any:
    """Return an equal array whose bytes depend on nothing but its values.

    An array without gaps in its records is returned as it is.
    """
    import numpy as np  # noqa: PLC0415  # optional and heavy

    if not _has_gaps(array.dtype):
        return array
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    raw = np.zeros(array.shape, f"V{array.dtype.itemsize}", order)
    clean = raw.view(array.dtype)
    _copy_fields(array, clean)
    return clean


def _has_gaps(dtype: Any) -> bool:
    if dtype.subdtype is not None:
        return _has_gaps(dtype.subdtype[0])
    if dtype.names is None:
        return False
    parts = [dtype.fields[name][0] for name in dtype.names]
    return sum(part.itemsize for part in parts) < dtype.itemsize or any(map(_has_gaps, parts))


def _copy_fields(source: Any, target: Any) -> None:
    for name in source.dtype.names:
        if source[name].dtype.names is None:
            target[name] = source[name]
        else:
            _copy_fields(source[name], target[name])
