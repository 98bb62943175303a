"""A pandas frame or series as an Arrow table with a note that brings back exactly that frame."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from whence.errors import NotStorableError
from whence.materializers.arrow_files import ArrowSource
from whence.materializers.pandas_columns import (
    Note,
    build_index,
    decode_column,
    encode_column,
    encode_index_values,
)
from whence.materializers.pandas_objects import NotExactError

_MOST_BLOCKS = 100  # pandas warns of a fragmented frame beyond, at the next column that is added


def encode_frame(frame: Any, format_name: str) -> tuple[Any, dict[str, Any]]:
    """Return a frame's table and note.

    Raises `NotStorableError`, which names the column that would not come back.
    """
    return _FrameEncoder(format_name).encode(frame)


def encode_series(series: Any, format_name: str) -> tuple[Any, dict[str, Any]]:
    """Return the table and note of a series: its index, and one column."""
    named = series.name if isinstance(series.name, str) else "values"
    frame = series.to_frame(named)
    frame.attrs = series.attrs
    table, note = encode_frame(frame, format_name)
    _FrameEncoder(format_name).check_name(series.name, "The name of the series")
    return table, {**note, "type": "pandas.Series", "name": series.name}


class _FrameEncoder:
    """Collects the columns of one frame, and refuses what would not come back."""

    def __init__(self, format_name: str) -> None:
        self._format = format_name
        self._arrays: list[Any] = []
        self._names: list[str] = []

    def encode(self, frame: Any) -> tuple[Any, dict[str, Any]]:
        import pyarrow as pa  # noqa: PLC0415  # optional and heavy

        arrow: Any = pa
        labels = self._encode_labels(frame.columns)
        columns = [self._add(f"{name}", name, values) for name, values in _each_column(frame)]
        note = {
            "type": "pandas.DataFrame",
            "columns": columns,
            "labels": labels,
            "index": self._encode_index(frame.index),
            "attrs": self._check_attrs(frame.attrs),
            "unique": not frame.flags.allows_duplicate_labels,
        }
        return arrow.Table.from_arrays(self._arrays, names=self._names), note

    def _add(
        self, arrow_name: str, name: Any, values: Any, *, index: bool = False
    ) -> dict[str, Any]:
        with _naming(f"{'Index level' if index else 'Column'} {name!r}", self._format):
            array, note = encode_index_values(values) if index else encode_column(values)
        while arrow_name in self._names:  # two labels may read alike, such as 1 and "1"
            arrow_name += "_"
        self._arrays.append(array)
        self._names.append(arrow_name)
        return dict(note)

    def _encode_labels(self, labels: Any) -> dict[str, Any]:
        import pandas as pd  # noqa: PLC0415  # optional and heavy

        fault = _find_label_fault(labels)
        if fault is not None:
            raise self._refuse(*fault)
        self.check_name(labels.name, "The name of the column labels")
        if isinstance(labels, pd.RangeIndex):
            return {"range": [labels.start, labels.stop, labels.step], "name": labels.name}
        if labels.dtype == object:
            return {"values": list(labels), "note": {"kind": "objects"}, "name": labels.name}
        encoded, note = encode_index_values(labels)
        return {"values": encoded.to_pylist(), "note": note, "name": labels.name}

    def _encode_index(self, index: Any) -> dict[str, Any]:
        import pandas as pd  # noqa: PLC0415  # optional and heavy

        for name in index.names:
            self.check_name(name, "The name of an index level")
        if isinstance(index, pd.RangeIndex):
            return {"range": [index.start, index.stop, index.step], "names": list(index.names)}
        levels = [index.get_level_values(level) for level in range(index.nlevels)]
        notes: list[dict[str, Any]] = [
            self._add(
                name if isinstance(name, str) else f"__index_level_{position}__",
                name,
                level,
                index=True,
            )
            for position, (name, level) in enumerate(zip(index.names, levels, strict=True))
        ]
        for note, level in zip(notes, levels, strict=True):
            if isinstance(level, pd.RangeIndex):  # what an empty level may be
                note["range"] = [level.start, level.stop, level.step]
        return {
            "levels": notes,
            "names": list(index.names),
            "multi": index.nlevels > 1 or (isinstance(index, pd.MultiIndex)),
        }

    def check_name(self, name: Any, subject: str) -> None:
        """Refuse a name that a note could not keep exactly."""
        if name is not None and type(name) not in {str, int}:
            reason = f"It is {name!r}, of type {type(name).__qualname__}."
            raise self._refuse(subject, reason, "Rename it to a text.")

    def _check_attrs(self, attrs: Any) -> Any:
        try:
            if _same(json.loads(json.dumps(attrs, allow_nan=False)), attrs):
                return attrs
        except (TypeError, ValueError, RecursionError):
            pass
        reason = "It holds something that JSON does not bring back as it is."
        cure = "Keep plain texts, numbers, lists and dicts there, or clear it: `frame.attrs = {}`."
        subject = "`frame.attrs`"
        raise self._refuse(subject, reason, cure)

    def _refuse(self, subject: str, reason: str, cure: str) -> NotStorableError:
        return NotStorableError(subject=subject, format=self._format, reason=reason, cure=cure)


def _find_label_fault(labels: Any) -> tuple[str, str, str] | None:
    """Return what would be lost of the column labels: subject, reason and cure."""
    whole = "The column labels"
    if labels.nlevels > 1:
        cure = "Join them: `frame.columns = ['_'.join(map(str, label)) for label in frame]`."
        return whole, "They have several levels.", cure
    if not labels.is_unique:
        twice = labels[labels.duplicated()][0]
        return f"Column {twice!r}", "Its label occurs twice.", "Rename one of them."
    plain = str(labels.dtype) in {"int64", "str", "string"} and not labels.hasnans
    if plain or (labels.dtype == object and all(type(label) in {str, int} for label in labels)):
        return None
    cure = "Convert them: `frame.columns = frame.columns.astype(str)`."
    return whole, f"They are of dtype {labels.dtype}, and not plain texts or integers.", cure


class _naming:  # noqa: N801  # reads as a statement: `with _naming(...)`
    """Says of a refused column which one it is."""

    def __init__(self, subject: str, format_name: str) -> None:
        self._subject = subject
        self._format = format_name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, NotExactError):
            raise NotStorableError(
                subject=self._subject, format=self._format, reason=error.reason, cure=error.cure
            ) from error


def _same(left: Any, right: Any) -> bool:
    """Return whether two JSON values are equal, down to the types of their parts."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(_same(left[key], right[key]) for key in left)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # JSON has no type of its own
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))  # pyright: ignore[reportUnknownArgumentType]  # as above
    return left == right


