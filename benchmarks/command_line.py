"""How long a command takes to answer."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fresh_process import process_seconds
from benchmarks.measurement import Measurement, median_seconds
from benchmarks.records import fill_store
from whence.domain.records import RunFilter
from whence.stacks.current import make_local_stack

RUNS = 10_000
MANY_RUNS = 100_000


def measure(*, full: bool) -> Iterator[Measurement]:
    """Measure whole commands, interpreter included; *full* lists from a larger store too."""
    shown = process_seconds(["-m", "whence", "--help"])
    yield Measurement("whence --help", 1000 * shown, "ms", 200)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        fill_store(home, RUNS)
        listed = process_seconds(["-m", "whence", "runs"], home)
    yield Measurement("whence runs", 1000 * listed, "ms", 500, f"on a store of {RUNS:,} runs")
    if full:
        yield _measure_listing()


def _measure_listing() -> Measurement:
    with tempfile.TemporaryDirectory() as folder:
        fill_store(Path(folder), MANY_RUNS)
        stack = make_local_stack(Path(folder))
        listed = median_seconds(lambda: stack.metadata_store.list_runs(RunFilter(limit=50)), 7)
        stack.close()
    return Measurement("list 50 runs", 1000 * listed, "ms", 50, f"of {MANY_RUNS:,}, in process")
