"""Kill -9 at every change of the disk: nothing that was said is lost, nothing is torn."""

import pytest
from tests.faults.run_module import run_module
from tests.faults.store_work import VALUES

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long

FIRST = next(iter(VALUES))
ARTIFACTS = {"mkdir", "openat", "close", "fsync", "chmod", "utimensat", "rename"}
RECORDS = {"pwrite64", "fdatasync", "ftruncate", "unlink"}
"""The calls by which the stores change the disk; what writes a value is up to its materializer."""


@pytest.mark.parametrize("kind", VALUES)
def test_storing_a_value_survives_a_kill_at_every_change_of_the_disk(kind, tmp_path, capsys):
    """Whichever change is the last one: what was said is there, all verifies, work goes on."""
    found = run_module("kill_points", tmp_path, kind, 1)

    with capsys.disabled():
        print(f"\n{kind}: {sum(found['hits'].values())} kills, {found['hits']}")
    assert found["faults"] == []
    assert found["ends"] == {"killed": sum(found["hits"].values())}
    assert sum(found["hits"].values()) > (150 if kind == FIRST else 30)
    assert set(found["hits"]) >= (ARTIFACTS | RECORDS if kind == FIRST else ARTIFACTS)


@pytest.mark.parametrize(
    "stride",
    [
        pytest.param(8, id="some"),
        pytest.param(1, id="all", marks=pytest.mark.torture),
    ],
)
def test_a_whole_run_survives_a_kill_at_its_changes_of_the_disk(stride, tmp_path, capsys):
    """A first run in a new project is killed: its records are whole, and the next run succeeds."""
    found = run_module("kill_points", tmp_path, "run", stride)

    with capsys.disabled():
        print(f"\nruns: {sum(found['hits'].values())} kills, {found['hits']}")
    assert found["faults"] == []
    assert found["ends"] == {"killed": sum(found["hits"].values())}
    assert sum(found["hits"].values()) > 300 / stride
