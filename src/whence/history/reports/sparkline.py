"""The course of a series in a few characters."""

import math
from collections.abc import Sequence

from whence.domain.metrics import draw_outline
from whence.history.reports.report import Cell, Tone

WIDTH = 12
"""Characters at most."""

_HEIGHTS = "▁▂▃▄▅▆▇█"
_NOTHING = " "  # where no value is a number
_FLAT = "▄"


def draw_sparkline(values: Sequence[float], mode: str | None) -> Cell:
    """Return the course of *values*, which tells by its tone whether it went the better way."""
    outline = draw_outline(values, WIDTH)
    finite = [value for value in outline if math.isfinite(value)]
    if not finite:
        return Cell("")
    low, high = min(finite), max(finite)
    text = "".join(_draw_height(value, low, high) for value in outline)
    return Cell(text, _judge(finite[-1] - finite[0], mode))


def _draw_height(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return _NOTHING
    if low == high:
        return _FLAT
    if not math.isfinite(high - low):
        value, low, high = value / 2, low / 2, high / 2
    return _HEIGHTS[round((value - low) / (high - low) * (len(_HEIGHTS) - 1))]


def _judge(change: float, mode: str | None) -> Tone:
    if mode not in {"min", "max"} or change == 0:
        return Tone.QUIET
    return Tone.GOOD if (change < 0) is (mode == "min") else Tone.BAD
