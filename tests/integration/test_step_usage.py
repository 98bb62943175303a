"""What is told of the CPU, memory and storage that steps used."""

import os
import sys
import time
from pathlib import Path

import pytest
from tests.integration.steps_in_workers import busy

import whence
from whence import pipeline, step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others tell less")


@pipeline
def working(seconds: float, size: int):
    return busy(seconds, size)


@step
def store(folder: str) -> int:
    busy.fn(0.02, 1)
    with (Path(folder) / "data").open("wb") as file:
        file.write(os.urandom(4_000_000))
        os.fsync(file.fileno())
    return 1


@pytest.mark.parametrize("options", [{}, {"workers": 1}], ids=["here", "in a worker"])
def test_a_step_tells_what_it_used(options):
    """CPU time and peak memory are recorded, wherever the step ran, and shown with it."""
    found = working.with_options(**options)(0.05, 64_000_000).steps.busy

    assert found.usage.cpu_seconds >= 0.05
    assert found.usage.peak_memory > 64_000_000
    assert None not in {found.usage.memory_growth, found.usage.read_bytes}
    assert "Used" in str(found)
    assert "of CPU, at most" in str(found.run)


def test_workers_tell_the_peak_of_each_step():
    """A step that takes little does not bear the peak of the one before in the same process."""

    @pipeline
    def both():
        return busy(0.02, 1, after=busy.with_options(name="large")(0.02, 300_000_000))

    steps = both.with_options(workers=1)().steps

    assert steps.large.usage.peak_memory > 300_000_000 > steps.busy.usage.peak_memory


def test_what_a_step_writes_is_counted(tmp_path):
    """Bytes that went to storage are told, where the file system has any."""
    before = time.process_time()
    usage = store.run(folder=str(tmp_path)).steps.store.usage

    assert usage.cpu_seconds <= time.process_time() - before
    assert usage.written_bytes >= 0


def test_a_reused_step_used_nothing():
    """Nothing is measured of a hit."""
    working(0.02, 1)
    again = working(0.02, 1)

    assert again.steps.busy.cached
    assert again.steps.busy.usage is None
    assert "CPU" not in str(again)
    assert whence.run(again.id).steps.busy.usage is None
