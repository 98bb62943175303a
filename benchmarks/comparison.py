"""How long it takes to compare two runs of many steps."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import whence
from benchmarks.measurement import Measurement, median_seconds
from whence import pipeline, step
from whence.stacks.current import make_local_stack, use_stack

STEPS = 1_000


@step
def begin(start: int) -> int:
    """Give the first number."""
    return start


@step
def advance(number: int, value: int) -> int:
    """Give the next number."""
    return value + number


@pipeline
def chain(start: int = 0) -> int:
    """Run a thousand steps, each of which differs where the first does."""
    value = begin(start)
    for number in range(STEPS - 1):
        value = advance.with_options(name=f"advance_{number}")(number, value)
    return value


def measure() -> Iterator[Measurement]:
    """Measure a comparison in which every step differs, its records read anew each time."""
    with tempfile.TemporaryDirectory() as folder:
        stack = make_local_stack(Path(folder))
        with use_stack(stack):
            first, second = chain(0).id, chain(1).id
            compared = median_seconds(lambda: whence.compare(first, second), 5)
            shown = median_seconds(lambda: str(whence.compare(first, second)), 5)
        stack.close()
    what = f"two runs of {STEPS:,} steps that all differ"
    yield Measurement("compare", 1000 * compared, "ms", 300, what)
    yield Measurement("compare and show", 1000 * shown, "ms", note="the same, as text")
