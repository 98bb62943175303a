"""A store of the first version, brought up to date."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.example_records import finish_keyed, make_run, make_step
from tests.contract.race import run_alone

from whence.domain.records import RunFilter, RunStarted
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.metadata_stores.tables import SCHEMA_VERSION

VERSION_1 = Path(__file__).with_name("version_1.sql")


@pytest.fixture
def old(tmp_path):
    """Return a store that the first Whence wrote: a run of two steps."""
    path = tmp_path / "metadata.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text())
    store = SqliteMetadataStore(path)
    yield store
    store.close()


def describe_schema(path: Path) -> dict[str, object]:
    """Return tables with their columns, indexes and triggers, as SQLite sees them."""
    with closing(sqlite3.connect(path)) as connection:
        listed = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        version = connection.execute("SELECT version FROM schema_version").fetchall()
        columns = {
            name: connection.execute(f"PRAGMA table_info({name})").fetchall()
            for kind, name, _ in listed
            if kind == "table"
        }
    rest = {name: " ".join(sql.split()) for kind, name, sql in listed if kind != "table" and sql}
    return {"version": version, "columns": columns, **rest}


def test_an_old_store_keeps_its_records(old):
    """What was recorded before an upgrade is read after it, and lacks only what was not known."""
    (run,) = old.list_runs(RunFilter())
    first, second = old.list_steps(run.id)

    assert (first.cache_key, first.reused_from, first.not_reused) == (None, None, None)
    around = old.list_artifacts_of_steps(run.id)
    ((_, taken),) = around[second.id].inputs
    assert (taken,) == around[first.id].outputs
    assert old.find_content(taken.digest).inline == {"value.json": first.id.encode()}
    assert [metric.value for metric in old.list_metrics(run.id)] == [3.5]
    assert old.list_consumers(taken.id) == [second]
    assert old.list_step_runs() == []
    assert old.list_durations(["fit"]) == {"fit": [0.25, 0.25]}


def test_an_old_store_takes_new_records(old):
    """After an upgrade steps are reused as in a store that was always new."""
    run = make_run()
    end = finish_keyed(run, make_step(run), "key")

    old.record([RunStarted(run, []), end])

    assert old.find_cache_entries(["key"])["key"].outputs == tuple(end.outputs)
    assert len(old.list_runs(RunFilter())) == 2


@pytest.mark.parametrize(
    "use", [lambda store: store.list_runs(RunFilter()), lambda store: store.record([])]
)
def test_an_upgraded_store_is_like_a_new_one(old, tmp_path, use):
    """Reading and writing both upgrade, and nothing tells the store from a fresh one."""
    new = SqliteMetadataStore(tmp_path / "new.sqlite")
    new.record([])

    use(old)

    assert describe_schema(old.path) == describe_schema(new.path)
    new.close()


def test_a_process_of_the_old_version_goes_on(old):
    """Who had the store open before it was upgraded can still record what it knows."""
    with closing(sqlite3.connect(old.path)) as before:
        before.execute("SELECT * FROM runs").fetchall()
        (run,) = old.list_runs(RunFilter())
        before.execute(
            "INSERT INTO step_runs (id, run_id, node, step, position, status, cached, parameters,"
            " depends_on, metadata, inputs, outputs)"
            " VALUES ('late', ?, 'n', 's', 2, 'completed', 0, '{}', '[]', '{}', '[]', '[]')",
            (run.id,),
        )
        before.commit()

    assert [step.id for step in old.list_steps(run.id)][2] == "late"


def test_an_empty_key_files_nothing(old):
    """A step that is said to be reusable but has no key is recorded without an entry."""
    run = make_run()
    end = finish_keyed(run, make_step(run), "key")
    keyless = replace(end, step=replace(end.step, cache_key=None), key_parts=None)
    old.record([RunStarted(run, []), keyless])

    assert old.list_cache_entries_like(["fit"], 10) == {}


def test_processes_upgrade_at_once(old):
    """Eight processes that meet an old store all go on, and it is upgraded once."""
    script = """
        import json, sys
        from pathlib import Path
        from tests.contract.example_records import make_run
        from tests.contract.race import race
        from whence.domain.records import RunFilter, RunStarted
        from whence.metadata_stores.sqlite import SqliteMetadataStore

        def use(number):
            store = SqliteMetadataStore(Path(sys.argv[1]))
            if number % 2:
                store.record([RunStarted(make_run(), [])])
            return len(store.list_runs(RunFilter()))

        print(json.dumps(race(8, use)))
    """

    seen = run_alone(script, old.path)

    assert all(1 <= count <= 5 for count in seen)
    assert len(old.list_runs(RunFilter())) == 5
    assert describe_schema(old.path)["version"] == [(SCHEMA_VERSION,)]


def test_a_killed_upgrade_is_repeated(old, tmp_path):
    """Wherever an upgrade is cut short, the store is as it was, and the next use upgrades it."""
    script = """
        import json, os, shutil, signal, sys
        from pathlib import Path
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from whence.domain.records import RunFilter
        from whence.metadata_stores.sqlite import SqliteMetadataStore

        folder = Path(sys.argv[2])

        def die_at(path, statement):
            left = iter(range(statement))
            def count(*_):
                if next(left, None) is None:
                    os.kill(os.getpid(), signal.SIGKILL)
            event.listen(Engine, "before_cursor_execute", count)
            SqliteMetadataStore(path).list_runs(RunFilter())
            os._exit(0)

        found = []
        while True:
            path = folder / f"{len(found)}.sqlite"
            shutil.copy(sys.argv[1], path)
            child = os.fork()
            if child == 0:
                die_at(path, 3 * len(found))
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
                break
            store = SqliteMetadataStore(path)
            found.append(len(store.list_runs(RunFilter())))
            store.close()
        print(json.dumps(found))
    """

    found = run_alone(script, old.path, tmp_path)

    assert len(found) > 10
    assert set(found) == {1}
    whole = describe_schema(tmp_path / f"{len(found)}.sqlite")
    for number in range(len(found)):
        assert describe_schema(tmp_path / f"{number}.sqlite") == whole
