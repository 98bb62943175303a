"""Signals at any moment of a run: it ends as it says, and what it leaves is whole."""

import pytest
from tests.faults.run_module import run_module

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long


@pytest.mark.parametrize(
    "stride",
    [
        pytest.param(9, id="some"),
        pytest.param(1, id="all", marks=pytest.mark.torture),
    ],
)
def test_ctrl_c_at_any_moment_cancels_the_run(stride, tmp_path, capsys):
    """Between steps, inside of them, while an output is written: cancelled, or completed before."""
    found = run_module("signals", tmp_path, "SIGINT", stride)

    with capsys.disabled():
        print(f"\nSIGINT: {found['recorded']}")
    assert found["faults"] == []
    assert set(found["ends"]) == {"cancelled"}
    recorded = {pair.split()[1] for pair in found["recorded"]}
    assert "cancelled" in recorded
    assert recorded <= {"cancelled", "completed", "none"}
    assert sum(found["hits"].values()) > 300 / stride


def test_a_terminated_run_is_recorded_as_crashed(tmp_path, capsys):
    """SIGTERM ends the process; the next one to look finds a run that is over, or none."""
    found = run_module("signals", tmp_path, "SIGTERM", 23)

    with capsys.disabled():
        print(f"\nSIGTERM: {found['recorded']}")
    assert found["faults"] == []
    assert set(found["ends"]) == {"terminated"}
    recorded = {pair.split()[1] for pair in found["recorded"]}
    assert recorded <= {"crashed", "completed", "none"}
    assert sum(found["hits"].values()) > 300 / 23
