"""One graph in a process of its own: `python -m benchmarks.one_graph SHAPE SIZE HOME`."""

import functools
import json
import resource
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.measurement import seconds
from whence import pipeline, step
from whence.stacks.current import make_local_stack, use_stack

WARM_UP_SIZE = 10
REPEATED_UP_TO, REPEATS = 1000, 7


@step
def begin(value: int) -> int:
    """Give the first number."""
    return value


@step
def pass_on(value: int) -> int:
    """Give another number than was taken."""
    return value + 1


@step
def branch(value: int, number: int) -> int:
    """Give a number of this branch's own."""
    return value + number


@step
def gather(values: list[int]) -> int:
    """Give one number for many."""
    return sum(values)


@pipeline
def chain(size: int, start: int) -> int:
    """Tie *size* steps one after another."""
    value = begin(start)
    for _ in range(size - 1):
        value = pass_on(value)
    return value


@pipeline
def fan(size: int, start: int) -> int:
    """Place one step, all others but one behind it, and one behind all of those."""
    value = begin(start)
    return gather([branch(value, number) for number in range(1, size - 1)])


SHAPES: dict[str, Callable[..., Any]] = {"chain": chain, "fan": fan}


def main() -> None:
    """Run a graph, and the same again; print what all of that cost, and bytes at the peak."""
    shape, size, home = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    graph = SHAPES[shape]
    repeats = REPEATS if size <= REPEATED_UP_TO else 1
    stack = make_local_stack(home)
    with use_stack(stack):
        graph(WARM_UP_SIZE, -WARM_UP_SIZE)
        starts = [2 * size * number for number in range(repeats)]
        acts = [functools.partial(graph, size, start) for start in starts]
        first, again = _median_cost(acts), _median_cost(acts)
    stack.close()
    print(json.dumps({"first": first, "again": again, "peak": _peak_bytes()}))


def _median_cost(acts: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """Return seconds of time, and seconds that the processor was busy with it."""
    costs = [_cost(act) for act in acts]
    return statistics.median(time for time, _ in costs), statistics.median(cpu for _, cpu in costs)


def _cost(act: Callable[[], object]) -> tuple[float, float]:
    busy = process_time()
    return seconds(act), process_time() - busy


def _peak_bytes() -> int:
    """Return the most memory that this process has held at once."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    main()
