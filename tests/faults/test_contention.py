"""Many processes at one database: none is told that it is locked, none loses what it wrote."""

import pytest
from tests.faults.contention import TURNS, WRITERS
from tests.faults.run_module import run_module

from whence.metadata_stores.write_lock import sqlite_needs_lock


def test_sixteen_processes_that_read_and_write_never_meet_a_lock(tmp_path, capsys):
    """Each reads a number and writes the next one: every turn counts and no call fails."""
    found = run_module("contention", tmp_path / "m.sqlite", "many")

    with capsys.disabled():
        print(f"\n{WRITERS} x {TURNS}: longest wait {found['longest_wait_seconds']} s")
    assert found["counted"] == str(WRITERS * TURNS)


def test_a_stopped_writer_lets_others_read_and_is_named(tmp_path, capsys):
    """SIGSTOP inside a transaction: reads go on, writers say who is in the way, a kill frees."""
    found = run_module("contention", tmp_path / "m.sqlite", "stopped")

    with capsys.disabled():
        print(f"\nreads beside a stopped writer: p99 {found['read_p99_ms']} ms")
    assert found["read"]
    assert "too long" in found["refused"]["why"]
    assert found["after"] == {}
    if sqlite_needs_lock():
        assert str(found["writer"]) in found["refused"]["why"]
    else:
        pytest.skip("this SQLite needs no lock file, which is what knows the process")
