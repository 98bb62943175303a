"""What a step costs that does nothing, where two worker processes share the work."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measurement import Measurement, seconds
from whence import pipeline, step
from whence.stacks.current import make_local_stack, use_stack

WIDTH = 1000
REPEATS = 3


@step
def pass_on(value: int) -> int:
    """Give what was taken."""
    return value


@pipeline
def wide(start: int, width: int) -> None:
    """Place *width* steps side by side; another *start* makes all of them new."""
    for number in range(width):
        pass_on(start + number)


def measure() -> Iterator[Measurement]:
    """Measure steps side by side in two workers, and what a run pays for having them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        use_stack(make_local_stack(Path(folder) / "home")),
    ):
        run = wide.with_options(workers=2)
        run(0, 1)
        first = [seconds(lambda at=at: run(-at, 2)) for at in range(10, 10 + REPEATS)]
        many = [seconds(lambda at=at: run(at * WIDTH, WIDTH)) for at in range(1, 1 + REPEATS)]
    start_up = statistics.median(first)
    per_step = (statistics.median(many) - start_up) / WIDTH
    yield Measurement("per step, two warm workers", 1000 * per_step, "ms", 2, f"{WIDTH:,} no-ops")
    yield Measurement("two workers, start to end", 1000 * start_up, "ms", note="a run of two steps")
