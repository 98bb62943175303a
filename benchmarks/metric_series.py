"""What a long series of a metric costs: a million values, logged, recorded and read."""

import json
import math
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.fresh_process import run_python
from benchmarks.measurement import Measurement, median_seconds, seconds
from whence import log_metric, run, step
from whence.stacks.current import make_local_stack, use_stack

COUNT = 1_000_000
_MEBIBYTE = 1 << 20


def measure() -> Iterator[Measurement]:
    """Measure a series of a noisy loss in a process and a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        found = json.loads(run_python(["-m", "benchmarks.metric_series", folder]))
    title = f"{COUNT:,} values of a metric"
    yield Measurement("a call of log_metric", 1e6 * found["logged"] / COUNT, "us", note=title)
    yield Measurement("run of one step that logs them", found["whole"], "s")
    yield Measurement("bytes of the database for each", found["bytes"] / COUNT, "B")
    yield Measurement("memory that they take", found["memory"] / _MEBIBYTE, "MiB", note="at most")
    yield Measurement("their last value and extent, read", 1000 * found["listed"], "ms")
    yield Measurement("every value, read as columns", found["read"], "s")


@step
def train(count: int) -> float:
    """Log a loss that falls and is noisy; return how long that took."""
    begin = perf_counter()
    for number in range(count):
        noise = number * 7919 % 1000 / 50_000
        log_metric("loss", math.exp(-number / 300_000) + noise, step=number, mode="min")
    return perf_counter() - begin


def main(home: Path) -> None:
    """Print what a long series costs in a new store at *home*."""
    with use_stack(make_local_stack(home)):
        train.run(1)
        before, bytes_before = _peak_bytes(), _stored_bytes(home)
        start = perf_counter()
        trained = train.run(COUNT)
        whole = perf_counter() - start
        memory = _peak_bytes() - before
        found = {
            "logged": trained.read(),
            "whole": whole,
            "bytes": _stored_bytes(home) - bytes_before,
            "memory": memory,
            "listed": median_seconds(lambda: run(trained.id).metrics["loss"], 5),
            "read": seconds(lambda: run(trained.id).metrics.series("loss")),
        }
    sys.stdout.write(json.dumps(found))


def _stored_bytes(home: Path) -> int:
    return sum(file.stat().st_size for file in home.glob("metadata.sqlite*"))


def _peak_bytes() -> int:
    """Return the most memory that this process has held at once."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    main(Path(sys.argv[1]))
