"""Power loss at any moment: what was said is there, and what is recorded is whole."""

import pytest
from tests.faults.run_module import run_module

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long


@pytest.mark.parametrize("kind", ["inline", "bytes", "folder", "container"])
def test_a_power_loss_leaves_what_was_said(kind, tmp_path, capsys):
    """In every state that the disk may be in, durable records are there and verify."""
    found = run_module("power_loss", tmp_path, kind)

    with capsys.disabled():
        print(f"\n{kind}: {found['states']} states between {found['flushes']} flushes")
    assert found["faults"] == []
    assert found["said"]
    assert found["states"] > 100


def test_a_power_loss_leaves_a_completed_run(tmp_path, capsys):
    """A run that was reported as completed is there, and the next run succeeds in any case."""
    found = run_module("power_loss", tmp_path, "run")

    with capsys.disabled():
        print(f"\nrun: {found['states']} states between {found['flushes']} flushes")
    assert found["faults"] == []
    assert found["said"]
    assert found["states"] > 30
