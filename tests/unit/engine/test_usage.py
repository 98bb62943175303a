"""What an attempt used of its machine."""

import sys

import pytest

from whence.engine.usage import SHORTEST_SECONDS, UsageMeter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others tell less")


def test_nothing_is_told_of_a_short_attempt():
    """What a few milliseconds use is lost among what the rest of the process uses."""
    assert UsageMeter().read(SHORTEST_SECONDS / 2) is None


def test_memory_that_is_kept_is_a_growth():
    """What is still held at the end has grown; what was given back has not."""
    meter = UsageMeter()
    kept = bytearray(b"x") * 64_000_000
    used = meter.read(1.0)
    again = UsageMeter()
    del kept

    assert used.memory_growth > 50_000_000
    assert used.peak_memory > 64_000_000
    assert again.read(1.0).memory_growth < -50_000_000


def test_a_process_of_its_own_knows_its_peak(tmp_path):
    """The peak is that of the attempt, also where an earlier one had a higher one."""
    from tests.contract.race import run_alone

    script = """
        import json
        from whence.engine.usage import UsageMeter

        def use(size):
            meter = UsageMeter(alone=True)
            held = bytearray(b"x") * size
            del held
            return meter.read(1.0).peak_memory

        print(json.dumps([use(300_000_000), use(100_000_000), use(1)]))
    """

    large, medium, small = run_alone(script, tmp_path)

    assert large > 300_000_000 > medium > 100_000_000 > small
