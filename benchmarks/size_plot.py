"""A small plot of cost against graph size: SVG that is readable on light and dark pages."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fresh_process import ROOT

PLOT = ROOT / "docs" / "concepts" / "cost-against-graph-size.svg"

_WIDTH, _HEIGHT = 680, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 160, 24, 48
_GREY = "#808890"  # As far from white as from black, like the four colours.
_COLOURS = ("#2f81d8", "#2f81d8", "#d9762b", "#d9762b")
_DASHES = ("none", "5 4", "none", "5 4")


@dataclass(frozen=True, slots=True)
class Curve:
    """Milliseconds of processor time per step, by the number of steps."""

    title: str
    points: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a point lies; both axes are logarithmic and end at powers of ten."""

    sizes: range  # powers of ten, as are those of milliseconds
    costs: range

    @classmethod
    def around(cls, curves: Sequence[Curve]) -> "_Axes":
        return cls(
            _powers_around([size for curve in curves for size in curve.points]),
            _powers_around([cost for curve in curves for cost in curve.points.values()]),
        )

    def x(self, size: float) -> float:
        share = (math.log10(size) - self.sizes[0]) / (len(self.sizes) - 1)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, cost: float) -> float:
        share = (math.log10(cost) - self.costs[0]) / (len(self.costs) - 1)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def write_plot(curves: Sequence[Curve], path: Path = PLOT) -> Path:
    """Write the plot of up to four curves and return where it is."""
    path.write_text("\n".join(_draw(curves)) + "\n")
    return path


def _draw(curves: Sequence[Curve]) -> Iterator[str]:
    axes = _Axes.around(curves)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="system-ui, sans-serif" font-size="12" fill="{_GREY}" role="img">'
    )
    yield "<title>Processor time per step against the number of steps of a graph</title>"
    yield from _draw_size_axis(axes)
    yield from _draw_cost_axis(axes)
    for curve, colour, dashes in zip(curves, _COLOURS, _DASHES, strict=False):
        yield from _draw_curve(curve, axes, colour, dashes)
    yield from _draw_titles(curves, axes)
    yield "</svg>"


def _draw_size_axis(axes: _Axes) -> Iterator[str]:
    bottom = _HEIGHT - _BOTTOM
    for power in axes.sizes:
        x = axes.x(10**power)
        yield _text(x, bottom + 18, f"{10**power:,}", "middle")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, "steps of the graph", "middle")


def _draw_cost_axis(axes: _Axes) -> Iterator[str]:
    for power in axes.costs:
        y = axes.y(10.0**power)
        yield (
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
            f' stroke="{_GREY}" stroke-opacity="0.35"/>'
        )
        yield _text(_LEFT - 8, y + 4, f"{10.0**power:g} ms", "end")
    yield _text(_LEFT, _TOP - 10, "processor time per step", "start")


def _draw_curve(curve: Curve, axes: _Axes, colour: str, dashes: str) -> Iterator[str]:
    places = [(axes.x(size), axes.y(cost)) for size, cost in sorted(curve.points.items())]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield (
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"'
        f' stroke-dasharray="{dashes}"/>'
    )
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'


def _draw_titles(curves: Sequence[Curve], axes: _Axes) -> Iterator[str]:
    """Write each curve's title at its end, apart from one another."""
    ends = [(axes.y(curve.points[max(curve.points)]), curve.title) for curve in curves]
    colours = dict(zip((curve.title for curve in curves), _COLOURS, strict=False))
    lowest = -math.inf
    for y, title in sorted(ends):
        lowest = max(y, lowest + 16)
        yield _text(_WIDTH - _RIGHT + 10, lowest + 4, title, "start", colours[title])


def _text(x: float, y: float, text: str, anchor: str, colour: str = _GREY) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def _powers_around(values: Sequence[float]) -> range:
    lowest, highest = math.log10(min(values)), math.log10(max(values))
    return range(math.floor(lowest), max(math.ceil(highest), math.floor(lowest) + 1) + 1)
