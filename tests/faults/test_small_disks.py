"""Disks that are full, limited, read-only or shared: said so, nothing false, work goes on after."""

import pytest
from tests.faults.run_module import run_module

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long


def test_a_full_disk_is_a_clean_failure(tmp_path, capsys):
    """However much fits: no false success; with more space the next run needs no help."""
    found = run_module("small_disks", tmp_path, "full")

    with capsys.disabled():
        print(f"\nfull disks: {found['ends']}")
    assert found["faults"] == []
    assert found["ends"]["refused"] > 3
    assert found["ends"]["completed"] > 3


def test_a_limit_for_files_is_a_clean_failure(tmp_path, capsys):
    """Whatever file meets the limit: no false success; without it the next run succeeds."""
    found = run_module("small_disks", tmp_path, "quota")

    with capsys.disabled():
        print(f"\nlimits: {found['ends']}")
    assert found["faults"] == []
    assert found["ends"]["refused"] > 3
    assert found["ends"]["completed"] > 1


def test_a_disk_that_may_not_be_written_says_so(tmp_path):
    """A run is refused with the reason and a cure, and once it may be written all is as before."""
    found = run_module("small_disks", tmp_path, "readonly")

    assert "Read-only file system" in found["told"]["why"]
    assert "WHENCE_HOME" in found["told"]["fix"]
    assert found["faults"] == []


def test_a_disk_that_machines_share_is_refused(tmp_path):
    """SQLite loses data there, so nothing is made; the error says where to go instead."""
    found = run_module("small_disks", tmp_path, "network")

    assert "nfs4" in found["told"]["why"]
    assert "local disk" in found["told"]["fix"]
    assert found["made"] == []
