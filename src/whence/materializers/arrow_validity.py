"""Which values of an Arrow array are there: its bitmap, and NumPy's truth values."""

from typing import Any


def pack_validity(valid: Any) -> Any:
    """Return Arrow's bitmap of which values are there; None where all are."""
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pyarrow as pa  # noqa: PLC0415  # as above

    arrow: Any = pa
    if valid.all():
        return None
    return arrow.py_buffer(np.packbits(valid, bitorder="little").tobytes())


def unpack_validity(array: Any) -> Any:
    """Return which values of an Arrow array are there, as an array of truth values."""
    import numpy as np  # noqa: PLC0415  # optional and heavy

    if not array.null_count:
        return np.ones(len(array), bool)
    bits = np.frombuffer(array.buffers()[0], "u1")
    taken = np.unpackbits(bits, bitorder="little", count=array.offset + len(array))
    return taken[array.offset :].astype(bool)
