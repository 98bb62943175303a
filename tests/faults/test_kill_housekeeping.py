"""Kill -9 at every change of the disk that `gc` makes: nothing is lost, the next one finishes."""

import pytest
from tests.faults.run_module import run_module

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long


def test_a_collection_survives_a_kill_at_every_change_of_the_disk(tmp_path, capsys):
    """What is needed stays whole, and the next collection leaves nothing behind."""
    found = run_module("kill_housekeeping", tmp_path, 1)

    with capsys.disabled():
        print(f"\ngc: {sum(found['hits'].values())} kills, {found['hits']}")
    assert found["faults"] == []
    assert found["ends"] == {"killed": sum(found["hits"].values())}
    assert sum(found["hits"].values()) > 50
    assert {"rename", "unlink", "pwrite64"} <= set(found["hits"])
