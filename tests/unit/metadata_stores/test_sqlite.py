"""The SQLite store's care for its file, and its costs."""

import itertools
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.example_records import MOMENT, make_chain, make_run

from whence.domain.records import RunFilter, RunStarted, StepStarted
from whence.domain.status import RunStatus, StepStatus
from whence.errors import NewerStoreError, StoreUnavailableError
from whence.metadata_stores.network_folders import find_network_file_system
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.metadata_stores.sqlite_database import SqliteDatabase
from whence.metadata_stores.write_lock import LockTimeoutError, WriteLock, sqlite_needs_lock


def test_a_step_costs_three_statements_and_one_transaction(store, statements):
    """Recording one end and the next start costs little, however small the batch."""
    _, started, ends = make_chain(20)
    store.record([started])
    statements.clear()

    for end, following in itertools.pairwise(ends):
        store.record([end, StepStarted(following.step.id, MOMENT)])

    assert statements.count("BEGIN IMMEDIATE") == statements.count("COMMIT") == 19
    assert len(statements) == 19 * (2 + 3)


@pytest.mark.parametrize("length", [2, 200])
def test_reading_a_run_costs_as_many_queries_whatever_its_length(store, statements, length):
    """There is no query per step."""
    run, started, ends = make_chain(length)
    store.record([started, *ends])
    statements.clear()

    store.list_steps(run.id)
    store.list_artifacts_of_steps(run.id)
    store.list_metrics(run.id)

    assert len([sent for sent in statements if sent.startswith("SELECT")]) == 4


def test_a_durable_commit_waits_for_the_disk(store, statements):
    """What is reported as completed survives power loss; what goes on need not."""
    store.record([RunStarted(make_run(), [])])
    statements.clear()

    store.record([RunStarted(make_run(), [])], durable=True)

    before, after = statements.index("BEGIN IMMEDIATE"), statements.index("COMMIT")
    assert statements.index("PRAGMA synchronous = 2") < before
    assert statements.index("PRAGMA synchronous = 1") > after


def test_the_database_keeps_a_log_of_its_own(store):
    """The settings asked for are those in force."""
    store.record([RunStarted(make_run(), [])])

    with store.database.reading() as connection:
        assert connection is not None
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_store_of_a_newer_whence_is_refused(store, alter):
    """An older Whence neither reads nor writes tables that it does not know."""
    store.record([RunStarted(make_run(), [])])
    store.close()
    alter("UPDATE schema_version SET version = 99")

    for act in (lambda: store.list_runs(RunFilter()), lambda: store.record([])):
        with pytest.raises(NewerStoreError, match="99"):
            act()


def test_an_empty_file_is_an_empty_store(store):
    """A store whose making was cut short is read as empty and made at the next write."""
    store.path.touch()
    assert store.list_runs(RunFilter()) == []

    store.record([RunStarted(make_run(), [])])

    assert len(store.list_runs(RunFilter())) == 1


def test_a_store_removed_while_in_use_is_made_again(store):
    """Removing the records by hand in a session does not make later ones vanish."""
    store.record([RunStarted(make_run(), [])])
    for file in store.path.parent.iterdir():
        file.unlink()
    run = make_run()

    store.record([RunStarted(run, [])])

    assert SqliteMetadataStore(store.path).find_run(run.id) == run


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET parameters = '{' WHERE id = ?",
        "UPDATE runs SET started_at = 'never' WHERE id = ?",
        "UPDATE runs SET started_at = 9e18 WHERE id = ?",
        "UPDATE runs SET tags = 7 WHERE id = ?",
        "UPDATE runs SET error = '[]' WHERE id = ?",
    ],
)
def test_one_damaged_record_does_not_hide_the_others(store, alter, caplog, damage):
    """A listing leaves out a record that cannot be read, and says so."""
    bad, good = make_run(), make_run()
    store.record([RunStarted(bad, []), RunStarted(good, [])])
    alter(damage.replace("?", f"'{bad.id}'"))

    assert store.list_runs(RunFilter()) == [good]
    assert bad.id in caplog.text


def test_text_that_is_no_text_does_not_hide_a_listing(store, alter):
    """Bytes that are not UTF-8 are shown with a mark in their place."""
    run = make_run()
    store.record([RunStarted(run, [])])
    alter("UPDATE runs SET name = CAST(x'61ff' AS TEXT)")

    assert store.list_runs(RunFilter()) == [replace(run, name="a\ufffd")]
    assert store.find_run(run.id).name == "a\ufffd"


