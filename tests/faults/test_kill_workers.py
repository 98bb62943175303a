"""Kills of single workers and of their supervisor: `make torture` in short."""

import pytest
from tests.faults.run_module import run_module


@pytest.mark.heavy
@pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long
def test_a_kill_costs_what_it_hits_alone(capsys):
    """A killed worker costs its attempt, a killed supervisor its run; nothing is lost or left."""
    found = run_module("kill_workers", 30, 7)

    with capsys.disabled():
        print(f"\n{found}")
    assert found["faults"] == []
    assert found["kills"] >= 30
    assert found["landed"] > 30 / 6
    assert found["runs cut off"] > 0 < found["steps that outlived it"]
