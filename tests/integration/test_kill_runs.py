"""What is left of pipelines whose process is killed while they run."""

import json

import pytest
from tests.integration.run_script import run_script

KILLS = 200  # so that each step is hit
STEPS = {"draw", "tabulate", "save", "describe", "compute_checksum"}

SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Libraries that start threads when they are imported do not: the script forks."""


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_no_kill_during_a_run_loses_or_tears_anything(tmp_path, capsys):
    """Kill -9 a running pipeline at any moment: what is recorded is whole, none is stuck."""
    counts = json.loads(run_script("kill_runs.py", tmp_path, KILLS, 7, **SINGLE_THREADED))

    with capsys.disabled():
        print(f"\n{counts}")
    moments = counts["last_words"]
    assert counts["faults"] == []
    assert sum(moments.values()) == counts["kills"] == KILLS
    assert set(moments) >= STEPS
    assert sum(moments[name] for name in STEPS) > KILLS / 3
    assert counts["committing"] > KILLS / 40
    assert counts["crashed"] > KILLS / 20
    assert 0 < counts["acknowledged"] <= counts["completed"] <= counts["acknowledged"] + 1.2 * KILLS
