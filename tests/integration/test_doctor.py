"""Each kind of fault is found for what it is, repaired where it can be, and not found again."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.integration.store_dumps import dump_rows, find_damage

import whence
from whence import pipeline, step
from whence.errors import StoreUnavailableError
from whence.housekeeping.collect_garbage import collect_garbage
from whence.housekeeping.examine_store import examine_store
from whence.stacks.current import make_local_stack, use_stack


@step
def load(rows: int) -> str:
    whence.log_metric("rows", rows)
    return "x" * rows


@step
def count(data: str) -> int:
    return len(data)


@pipeline
def counting(rows: int = 9000):
    return count(load(rows))


@pytest.fixture
def store(tmp_path):
    """Return a store of its own, in use, with two runs, one of which has a tag."""
    with use_stack(make_local_stack(tmp_path / "home")) as stack:
        counting.with_options(tags=["first"])(rows=9000)
        counting(rows=9001)
        counting(rows=9001)
        stack.close()
        yield stack
        stack.close()


def edit(store, *statements):
    """Change the database by hand."""
    store.close()
    with closing(sqlite3.connect(store.home / "metadata.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def large_file(store):
    """Return the file of a stored content."""
    return next(
        path for path in sorted(store.home.rglob("artifacts/??/*/*")) if path.stat().st_size > 9000
    )


def write_over(store):
    """Put other bytes in the place of a content's."""
    path = large_file(store)
    path.chmod(0o644)
    path.write_text("y" * path.stat().st_size)


def remove(store):
    """Remove a content's files."""
    folder = large_file(store).parent
    folder.chmod(0o755)
    shutil.rmtree(folder)


def open_up(store):
    """Let a content be written to."""
    large_file(store).chmod(0o644)


def leave_unknown(store):
    """Leave bytes that nobody records."""
    folder = store.artifact_store.open_staging()
    (folder / "value.json").write_text("nobody knows")
    store.artifact_store.commit(folder)


def leave_staging(store):
    """Leave what a process was writing when it died."""
    (store.home / "artifacts" / "staging" / "dead").mkdir(parents=True)
    (store.home / "artifacts" / "staging" / "dead" / "half").write_text("ha")


def bring_back(store):
    """Say that bytes are gone which are there."""
    edit(store, "UPDATE contents SET collected_at = 5 WHERE inline IS NULL AND size = 9002")


FAULTS = {
    "damaged content": write_over,
    "missing content": remove,
    "writable content": open_up,
    "unknown content": leave_unknown,
    "leftovers": leave_staging,
    "content found again": bring_back,
    "stale table": lambda store: edit(store, "DELETE FROM consumers"),
    "stale table ": lambda store: edit(store, "DELETE FROM cache_entries"),
    "stale table  ": lambda store: edit(store, "UPDATE cache_entries SET step_run_id = 'nobody'"),
    "stale table   ": lambda store: edit(store, "DELETE FROM run_tags"),
    "stale table    ": lambda store: edit(
        store, "INSERT INTO run_tags SELECT 'never given', max(id) FROM runs"
    ),
    "stale table     ": lambda store: edit(store, "DELETE FROM run_metrics"),
    "stale table      ": lambda store: edit(store, "DELETE FROM run_parameters"),
    "crashed run": lambda store: edit(
        store, "UPDATE runs SET status = 'running' WHERE id = (SELECT min(id) FROM runs)"
    ),
}
HOPELESS = {
    "damaged record": "UPDATE runs SET tags = '{' WHERE id = (SELECT min(id) FROM runs)",
    "damaged record ": "UPDATE step_runs SET position = 'first'"
    " WHERE id = (SELECT min(id) FROM step_runs)",
    "dangling record": "DELETE FROM contents WHERE inline IS NOT NULL",
}


def test_nothing_is_wrong_with_a_healthy_store(store):
    """A store as runs leave it has no findings, and a look changes nothing."""
    before = dump_rows(store)

    assert examine_store().findings == ()
    assert examine_store(quick=True).findings == ()
    assert dump_rows(store) == before
    assert "Nothing is wrong." in str(examine_store())


def test_nothing_is_wrong_after_a_collection(store):
    """What `gc` deleted is not missing."""
    collect_garbage(keep_last=1, yes=True)

    assert examine_store().findings == ()


