"""The last values that are kept of every run that has ended, to find and list runs by."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tests.contract.example_records import (
    MOMENT,
    finish,
    finish_keyed,
    make_run,
    make_step,
    report,
    reuse,
)

from whence.domain.records import (
    ErrorRecord,
    RunCrashed,
    RunFilter,
    RunFinished,
    RunRecord,
    RunStarted,
)
from whence.domain.status import RunStatus
from whence.metadata_stores.sqlite import SqliteMetadataStore

VERSION_4 = Path(__file__).parent / "version_4.sql"
LOSSES = [report("loss", 0.5, 0.25, mode="min", steps=[0, 1])]


def read_kept(store: SqliteMetadataStore) -> list[tuple[object, ...]]:
    """Return what is kept, as the database holds it."""
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute(
            "SELECT run_id, node, name, value, mode FROM run_metrics ORDER BY 1, 2, 3"
        ).fetchall()


def end(run: RunRecord) -> RunRecord:
    """Return *run* when it has completed."""
    return replace(run, status=RunStatus.COMPLETED, ended_at=MOMENT, duration=1.0)


def test_the_last_value_is_kept_when_a_run_ends(store):
    """Of a series it is the last value, and nothing is kept before the end."""
    run = make_run()
    done = finish(run, make_step(run), metrics=[*LOSSES, report("rmse", 3.5)])
    store.record([RunStarted(run, []), done])
    assert read_kept(store) == []

    store.record([RunFinished(end(run), [done.step.id])])
    store.record([RunFinished(end(run), [done.step.id])])

    assert read_kept(store) == [
        (run.id, "fit_0", "loss", 0.25, "min"),
        (run.id, "fit_0", "rmse", 3.5, None),
    ]


def test_a_reused_step_shows_the_values_of_the_one_that_computed_it(store):
    """A run that computes nothing is found by its metrics as well, under its own nodes."""
    first, second = make_run(), make_run()
    computed = finish_keyed(first, make_step(first), "key", metrics=LOSSES)
    hit = reuse(computed, second, position=7)

    store.record([RunStarted(first, []), RunStarted(second, []), computed, hit])
    store.record([RunFinished(end(second), [hit.step.id])])

    assert read_kept(store) == [(second.id, "fit_7", "loss", 0.25, "min")]


def test_a_crashed_run_keeps_what_it_reported(store):
    """What ended before the process died is kept; a run that has its end keeps what it had."""
    run, over = make_run(), make_run()
    events = [
        finish(each, make_step(each), metrics=[report("loss", loss)])
        for loss, each in ((0.5, run), (0.25, over))
    ]
    store.record([RunStarted(run, []), RunStarted(over, []), *events, RunFinished(end(over))])

    cause = ErrorRecord("X", "", "")
    store.record([RunCrashed(each.id, MOMENT, 1.0, cause) for each in (run, over)])

    assert read_kept(store) == [(run.id, "fit_0", "loss", 0.5, None)]


def test_runs_of_an_older_store_get_theirs(tmp_path):
    """An upgrade keeps the last values of all runs that have ended."""
    path = tmp_path / "metadata.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_4.read_text())
    store = SqliteMetadataStore(path)

    (run,) = store.list_runs(RunFilter())

    kept = [(name, value) for run_id, _, name, value, _ in read_kept(store) if run_id == run.id]
    assert kept == [("loss", 0.25), ("rmse", 3.5)]
    store.close()


def test_an_entry_tells_whether_its_step_run_has_metrics(store):
    """So that a run need not look for the metrics of all that it reuses."""
    run = make_run()
    plain = finish_keyed(run, make_step(run), "plain")
    measured = finish_keyed(run, make_step(run, 1), "measured", metrics=LOSSES)
    store.record([RunStarted(run, []), plain, measured])

    found = store.find_cache_entries(["plain", "measured"])

    assert {key: entry.measured for key, entry in found.items()} == {
        "plain": False,
        "measured": True,
    }
