"""A run can be ended from elsewhere, in order or at once."""

import json

import pytest
from tests.integration.waiting_runs import LONGEST_WAIT, WaitingRuns, kill

import whence
from whence import errors
from whence.domain.status import CancelLevel
from whence.running.cancellation import Cancellation


@pytest.fixture
def runs(project):
    """Return a project whose pipeline waits in the middle."""
    made = WaitingRuns(project)
    yield made
    made.end()


def statuses(run) -> dict[str, str]:
    """Return how the steps of a run stand."""
    return {name: str(run.steps[name].status) for name in run.steps}


def test_an_orderly_end_lets_what_runs_finish(runs):
    """The step that runs completes and is recorded, nothing more starts, the run is cancelled."""
    process = runs.start_waiting()
    whence.cancel(whence.runs()[0])
    runs.wait_until_heard()
    runs.answer("go on")
    process.communicate(timeout=LONGEST_WAIT)

    (run,) = whence.runs()
    assert run.status == "cancelled"
    assert statuses(run)["wait"] == "completed"
    assert statuses(run)["finish"] == "cancelled"


def test_an_end_at_once_stops_what_runs(runs):
    """A step that computes in its process is interrupted, and the process ends."""
    process = runs.start_waiting("-m", "whence", "run", "pipelines.py")

    answer = runs.whence("cancel", "--now")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert "what runs is stopped" in answer.stdout
    process.communicate(timeout=LONGEST_WAIT)
    assert process.returncode == 130
    (run,) = whence.runs()
    assert run.status == "cancelled"
    assert statuses(run)["wait"] == statuses(run)["finish"] == "cancelled"


def test_the_command_says_what_it_asked_for(runs):
    """`whence cancel` names the run and what becomes of it, also as JSON."""
    runs.start_waiting()

    orderly = runs.whence("cancel", "last")
    document = json.loads(runs.whence("cancel", "--json").stdout)

    assert "what runs may finish, nothing more starts" in orderly.stdout
    assert "--now" in orderly.stderr
    assert (document["pipeline"], document["status"]) == ("work", "running")


def test_a_dead_run_cannot_be_cancelled(runs):
    """A run whose process has died is crashed, and the error says so."""
    kill(runs.start_waiting())

    answer = runs.whence("cancel")

    assert answer.returncode == 2
    assert "It is crashed." in answer.stderr


def test_a_wish_only_grows():
    """Asking again for the same changes nothing, and an orderly wish undoes no stronger one."""
    told: list[CancelLevel] = []
    cancellation = Cancellation()
    cancellation.wake_by(lambda: told.append(cancellation.level))

    for level in (1, 1, 2, 1, 2):
        cancellation.ask(CancelLevel(level))

    assert told == [CancelLevel.ORDERLY, CancelLevel.AT_ONCE]
    assert cancellation.level is CancelLevel.AT_ONCE


def test_an_unknown_run_cannot_be_cancelled():
    """A name that nothing bears is refused as everywhere."""
    with pytest.raises(errors.RecordNotFoundError):
        whence.cancel("nightly")


def test_an_end_at_once_stops_worker_processes(runs):
    """A step in a worker process is stopped with it, and the run is cancelled."""
    process = runs.start_waiting("-m", "whence", "run", "pipelines.py", "--workers", "1")

    runs.whence("cancel", "--now")

    process.communicate(timeout=LONGEST_WAIT)
    (run,) = whence.runs()
    assert (process.returncode, run.status) == (130, "cancelled")
    assert statuses(run)["wait"] == "cancelled"