def test_a_store_that_does_not_exist_is_healthy(tmp_path):
    """Before the first run there is nothing to be wrong."""
    new = examine_store(stack=make_local_stack(tmp_path / "new"))

    assert new.is_healthy
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_repaired_and_gone(fault, store):
    """Exactly this fault is found; it is repaired, and the next look finds nothing."""
    FAULTS[fault](store)

    found = examine_store()
    repaired = examine_store(repair=True, yes=True)

    assert {finding.kind for finding in found.findings} == {fault.strip()}
    assert not found.is_healthy
    assert all(finding.what and finding.where and finding.fix for finding in found.findings)
    assert repaired.is_healthy
    assert [each.repaired for each in repaired.findings] == [True] * len(found.findings)
    assert examine_store().findings == ()
    assert find_damage(store) == []
    assert counting(rows=9001).read() == 9001
    assert counting(rows=9000).read() == 9000


@pytest.mark.parametrize("fault", HOPELESS)
def test_a_fault_that_nobody_can_repair_is_told(fault, store):
    """A damaged record, and one that refers to nothing, are named, with what can be done."""
    edit(store, "PRAGMA foreign_keys = OFF", HOPELESS[fault])

    found = examine_store(repair=True)

    assert fault.strip() in {finding.kind for finding in found.findings}
    assert not found.is_healthy
    assert "whence merge" in str(found)


def test_a_look_changes_nothing(store):
    """Without --repair a store with faults stays as it is, to the byte."""
    for seed in (write_over, leave_unknown, FAULTS["stale table"]):
        seed(store)
    store.close()
    before = dump_rows(store), sorted(store.home.rglob("artifacts/??/*/*"))

    examine_store()

    assert (dump_rows(store), sorted(store.home.rglob("artifacts/??/*/*"))) == before


def test_nothing_is_deleted_unless_it_is_said(store):
    """A repair leaves what no record names, and puts damaged bytes aside instead of away."""
    write_over(store)
    leave_unknown(store)

    left = examine_store(repair=True)

    assert [finding.kind for finding in left.findings if not finding.repaired] == [
        "unknown content"
    ]
    assert any(path.read_text()[:1] == "y" for path in store.home.rglob("quarantine/*/*"))
    assert "whence doctor --repair --yes" in str(left)


def test_what_was_damaged_is_computed_again(store):
    """After the repair the step is a miss that says why, and its result is right again."""
    write_over(store)
    examine_store(repair=True)

    runs = [counting(rows=9000), counting(rows=9001)]

    assert [run.read() for run in runs] == [9000, 9001]
    assert sum(not run.steps.load.cached for run in runs) == 1
    assert find_damage(store) == []


def test_what_no_record_names_stays_while_a_run_goes_on(store):
    """Bytes that a run may be about to record are not deleted."""
    leave_unknown(store)
    presence = store.metadata_store.attend("somebody", lambda _level: None)

    examine_store(repair=True, yes=True)
    presence.close(ended=True)

    assert [finding.kind for finding in examine_store().findings] == ["unknown content"]


def test_bytes_of_a_damaged_record_stay(store):
    """A record that cannot be read still names its bytes, with which it can be made whole."""
    edit(store, "UPDATE contents SET files = '[' WHERE inline IS NULL AND size = 9002")
    before = sorted(store.home.rglob("artifacts/??/*/*"))

    found = examine_store(repair=True, yes=True)

    assert [finding.kind for finding in found.findings] == ["damaged record"]
    assert sorted(store.home.rglob("artifacts/??/*/*")) == before


def test_damaged_bytes_of_what_was_deleted_go(store):
    """What lies where deleted bytes lay, and is not those, is deleted when that is said."""
    bring_back(store)
    for path in store.home.rglob("artifacts/??/*/*"):
        if path.stat().st_size == 9002:
            path.chmod(0o644)
            path.write_text("z" * 9002)

    found = examine_store(repair=True, yes=True)

    assert [finding.kind for finding in found.findings] == ["unknown content"]
    assert examine_store().findings == ()


def test_what_must_wait_is_not_called_repaired(store):
    """While a run goes on, unknown bytes stay, and are told as what still is to be repaired."""
    leave_unknown(store)
    presence = store.metadata_store.attend("somebody", lambda _level: None)

    found = examine_store(repair=True, yes=True)
    presence.close(ended=True)

    assert [finding.repaired for finding in found.findings] == [False]


def test_a_quick_look_reads_no_file(store):
    """It finds what is missing, and not what was changed in place."""
    write_over(store)
    assert {finding.kind for finding in examine_store(quick=True).findings} == {"writable content"}

    remove(store)
    assert "missing content" in {finding.kind for finding in examine_store(quick=True).findings}


def test_a_damaged_database_is_told(store):
    """Where SQLite itself finds the file damaged, it says so, and what can be done."""
    store.close()
    path = Path(store.home / "metadata.sqlite")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))

    with pytest.raises(StoreUnavailableError, match="damaged"):
        examine_store()
