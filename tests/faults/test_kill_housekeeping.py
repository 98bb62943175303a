"""Kill -9 at every change of the disk by `gc`, repair or merge: the next finishes, all is whole."""

import pytest
from tests.faults.run_module import run_module

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long


@pytest.mark.parametrize("kind", ["gc", "repair", "merge"])
def test_housekeeping_survives_a_kill_at_every_change_of_the_disk(kind, tmp_path, capsys):
    """What is needed stays whole, and who comes next leaves nothing undone."""
    found = run_module("kill_housekeeping", tmp_path, kind)

    with capsys.disabled():
        print(f"\n{kind}: {sum(found['hits'].values())} kills, {found['hits']}")
    assert found["faults"] == []
    assert found["ends"] == {"killed": sum(found["hits"].values())}
    assert sum(found["hits"].values()) > 50
    assert {"rename", "pwrite64"} <= set(found["hits"])
