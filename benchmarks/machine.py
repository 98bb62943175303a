"""What the figures were measured on."""

import os
import platform
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measurement import seconds


def describe_machine() -> Iterator[str]:
    """Yield facts without which no figure means much."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    yield f"{os.cpu_count()} cores, load {load}, {platform.system()} {platform.machine()}"
    yield f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    where = tempfile.gettempdir()
    yield f"fsync of 4 KiB: {1000 * fsync_seconds():.2f} ms (median of 50, in {where})"


def fsync_seconds() -> float:
    """Return how long this machine's temporary folder takes to make a small file durable."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "file").open("wb") as file:

        def flush() -> None:
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())

        return statistics.median(seconds(flush) for _ in range(50))
