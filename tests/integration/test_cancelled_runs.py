"""A run can be ended from elsewhere, in order or at once."""

import json
import signal
import time

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


RUN = ("-m", "whence", "run", "pipelines.py")
IN_A_WORKER = (*RUN, "--workers", "1")
EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.mark.parametrize("number", EXIT_CODES)
def test_a_signal_cancels_a_step_in_its_process(runs, number):
    """Ctrl-C, `kill` and a hang-up are told apart by exit codes; what completed is kept."""
    process = runs.start_waiting(*RUN)
    process.send_signal(number)
    process.communicate(timeout=LONGEST_WAIT)

    (run,) = whence.runs()
    assert (process.returncode, run.status) == (EXIT_CODES[number], "cancelled")
    assert statuses(run)["look_up"] == "completed"
    assert statuses(run)["wait"] == statuses(run)["finish"] == "cancelled"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_terminated_does_not_wait_for_workers(runs, number):
    """A single `kill` or hang-up stops what runs in worker processes too."""
    process = runs.start_waiting(*IN_A_WORKER)
    process.send_signal(number)
    process.communicate(timeout=LONGEST_WAIT)

    (run,) = whence.runs()
    assert (process.returncode, run.status) == (EXIT_CODES[number], "cancelled")
    assert statuses(run)["wait"] == "cancelled"


def test_one_ctrl_c_waits_for_workers(runs):
    """What runs in a worker may finish, nothing more starts, and that is said."""
    process = runs.start_waiting(*IN_A_WORKER)
    process.send_signal(signal.SIGINT)
    said = iter(process.stderr.readline, "")
    assert any("waiting for 1 step that runs" in line for line in said)
    runs.answer("go on")
    process.communicate(timeout=LONGEST_WAIT)

    (run,) = whence.runs()
    assert (process.returncode, run.status) == (130, "cancelled")
    assert statuses(run)["wait"] == "completed"
    assert statuses(run)["finish"] == "cancelled"


def test_two_ctrl_c_stop_workers(runs):
    """Pressed again, Ctrl-C stops what runs, and the command ends."""
    process = runs.start_waiting(*IN_A_WORKER)
    process.send_signal(signal.SIGINT)
    said = iter(process.stderr.readline, "")
    assert any("Ctrl-C again stops them" in line for line in said)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONGEST_WAIT)

    (run,) = whence.runs()
    assert (process.returncode, run.status) == (130, "cancelled")
    assert statuses(run)["wait"] == "cancelled"


def test_a_hang_up_that_is_ignored_stays_so(runs):
    """Under `nohup` a run outlives its terminal."""
    program = "signal.signal(signal.SIGHUP, signal.SIG_IGN); main(['run', 'pipelines.py'])"
    process = runs.start_waiting(
        "-c", f"import signal; from whence.cli.main import main; {program}"
    )
    process.send_signal(signal.SIGHUP)
    runs.answer("go on")
    process.communicate(timeout=LONGEST_WAIT)

    assert process.returncode == 0
    assert whence.runs()[0].status == "completed"


TERMINAL = """
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
while True:
    os.read(terminal, 1000)  # until it is closed, with this process
"""


@pytest.mark.parametrize("view", ["--plain", "--workers=1"])
def test_a_terminal_that_is_closed_cancels_its_run(runs, view):
    """Nobody hears of the end any more, and it is recorded all the same."""
    kill(runs.start_waiting("-c", TERMINAL, *RUN, view))
    until = time.monotonic() + LONGEST_WAIT
    while whence.runs(status="running") and time.monotonic() < until:
        time.sleep(0.05)  # no event tells of another process's records

    (run,) = whence.runs()
    assert run.status == "cancelled"
    assert statuses(run)["wait"] == "cancelled"


def test_a_sweep_can_be_terminated(runs):
    """`kill` ends the variant that runs, and the others do not begin."""
    words = ("-m", "whence", "sweep", "pipelines.py", "--rows", "3,4")
    process = runs.start_waiting(*words)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=LONGEST_WAIT)

    assert process.returncode == 143
    assert [run.status for run in whence.runs()] == ["cancelled"]
