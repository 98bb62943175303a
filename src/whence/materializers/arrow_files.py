"""One Arrow table as one file: the same bytes for equal tables, mapped when read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whence.errors import NotStorableError

if TYPE_CHECKING:
    import mmap

NOTE_KEY = b"whence"
"""Where a schema's metadata says what was written, so that exactly that can be read again."""


class ArrowSource:
    """A table that was read, and the writable memory in which its columns lie."""

    def __init__(self, table: Any, buffer: "bytearray | mmap.mmap | None" = None) -> None:
        import pyarrow as pa  # noqa: PLC0415  # optional and heavy: only where a table is read

        arrow: Any = pa
        self.table = table
        self._buffer = buffer
        whole = arrow.py_buffer(b"" if buffer is None else buffer)
        self._start: int = whole.address
        self._size: int = whole.size

    def view(self, memory: Any, dtype: Any, count: int, skip: int) -> Any:
        """Return *count* elements of an Arrow buffer as an array that may be changed.

        No copy is made of what lies in the mapped file.
        """
        import numpy as np  # noqa: PLC0415  # optional and heavy, as above

        if count == 0 or memory is None:
            return np.empty(count, dtype)
        start = memory.address - self._start + skip * np.dtype(dtype).itemsize
        if self._buffer is not None and 0 <= start < self._size:
            return np.frombuffer(self._buffer, dtype, count, start)
        return np.frombuffer(memory, dtype, count, skip * np.dtype(dtype).itemsize).copy()


def attach_note(table: Any, note: Mapping[str, Any]) -> Any:
    """Return the table with a note of what it was, kept in its schema."""
    text = json.dumps(note, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return table.replace_schema_metadata({**(table.schema.metadata or {}), NOTE_KEY: text})


def split_note(table: Any) -> tuple[Any, dict[str, Any]]:
    """Return the table without its note, and the note; an empty one where there is none."""
    metadata = dict(table.schema.metadata or {})
    text = metadata.pop(NOTE_KEY, b"{}")
    return table.replace_schema_metadata(metadata or None), json.loads(text)


def make_canonical(table: Any, format_name: str) -> Any:
    """Return an equal table whose bytes depend on nothing but its values.

    Chunks are joined, and what lies under nulls and beyond the ends of slices is cleared. Columns
    that need neither are not copied.
    """
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    columns = [
        _canonical_column(arrow, table.column(position), table.schema.field(position), format_name)
        for position in range(table.num_columns)
    ]
    return arrow.Table.from_arrays(columns, schema=table.schema)


def _canonical_column(pa: Any, column: Any, field: Any, format_name: str) -> Any:
    if holds_extension(pa, field.type):
        reason = f"Its type {field.type} is an Arrow extension, which not every reader knows."
        raise refuse_column(field.name, format_name, reason, "Cast the column to its storage type.")
    joined = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        if joined.num_chunks > 1:
            reason = f"Its values are too many for one chunk of type {field.type}."
            raise refuse_column(
                field.name, format_name, reason, "Cast it: `column.cast(pyarrow.large_string())`."
            )
        joined = joined.chunk(0) if joined.num_chunks else pa.array([], field.type)
    return _clear_unseen(pa, joined) if _has_unseen(pa, joined) else joined


def _has_unseen(pa: Any, array: Any) -> bool:
    kind = array.type
    return (
        array.null_count > 0 or pa.types.is_nested(kind) or pa.types.is_boolean(kind)
    ) and not pa.types.is_null(kind)


def _clear_unseen(pa: Any, array: Any) -> Any:
    from pyarrow import compute  # noqa: PLC0415  # optional and heavy

    arrow: Any = compute
    everything = arrow.indices_nonzero(arrow.is_null(pa.nulls(len(array))))
    try:
        return array.take(everything)
    except pa.ArrowNotImplementedError:
        return array


def holds_extension(pa: Any, kind: Any) -> bool:
    """Return whether a type is an Arrow extension type or has one inside."""
    if isinstance(kind, pa.BaseExtensionType):
        return True
    if pa.types.is_dictionary(kind):
        return holds_extension(pa, kind.value_type)
    return any(holds_extension(pa, kind.field(part).type) for part in range(kind.num_fields))


def write_table(table: Any, path: Path) -> None:
    """Write a canonical table as one uncompressed Arrow file."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    with arrow.OSFile(str(path), "wb") as sink, arrow.ipc.new_file(sink, table.schema) as writer:
        # As one batch, since a table without rows would be none, and lose its categories.
        columns = [column.chunk(0) for column in table.columns]
        writer.write_batch(arrow.RecordBatch.from_arrays(columns, schema=table.schema))


def read_table(buffer: "bytearray | mmap.mmap") -> ArrowSource:
    """Return the table in an Arrow file, without copying its columns."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    table = arrow.ipc.open_file(arrow.py_buffer(buffer)).read_all()
    table.validate()
    for field in table.schema:
        if holds_extension(arrow, field.type):
            message = f"Column {field.name!r} has the extension type {field.type}."
            raise ValueError(message)
    return ArrowSource(table, buffer)


def refuse_column(name: Any, format_name: str, reason: str, cure: str) -> NotStorableError:
    """Return the error for one column that would not come back as it is."""
    return NotStorableError(
        subject=f"Column {name!r}", format=format_name, reason=reason, cure=cure
    )
