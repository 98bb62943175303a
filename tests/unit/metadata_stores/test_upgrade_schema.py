"""Stores of older versions, brought up to date."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.example_records import MOMENT, finish_keyed, make_run, make_step
from tests.contract.race import run_alone

from whence.domain.metrics import NO_STEP
from whence.domain.records import RunFilter, RunFinished, RunStarted
from whence.domain.run_filters import Condition, Quantity, RunOrder
from whence.domain.status import RunStatus
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.metadata_stores.tables import SCHEMA_VERSION

VERSIONS = sorted(Path(__file__).parent.glob("version_*.sql"))


def open_old(path: Path, version: Path) -> SqliteMetadataStore:
    """Return a store at *path* that an older Whence wrote."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(version.read_text())
    return SqliteMetadataStore(path)


@pytest.fixture
def old(tmp_path):
    """Return a store that the first Whence wrote: a run of two steps."""
    store = open_old(tmp_path / "metadata.sqlite", VERSIONS[0])
    yield store
    store.close()


@pytest.fixture
def second(tmp_path):
    """Return a store of version 2: a run of two steps, and one of its reuse that goes on."""
    store = open_old(tmp_path / "second.sqlite", VERSIONS[1])
    yield store
    store.close()


@pytest.fixture(params=VERSIONS, ids=lambda path: path.stem)
def any_old(request, tmp_path):
    """Return a store of each older version."""
    store = open_old(tmp_path / "any.sqlite", request.param)
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


def test_a_store_of_version_2_keeps_its_records(second):
    """Keys, entries and acceptances outlive the upgrade; owners and attempts are not known."""
    again, run = second.list_runs(RunFilter())

    assert (run.owner, run.resumes, run.origin) == (None, None, None)
    assert again.status is RunStatus.RUNNING
    computed, fitted = second.list_steps(run.id)
    assert (computed.cache_key, computed.parent, computed.attempts) == ("key-a", None, ())
    assert [step.reused_from for step in second.list_steps(again.id)] == [computed.id, None]
    assert second.find_cache_entries(["key-b"])["key-b"].step_run_id == fitted.id
    assert [each.who for each in second.list_acceptances()] == ["ada"]


def test_a_run_of_version_2_can_still_end(second):
    """A process that began before the upgrade records the end of its run as it always did."""
    again = second.list_runs(RunFilter())[0]

    second.record([RunFinished(replace(again, status=RunStatus.COMPLETED, ended_at=MOMENT))])

    assert second.find_run(again.id).status is RunStatus.COMPLETED


def test_a_store_of_version_4_keeps_its_metrics(tmp_path):
    """Values that lie in rows of their own are read in their order, as those of a series are."""
    store = open_old(tmp_path / "metadata.sqlite", VERSIONS[3])

    (run,) = store.list_runs(RunFilter())

    told = [(each.name, each.value, each.step, each.count) for each in store.list_metrics(run.id)]
    assert told == [("loss", 0.25, 1, 2), ("rmse", 3.5, None, 1)]
    (_, loss), (_, rmse) = store.list_series(run.id)
    assert (loss.values.tolist(), loss.steps.tolist()) == ([0.5, 0.25], [0, 1])
    assert (rmse.values.tolist(), rmse.steps.tolist()) == ([3.5], [NO_STEP])
    store.close()


def test_the_runs_of_an_old_store_are_searched_like_new_ones(any_old):
    """Tags and parameters from before the upgrade are found by, without looking through runs."""
    (run, *_) = any_old.list_runs(RunFilter(order=RunOrder(descending=False)))
    seed = Condition(Quantity.PARAMETER, "seed", "=", 1)

    assert run in any_old.list_runs(RunFilter(conditions=(seed,)))
    assert run in any_old.list_runs(RunFilter(tags=run.tags))
    assert any_old.has_quantity(Quantity.PARAMETER, "seed")
    with any_old.database.reading() as connection:
        indexed = connection.exec_driver_sql("SELECT run_id, name, value FROM run_parameters").all()
    assert (run.id, "seed", 1) in indexed


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
def test_an_upgraded_store_is_like_a_new_one(any_old, tmp_path, use):
    """Reading and writing both upgrade, and nothing tells the store from a fresh one."""
    new = SqliteMetadataStore(tmp_path / "new.sqlite")
    new.record([])

    use(any_old)

    assert describe_schema(any_old.path) == describe_schema(new.path)
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
