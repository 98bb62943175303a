"""What frames and arrays hold, in a few figures, and how two of them differ in these."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.frozen import frozen
from whence.history.reports.quantities import format_numbers

LARGEST = 128 * 2**20
"""Bytes of an artifact that is looked into."""

_log = logging.getLogger("whence.history")
_FRAMES = ("arrow/", "parquet/", "csv/")
_ARRAYS = ("npy/",)
_MOST_COLUMNS = 200  # that are summarised
_MOST_LINES = 12  # of one difference
_NOISE = 1e-12  # of the largest value
_FIGURES = ("mean", "min", "max")


@frozen
class Figures:
    """What the numbers of a column or an array come to; None where there are none."""

    mean: float | None = None
    min: float | None = None
    max: float | None = None
    missing: int = 0


@frozen
class ColumnSummary:
    """One column of a frame."""

    type: str
    figures: Figures | None = None  # of numbers


@frozen
class FrameSummary:
    """A frame."""

    rows: int
    columns: Mapping[str, ColumnSummary]


@frozen
class ArraySummary:
    """An array."""

    shape: tuple[int, ...]
    dtype: str
    figures: Figures | None = None


ContentSummary = FrameSummary | ArraySummary


def can_be_summarised(format_name: str | None, size: int) -> bool:
    """Return whether an artifact of a format and size is looked into."""
    return (format_name or "").startswith((*_FRAMES, *_ARRAYS)) and size <= LARGEST


def summarise_content(artifact: Artifact) -> ContentSummary | None:
    """Return what a frame or an array holds; None where it cannot be read here."""
    try:
        if (artifact.format or "").startswith(_ARRAYS):
            return _summarise_array(artifact.read())
        return _summarise_table(_read_table(artifact))
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one content: runs are compared
        _log.debug("A content is not summarised: %s", error)
        return None


def describe_content_change(old: ContentSummary, new: ContentSummary) -> tuple[str, ...]:
    """Return in words how two contents differ, as far as their figures tell."""
    if isinstance(old, FrameSummary) and isinstance(new, FrameSummary):
        lines = list(_compare_frames(old, new))
        same = "rows, columns and figures are the same; single values or their order differ"
    elif isinstance(old, ArraySummary) and isinstance(new, ArraySummary):
        lines = list(_compare_arrays(old, new))
        same = "shape and figures are the same; single values or their order differ"
    else:
        return ("one is a frame, the other an array",)
    rest = len(lines) - _MOST_LINES
    if rest > 1:
        lines[_MOST_LINES:] = [f"and {rest} more columns"]
    return tuple(lines) or (same,)


def summary_to_dict(summary: ContentSummary | None) -> dict[str, Any] | None:
    """Return a summary as what JSON has."""
    if summary is None:
        return None
    if isinstance(summary, ArraySummary):
        figures = _figures_to_dict(summary.figures)
        return {"kind": "array", "shape": list(summary.shape), "dtype": summary.dtype, **figures}
    columns = [
        {"name": name, "type": column.type, **_figures_to_dict(column.figures)}
        for name, column in summary.columns.items()
    ]
    return {"kind": "frame", "rows": summary.rows, "columns": columns}


def _figures_to_dict(figures: Figures | None) -> dict[str, Any]:
    if figures is None:
        return {}
    return {name: getattr(figures, name) for name in (*_FIGURES, "missing")}


# ------------------------------------------------------------------ reading


def _read_table(artifact: Artifact) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # optional and heavy: only where frames differ

    arrow: Any = pa
    if (artifact.format or "").startswith("csv/"):
        return arrow.Table.from_pandas(artifact.read(), preserve_index=False)
    return artifact.read(arrow.Table)


def _summarise_table(table: Any) -> FrameSummary:
    columns = {
        str(field.name): ColumnSummary(
            str(field.type), _find_figures(table, place) if place < _MOST_COLUMNS else None
        )
        for place, field in enumerate(table.schema)
    }
    return FrameSummary(table.num_rows, columns)


def _find_figures(table: Any, place: int) -> Figures | None:
    """Return the figures of a column of numbers; what is not a number counts as missing."""
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.compute as pc  # noqa: PLC0415  # as above

    arrow: Any = pa.types
    compute: Any = pc
    column = table.column(place)
    if arrow.is_boolean(column.type):
        column = column.cast("uint8")
    if arrow.is_float16(column.type):
        column = column.cast("float32")
    if not (arrow.is_integer(column.type) or arrow.is_floating(column.type)):
        return None
    missing = column.null_count
    if arrow.is_floating(column.type) and compute.any(compute.is_nan(column)).as_py():
        kept = column.filter(compute.invert(compute.is_nan(column)))
        missing += len(column) - missing - (len(kept) - kept.null_count)
        column = kept
    span = compute.min_max(column)
    return Figures(
        _as_float(compute.mean(column).as_py()),
        _as_float(span["min"].as_py()),
        _as_float(span["max"].as_py()),
        missing,
    )


def _summarise_array(array: Any) -> ArraySummary:
    import numpy as np  # noqa: PLC0415  # optional and heavy: only where arrays differ

    figures = None
    if array.dtype.kind in "biuf" and array.size:
        known = array[~np.isnan(array)] if array.dtype.kind == "f" else array
        missing = int(array.size - known.size)
        figures = Figures(missing=missing)
        if known.size:
            with np.errstate(all="ignore"):  # infinities on both sides have no mean
                mean = float(known.mean(dtype="float64"))
            figures = Figures(mean, float(known.min()), float(known.max()), missing)
    return ArraySummary(tuple(array.shape), str(array.dtype), figures)


def _as_float(value: Any) -> float | None:
    return None if value is None else float(value)


# ------------------------------------------------------------------ comparing


def _compare_frames(old: FrameSummary, new: FrameSummary) -> Iterator[str]:
    if old.rows != new.rows:
        yield f"rows {old.rows:,} → {new.rows:,} ({new.rows - old.rows:+,})"
    yield from (
        f"column {name} is new: {column.type}"
        for name, column in new.columns.items()
        if name not in old.columns
    )
    yield from (f"column {name} is gone" for name in old.columns if name not in new.columns)
    for name, column in new.columns.items():
        before = old.columns.get(name)
        if before is not None and before != column:
            yield f"column {name}: {', '.join(_compare_columns(before, column))}"


def _compare_columns(old: ColumnSummary, new: ColumnSummary) -> Iterator[str]:
    if old.type != new.type:
        yield f"type {old.type} → {new.type}"
    yield from _compare_figures(old.figures, new.figures)


def _compare_figures(old: Figures | None, new: Figures | None) -> Iterator[str]:
    if old is None or new is None:
        return
    least = _NOISE * max((abs(each) for each in _spans(old, new)), default=0.0)
    for name in _FIGURES:
        before, after = (_without_noise(getattr(each, name), least) for each in (old, new))
        if before != after and not _are_nan(before, after):
            yield f"{name} {_then(before, after)}"
    if old.missing != new.missing:
        yield f"missing {old.missing:,} → {new.missing:,}"


def _spans(*figures: Figures) -> Iterator[float]:
    for each in figures:
        yield from (value for value in (each.min, each.max) if value is not None)


def _without_noise(value: float | None, least: float) -> float | None:
    """Return a figure, or zero for what sums of binary fractions leave of it."""
    return 0.0 if value is not None and abs(value) < least else value


def _are_nan(*values: float | None) -> bool:
    return all(value is not None and value != value for value in values)  # noqa: PLR0124  # NaN


def _then(before: float | None, after: float | None) -> str:
    return " → ".join(format_numbers([before, after]))


def _compare_arrays(old: ArraySummary, new: ArraySummary) -> Iterator[str]:
    if old.shape != new.shape:
        yield f"shape {_show_shape(old.shape)} → {_show_shape(new.shape)}"
    if old.dtype != new.dtype:
        yield f"dtype {old.dtype} → {new.dtype}"
    yield from _compare_figures(old.figures, new.figures)


def _show_shape(shape: Sequence[int]) -> str:
    return f"({', '.join(f'{size:,}' for size in shape)})"