def _each_column(frame: Any) -> Iterator[tuple[Any, Any]]:
    import numpy as np  # noqa: PLC0415  # optional and heavy

    for position, label in enumerate(frame.columns):
        column = frame.iloc[:, position]
        plain = isinstance(column.dtype, np.dtype)
        yield label, column.to_numpy() if plain else column.array


# ------------------------------------------------------------------ reading


def decode_frame(source: ArrowSource, note: Note) -> Any:
    """Return the frame that `encode_frame` was given."""
    count = len(note["columns"])
    columns = [
        decode_column(join_chunks(source.table.column(position)), column, source)
        for position, column in enumerate(note["columns"])
    ]
    frame = assemble_frame(columns, _decode_index(source, note["index"], count))
    frame.columns = _decode_labels(note["labels"])
    frame.attrs = note["attrs"]
    if note["unique"]:
        frame.flags.allows_duplicate_labels = False
    return frame


def decode_series(source: ArrowSource, note: Note) -> Any:
    """Return the series that `encode_series` was given."""
    frame = decode_frame(source, note)
    series = frame.iloc[:, 0].rename(note["name"])
    series.attrs = note["attrs"]
    if note["unique"]:
        series.flags.allows_duplicate_labels = False
    return series


def join_chunks(column: Any) -> Any:
    """Return a column as one array."""
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy

    arrow: Any = pa
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else arrow.array([], column.type)