def test_states_of_a_newer_whence_are_shown_as_the_nearest_known(store, alter, caplog):
    """A status that this version does not know does not hide the run or its steps."""
    run, started, _ = make_chain(1)
    store.record([started])
    alter("UPDATE runs SET status = 'paused'", "UPDATE step_runs SET status = 'queued'")

    assert store.find_run(run.id).status is RunStatus.RUNNING
    assert store.list_steps(run.id)[0].status is StepStatus.PENDING
    assert "paused" in caplog.text


def test_a_file_that_is_no_database_is_named(store):
    """A store over somebody else's file is an error that names it and says what to do."""
    store.path.write_text("This is not a database, but it is long enough to look at." * 20)

    for act in (lambda: store.list_runs(RunFilter()), lambda: store.record([])):
        with pytest.raises(StoreUnavailableError, match="not an SQLite database") as caught:
            act()
        assert str(store.path) in str(caught.value)
        assert caught.value.describe()["fix"]


def test_a_place_that_is_no_folder_is_named(tmp_path):
    """A store that cannot be made says where and why."""
    (tmp_path / "file").write_text("1")

    with pytest.raises(StoreUnavailableError, match="cannot be written"):
        SqliteMetadataStore(tmp_path / "file/metadata.sqlite").record([])


def test_network_folders_are_told_from_local_ones():
    """The deepest mount that holds a folder decides."""
    mounts = (
        "22 1 8:1 / / rw - ext4 /dev/sda rw\n"
        "23 22 0:41 / /home rw shared:1 - nfs4 server:/home rw\n"
        "24 23 8:2 / /home/me/local\\040disk rw - xfs /dev/sdb rw\n"
    )

    assert find_network_file_system(Path("/home/me/project"), mounts) == "nfs4"
    assert find_network_file_system(Path("/home/me/local disk/x"), mounts) is None
    assert find_network_file_system(Path("/homework"), mounts) is None
    assert find_network_file_system(Path("/srv"), "") is None


@pytest.mark.skipif(not sqlite_needs_lock(), reason="this SQLite needs no lock file")
def test_old_sqlite_writes_under_a_lock(store):
    """Where SQLite has the log-restart fault, another process cannot write at the same time."""
    store.record([RunStarted(make_run(), [])])
    rival = WriteLock(store.path.with_name("metadata.sqlite.lock"), timeout_seconds=0)

    with (
        store.database.writing(durable=False),
        pytest.raises(LockTimeoutError, match=str(os.getpid())),
        rival.held(),
    ):
        pass
    with rival.held():
        pass
    rival.close()


def test_a_writer_that_is_stuck_is_named(store):
    """Who waits too long is told which process is in the way."""
    store.record([RunStarted(make_run(), [])])
    waiting = SqliteDatabase(store.path, busy_seconds=0.01)

    with (
        store.database.writing(durable=False),
        pytest.raises(StoreUnavailableError, match="writing to it for too long"),
        waiting.writing(durable=False),
    ):
        pass


def test_threads_share_a_store(store):
    """Several threads record and read at once, and nothing is lost."""

    def record_some(_number: int) -> int:
        run, started, ends = make_chain(2)
        store.record([started])
        store.record(ends)
        return len(store.list_steps(run.id))

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(record_some, range(120))) == [2] * 120
    assert len(store.list_runs(RunFilter(limit=None))) == 120


def test_a_store_is_used_on_both_sides_of_a_fork(store):
    """A forked process records into the same store, and so does its parent."""
    script = """
        import os, sys
        from pathlib import Path
        from tests.contract.example_records import make_run
        from whence.domain.records import RunStarted
        from whence.metadata_stores.sqlite import SqliteMetadataStore
        store = SqliteMetadataStore(Path(sys.argv[1]))
        store.record([RunStarted(make_run(), [])])
        child = os.fork()
        store.record([RunStarted(make_run(), [])])
        if child:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(store.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])}

    subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parents[3])

    assert len(store.list_runs(RunFilter())) == 3


def test_a_url_names_a_file(tmp_path):
    """A `sqlite:///` address leads to the same file, also with signs that URLs write otherwise."""
    store = SqliteMetadataStore(tmp_path / "with space % and ü.sqlite")

    assert SqliteMetadataStore.from_url(store.url).path == store.path


def test_a_full_disk_is_a_clean_failure(store):
    """When the file cannot grow, the batch fails with its reason and what was there stays."""
    run = make_run()
    store.record([RunStarted(run, [])])
    with store.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 40")

    with pytest.raises(StoreUnavailableError, match="disk is full"):
        store.record([make_chain(1000)[1]])

    assert store.find_run(run.id) == run
