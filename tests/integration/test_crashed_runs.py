"""A run whose processes die is known to have crashed, by whoever looks next."""

import json
import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing

import pytest
from tests.contract.race import run_alone
from tests.integration.waiting_runs import WaitingRuns, kill, wait_until

import whence
from whence import pipeline, step

STATUSES = {
    "load": "completed",
    "look_up": "completed",
    "announce": "completed",
    "wait": "crashed",
    "finish": "skipped",
}


@pytest.fixture
def runs(project):
    """Return a project whose pipeline waits in the middle."""
    made = WaitingRuns(project)
    yield made
    made.end()


def statuses(run) -> dict[str, str]:
    """Return how the steps of a run stand."""
    return {name: str(run.steps[name].status) for name in run.steps}


def test_a_killed_run_has_crashed(runs):
    """After kill -9 the next listing shows the run as crashed, with its cause, and its steps."""
    process = runs.start_waiting()
    assert [run.status for run in whence.runs()] == ["running"]
    wait_until(lambda: len(whence.runs()[0].steps) == len(STATUSES))  # also of those that wait

    kill(process)

    (run,) = whence.runs(status="crashed")
    assert statuses(run) == STATUSES
    assert f"process {process.pid}" in run.error.message
    assert run.duration >= 0
    assert not whence.runs(status="running")
    assert not list((runs.project / ".whence/presence").iterdir())


def test_the_command_line_tells_of_the_crash(runs):
    """`whence runs`, `show` and the JSON of it agree, whichever is asked first."""
    kill(runs.start_waiting())

    shown = runs.whence("show")
    assert "crashed" in shown.stdout
    assert "ended without a word" in shown.stdout
    assert "whence resume" in shown.stdout
    listed = json.loads(runs.whence("runs", "--json").stdout)["runs"]
    assert [run["status"] for run in listed] == ["crashed"]


def test_a_run_that_goes_on_is_left_alone(runs):
    """Looking at a run, from its own process or others, also while it is stopped, ends nothing."""
    process = runs.start_waiting()
    os.kill(process.pid, signal.SIGSTOP)

    assert whence.runs()[0].status == "running"
    os.kill(process.pid, signal.SIGCONT)
    runs.answer("go on")
    process.communicate(timeout=60)

    assert whence.runs()[0].status == "completed"


@step
def list_runs() -> list[str]:
    while not (found := whence.runs()):  # records are written beside the run, a moment later
        time.sleep(0.01)
    return [f"{run.pipeline} {run.status}" for run in found]


@pipeline
def looking():
    return list_runs.with_options(cache=False)()


def test_a_run_sees_itself_running():
    """A step that lists the runs finds its own among those that go on."""
    assert looking().read() == ["looking running"]
    assert [run.status for run in whence.runs()] == ["completed"]


def test_another_run_notes_the_crash(runs):
    """A run that starts records what became of those before it."""
    kill(runs.start_waiting())

    looking()

    with closing(sqlite3.connect(runs.project / ".whence/metadata.sqlite")) as connection:
        found = connection.execute("SELECT status FROM runs ORDER BY id").fetchall()
    assert found == [("crashed",), ("completed",)]


def test_many_who_look_at_once_record_one_crash(runs, monkeypatch):
    """Eight processes that find the run dead together all see the same end."""
    kill(runs.start_waiting())
    script = """
        import json, sys
        from tests.contract.race import race

        def look(number):
            import whence
            (run,) = whence.runs()
            return [run.status, str(run.ended_at), run.error.message]

        print(json.dumps(race(8, look)))
    """
    monkeypatch.setenv("WHENCE_HOME", str(runs.project / ".whence"))

    seen = run_alone(script)

    assert len({tuple(each) for each in seen}) == 1
    assert seen[0][0] == "crashed"


def test_a_run_is_dead_after_a_restart_of_the_machine(runs):
    """A run that another boot of this machine left is crashed, and that is said."""
    process = runs.start_waiting()
    kill(process)
    file = next((runs.project / ".whence/presence").iterdir())
    os.utime(file, (0, file.stat().st_mtime - 60))
    alter_owner(runs.project / ".whence", boot="an earlier one")

    (run,) = whence.runs()

    assert run.status == "crashed"
    assert run.error.message.startswith("The machine was started anew")


def test_a_copied_store_has_no_run_that_goes_on(runs, monkeypatch):
    """In a copy of a store a run that goes on elsewhere has crashed; the original goes on."""
    process = runs.start_waiting()
    copy = runs.project / "copy"
    shutil.copytree(runs.project / ".whence", copy)
    alter_owner(copy, host="elsewhere", boot="of it")
    for file in (copy / "presence").iterdir():
        os.utime(file, (0, file.stat().st_mtime - 60))
    monkeypatch.setenv("WHENCE_HOME", str(copy))

    (run,) = whence.runs()

    assert run.status == "crashed"
    assert "elsewhere" in run.error.message
    monkeypatch.delenv("WHENCE_HOME")
    assert whence.runs()[0].status == "running"
    runs.answer("go on")
    process.communicate(timeout=60)
    assert whence.runs()[0].status == "completed"


def test_a_store_that_cannot_be_written_is_still_read(runs):
    """Where a crash cannot be recorded, the run is shown as it was."""
    kill(runs.start_waiting())
    with closing(sqlite3.connect(runs.project / ".whence/metadata.sqlite")) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        connection.commit()

    assert whence.runs()[0].status == "running"


def alter_owner(home, **facts: str) -> None:
    """Make the owner of the only run one of another place or time."""
    with closing(sqlite3.connect(home / "metadata.sqlite")) as connection, connection:
        (text,) = connection.execute("SELECT owner FROM runs").fetchone()
        owner = json.dumps({**json.loads(text), **facts})
        connection.execute("UPDATE runs SET owner = ?", (owner,))
