"""What a step costs as the graph grows: building, checking and running it, time and memory."""

import json
import tempfile
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.fresh_process import run_python
from benchmarks.measurement import Measurement
from benchmarks.size_plot import Curve, write_plot

SIZES = (100, 1000, 10_000, 100_000)
REFERENCE = 1000
SHAPES = {"chain": "a chain", "fan": "a fan"}
_GIGABYTE = 1e9
_MOST_GROWTH = 1.5


class _Cost(NamedTuple):
    """Seconds for a whole graph: of time, and of a busy processor, which others disturb less."""

    time: float
    busy: float


class _GraphCost(NamedTuple):
    """What a graph cost first and again, and the most bytes that its process held."""

    first: _Cost
    again: _Cost
    peak: int


def measure(*, largest: int, plot: bool) -> Iterator[Measurement]:
    """Measure each graph in a process and a store of its own; *plot* draws what was found."""
    sizes = [size for size in SIZES if size <= largest]
    curves: list[Curve] = []
    for shape, title in SHAPES.items():
        costs: dict[int, _GraphCost] = {}
        for size in sizes:
            costs[size] = cost = _measure_graph(shape, size)
            yield from _rows(f"{title} of {size:,}", size, cost, costs.get(REFERENCE))
        curves += _curves(title, costs)
    if plot:
        yield Measurement("curves drawn", len(curves), "", note=str(write_plot(curves)))


def _measure_graph(shape: str, size: int) -> _GraphCost:
    with tempfile.TemporaryDirectory() as folder:
        printed = run_python(["-m", "benchmarks.one_graph", shape, str(size), folder])
    measured = json.loads(printed)
    return _GraphCost(_Cost(*measured["first"]), _Cost(*measured["again"]), measured["peak"])


def _rows(
    title: str, size: int, cost: _GraphCost, reference: _GraphCost | None
) -> Iterator[Measurement]:
    is_largest = size == SIZES[-1]
    yield _per_step(f"{title}, per step", size, cost.first)
    yield _per_step(f"{title}, reused", size, cost.again)
    if is_largest and reference is not None:
        yield from _growth(f"{title}, per step", size, cost.first, reference.first)
        yield from _growth(f"{title}, reused", size, cost.again, reference.again)
    budget = 1.0 if is_largest else None
    yield Measurement(f"{title}, peak memory", cost.peak / _GIGABYTE, "GB", budget)


def _per_step(title: str, size: int, cost: _Cost) -> Measurement:
    busy = f"{1000 * cost.busy / size:.3g} ms of processor time"
    return Measurement(title, 1000 * cost.time / size, "ms", note=busy)


def _growth(title: str, size: int, cost: _Cost, reference: _Cost) -> Iterator[Measurement]:
    """Yield how much more a step costs than one of the reference."""
    share = REFERENCE / size
    note = f"against a step of {REFERENCE:,}"
    yield Measurement(title, share * cost.time / reference.time, "x", _MOST_GROWTH, note)
    yield Measurement(
        title, share * cost.busy / reference.busy, "x", _MOST_GROWTH, f"{note}, processor time"
    )


def _curves(title: str, costs: dict[int, _GraphCost]) -> Iterator[Curve]:
    first = {size: 1000 * cost.first.busy / size for size, cost in costs.items()}
    again = {size: 1000 * cost.again.busy / size for size, cost in costs.items()}
    yield Curve(f"{title}, computed", first)
    yield Curve(f"{title}, reused", again)
