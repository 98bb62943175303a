"""Metrics as rows: a value in a row of its own, of a series a stretch in each."""

import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import sub
from typing import Any, Literal

from whence.domain.metrics import NO_STEP, MetricSeries, draw_outline, find_extent
from whence.domain.records import StepFinished
from whence.metadata_stores.event_rows import Row

STRETCH = 4096
"""Values of a series that a row holds at most."""

OUTLINE = 16
"""Means that tell the course of a stretch."""

_MOST_IN_A_ROW = 1 << 20  # what a newer Whence might put there
_VERSION = 1
_AS_THEY_ARE, _DEFLATED = 0, 1
_WIDTH = 8  # bytes of a number in each of the columns
_COLUMNS = 3
_RANGE = 1 << 64


def metric_rows(event: StepFinished) -> Iterator[Row]:
    """Yield the metrics of a step as rows."""
    stretches = (stretch for series in event.metrics for stretch in _cut(series))
    for position, stretch in enumerate(stretches):
        yield {
            "step_run_id": event.step.id,
            "position": position,
            "name": stretch.name,
            "value": stretch.values[-1],  # SQLite keeps what is not a number as empty
            "step": None if stretch.steps[-1] == NO_STEP else stretch.steps[-1],
            "mode": stretch.mode,
            "reported_at": stretch.moments[-1],
            **(_SINGLE if len(stretch) == 1 else _describe(stretch)),
        }


_SINGLE: Row = dict.fromkeys(("count", "minimum", "maximum", "points", "outline"))


def _cut(series: MetricSeries) -> Iterator[MetricSeries]:
    for start in range(0, len(series), STRETCH):
        yield series.cut(start, start + STRETCH)


def _describe(stretch: MetricSeries) -> Row:
    minimum, maximum = find_extent(stretch.values) or (None, None)
    return {
        "count": len(stretch),
        "minimum": minimum,
        "maximum": maximum,
        "points": pack_points(stretch),
        "outline": _write_column(draw_outline(stretch.values, OUTLINE)),
    }


# ---------------------------------------------------------------------- points


def pack_points(series: MetricSeries) -> bytes:
    """Return the values of a series as bytes, compressed where that makes them fewer.

    They are a version, a form, and three columns of eight bytes a value, the lowest first: values,
    then steps and moments as differences from the one before. In a column the first bytes of all
    numbers come first, then all second ones: so equal bytes lie together.
    """
    columns = (series.values, _differences(series.steps), _differences(series.moments))
    plain = b"".join(map(_split_planes, columns))
    deflated = zlib.compress(plain, 1)
    if len(deflated) < len(plain):
        return bytes((_VERSION, _DEFLATED)) + deflated
    return bytes((_VERSION, _AS_THEY_ARE)) + plain


def unpack_points(data: bytes, name: str, mode: str | None, count: int) -> MetricSeries:
    """Return the series that was packed. Raises `ValueError` for anything else."""
    size = _WIDTH * count
    plain = _inflate(data, _COLUMNS * size) if 0 < count <= _MOST_IN_A_ROW else b""
    if len(plain) != _COLUMNS * size:
        message = f"the values are not {count}"
        raise ValueError(message)
    values, steps, moments = (
        _join_planes(plain[start : start + size]) for start in range(0, len(plain), size)
    )
    return MetricSeries(name, mode, _read_column("d", values), _sum_up(steps), _sum_up(moments))


def _inflate(data: bytes, expected: int) -> bytes:
    """Return what was packed, and never much more than is *expected*."""
    if data[:1] != bytes((_VERSION,)):
        message = f"the values are packed in form {data[:1].hex()}, which is not known"
        raise ValueError(message)
    if data[1] == _AS_THEY_ARE:
        return data[2:]
    try:
        return zlib.decompressobj().decompress(data[2:], expected + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None


def _differences(numbers: "array[int]") -> "array[int]":
    """Return each number less the one before, the first as it is; what is too large wraps round."""
    before = array("q", [0])
    before.extend(numbers[:-1])
    differences: Iterable[int] = map(sub, numbers, before)
    try:
        return array("q", differences)
    except OverflowError:
        return array("q", map(_wrap, map(sub, numbers, before)))


def _sum_up(column: bytes) -> "array[int]":
    differences: array[int] = _read_column("q", column)
    try:
        return array("q", accumulate(differences))
    except OverflowError:
        return array("q", map(_wrap, accumulate(differences)))


def _wrap(number: int) -> int:
    """Return a number in the range of a column, as a processor would."""
    return (number + _RANGE // 2) % _RANGE - _RANGE // 2


def _split_planes(column: "array[Any]") -> bytes:
    data = _write_column(column)
    return b"".join([data[place::_WIDTH] for place in range(_WIDTH)])


def _join_planes(data: bytes) -> bytes:
    joined, count = bytearray(len(data)), len(data) // _WIDTH
    for place in range(_WIDTH):
        joined[place::_WIDTH] = data[place * count : (place + 1) * count]
    return bytes(joined)


def _write_column(column: "array[Any]") -> bytes:
    """Return numbers as bytes, the lowest of each first."""
    if sys.byteorder == "little":
        return column.tobytes()
    turned = column[:]  # pragma: no cover  # the tests run on no such machine
    turned.byteswap()  # pragma: no cover  # as above
    return turned.tobytes()  # pragma: no cover  # as above


def _read_column(kind: Literal["d", "q"], data: bytes) -> "array[Any]":
    column = array(kind, data)
    if sys.byteorder == "big":  # pragma: no cover  # as above
        column.byteswap()
    return column


def decode_outline(data: bytes) -> "array[float]":
    """Return the outline of a stretch. Raises `ValueError` for what is none."""
    return _read_column("d", data)