def _decode_labels(note: Note) -> Any:
    import numpy as np  # noqa: PLC0415  # optional and heavy
    import pandas as pd  # noqa: PLC0415  # as above

    pandas: Any = pd
    if "range" in note:
        return pandas.RangeIndex(*note["range"], name=note["name"])
    inner = note["note"]
    if inner["kind"] == "string":
        missing = pd.NA if inner["missing"] == "NA" else np.nan
        dtype = pandas.StringDtype(inner["storage"], na_value=missing)
        return pandas.Index(note["values"], dtype=dtype, name=note["name"])
    dtype = object if inner["kind"] == "objects" else inner["dtype"]
    return pandas.Index(note["values"], dtype=dtype, name=note["name"])


def _decode_index(source: ArrowSource, note: Note, first: int) -> Any:
    import pandas as pd  # noqa: PLC0415  # optional and heavy

    pandas: Any = pd
    if "range" in note:
        return pandas.RangeIndex(*note["range"], name=note["names"][0])
    levels = [
        pandas.RangeIndex(*level["range"])
        if "range" in level
        else build_index(
            decode_column(join_chunks(source.table.column(first + position)), level, source),
            note["names"][position],
            level.get("frequency"),
        )
        for position, level in enumerate(note["levels"])
    ]
    if note["multi"]:
        return pandas.MultiIndex.from_arrays(levels, names=note["names"])
    return levels[0]


def assemble_frame(columns: Sequence[Any], index: Any) -> Any:
    """Return a frame over these columns, copying nothing unless it would be in many pieces."""
    import pandas as pd  # noqa: PLC0415  # optional and heavy

    pandas: Any = pd
    pieces = list(_join_neighbours(columns)) if len(columns) > _MOST_BLOCKS else columns
    if pieces is columns:
        series = {position: _as_series(values, index) for position, values in enumerate(columns)}
        return pandas.DataFrame(series, index=index, copy=False)
    frames = [
        pandas.DataFrame(
            piece if getattr(piece, "ndim", 1) > 1 else {0: _as_series(piece, index)},
            index=index,
            copy=False,
        )
        for piece in pieces
    ]
    frame = pandas.concat(frames, axis=1)
    return frame.copy() if len(frames) > _MOST_BLOCKS else frame


def _as_series(values: Any, index: Any) -> Any:
    import pandas as pd  # noqa: PLC0415  # optional and heavy

    pandas: Any = pd
    # pandas would take an object column of texts for its own string dtype.
    return pandas.Series(values, index=index, dtype=getattr(values, "dtype", None), copy=False)


def _join_neighbours(columns: Sequence[Any]) -> Iterator[Any]:
    """Yield the columns, those of one dtype that lie evenly spaced in memory as one block."""
    run: list[Any] = []
    for column in columns:
        if run and not _continues(run, column):
            yield _as_block(run)
            run = []
        run.append(column)
    if run:
        yield _as_block(run)


def _continues(run: Sequence[Any], column: Any) -> bool:
    import numpy as np  # noqa: PLC0415  # optional and heavy

    last: Any = run[-1]
    plain = type(column) is np.ndarray and type(last) is np.ndarray
    if not plain or column.dtype != last.dtype or column.dtype.kind not in "iufmM":
        return False
    gap = _address(column) - _address(last)
    if gap < last.nbytes or gap % column.dtype.itemsize or not len(column):
        return False
    return len(run) == 1 or gap == _address(last) - _address(run[-2])


def _as_block(run: Sequence[Any]) -> Any:
    """Return evenly spaced columns as the two-dimensional array that spans them."""
    import numpy as np  # noqa: PLC0415  # optional and heavy

    first = run[0]
    if len(run) == 1:
        return first
    gap = _address(run[1]) - _address(first)
    block = np.lib.stride_tricks.as_strided(
        first, (len(run), len(first)), (gap, first.dtype.itemsize)
    )
    return block.T


def _address(array: Any) -> int:
    return array.__array_interface__["data"][0]
