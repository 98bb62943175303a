"""What every orchestrator promises, whatever it does to keep the promise."""

import importlib
import os
import threading
from pathlib import Path

import pytest
from tests.contract.orchestrated import (
    OwnError,
    PlainJob,
    add,
    attempt,
    await_ends,
    await_gone,
    execute,
    fail,
    fail_chained,
    fail_locally,
    fail_together,
    fail_with_note,
    go_on,
    open_local,
    open_workers,
    own_pid,
    results,
    run_one,
)

from whence.interfaces.orchestrator import Began, Ended, Lost, Progressed
from whence.orchestrators.in_process import InProcessOrchestrator

KINDS = {
    "in process": lambda _: InProcessOrchestrator(execute),
    "worker processes": open_workers,
    "local": open_local,
    "local with workers": lambda folder: open_local(folder, workers=2),
}


@pytest.fixture(params=KINDS)
def orchestrator(request, tmp_path):
    """Return an orchestrator of each kind, closed at the end."""
    made = KINDS[request.param](tmp_path)
    yield made
    made.close()


def test_an_attempt_ends_with_its_result(orchestrator):
    """What a job computes comes back as it is."""
    end = run_one(orchestrator, add, 1, 2)

    assert isinstance(end, Ended)
    assert end.result.value == 3


def test_an_attempt_begins_before_it_ends(orchestrator):
    """Each attempt is heard of twice: when it begins, and when it ends."""
    orchestrator.start(attempt("a", 7), PlainJob(add, (1, 2)))

    heard = await_ends(orchestrator)

    assert [type(each) for each in heard] == [Began, Ended]
    assert {each.attempt for each in heard} == {attempt("a", 7)}


def test_many_attempts_each_end_once(orchestrator):
    """Of more jobs than can run at a time none is lost, and none ends twice."""
    for number in range(50):
        orchestrator.start(attempt(str(number)), PlainJob(add, (number, 1)))

    heard = await_ends(orchestrator, 50)

    assert results(heard) == {str(number): number + 1 for number in range(50)}


def test_an_exception_comes_back_as_its_own_class(orchestrator):
    """`except OwnError` catches what a job raised, and finds what the exception carries."""
    end = run_one(orchestrator, fail, 5)

    error = end.result.error
    assert type(error) is OwnError
    assert (error.code, error.hint, str(error)) == (5, "look", "code 5")


def test_an_exception_comes_back_with_its_traceback(orchestrator):
    """The traceback leads to the line of the job that raised."""
    error = run_one(orchestrator, fail, 5).result.error

    frames = []
    at = error.__traceback__
    while at is not None:
        frames.append(at.tb_frame.f_code.co_name)
        at = at.tb_next
    assert frames[-1] == "fail"


def test_an_exception_comes_back_with_its_cause(orchestrator):
    """`raise ... from error` shows both exceptions."""
    error = run_one(orchestrator, fail_chained).result.error

    assert isinstance(error, ValueError)
    assert isinstance(error.__cause__, OwnError)
    assert error.__cause__.hint == "look"


def test_a_group_of_exceptions_comes_back_whole(orchestrator):
    """`except*` finds in a group what a job raised together."""
    error = run_one(orchestrator, fail_together).result.error

    assert [type(each) for each in error.exceptions] == [OwnError, KeyError]


def test_an_exception_of_a_local_class_comes_back(orchestrator):
    """A class that exists only inside the job is still an exception of its bases."""
    error = run_one(orchestrator, fail_locally).result.error

    assert isinstance(error, ValueError)
    assert type(error).__name__ == "LocalError"


def test_what_the_system_says_comes_back_whole(orchestrator):
    """An error of the system, or of an import, keeps its number, file and name."""
    missing = run_one(orchestrator, Path.read_text, Path("/nowhere")).result.error
    wanted = run_one(orchestrator, importlib.import_module, "nowhere").result.error

    assert (type(missing), missing.errno, missing.filename) == (FileNotFoundError, 2, "/nowhere")
    assert (type(wanted), wanted.name) == (ModuleNotFoundError, "nowhere")


def test_notes_come_back(orchestrator):
    """What was added to an exception on its way is still there, once."""
    error = run_one(orchestrator, fail_with_note).result.error

    assert error.__notes__ == ["while trying"]


def test_progress_is_heard_of_up_to_its_end(orchestrator):
    """However fast a job reports progress, its last word is heard before its end."""
    orchestrator.start(attempt("a"), PlainJob(go_on, (1000,), tells=True))

    heard = await_ends(orchestrator)

    said = [each for each in heard if isinstance(each, Progressed)]
    assert (said[-1].done, said[-1].total) == (1000, 1000)
    assert isinstance(heard[-1], Ended)


def test_waiting_ends_when_time_is_over(orchestrator):
    """Without anything to hear of, `wait` comes back empty."""
    assert list(orchestrator.wait(0.01)) == []


def test_a_wait_can_be_interrupted(orchestrator):
    """`wake`, from another thread, lets a wait without end come back."""
    threading.Timer(0.05, orchestrator.wake).start()

    assert list(orchestrator.wait(None)) == []


def test_a_waking_before_the_wait_is_not_lost(orchestrator):
    """Who wakes an orchestrator that is not waiting yet spares it its next wait."""
    orchestrator.wake()

    assert list(orchestrator.wait(None)) == []


def test_an_attempt_that_waits_can_be_stopped(orchestrator):
    """An attempt that has not begun is lost when it is stopped; the others go on."""
    for name in "abc":
        orchestrator.start(attempt(name), PlainJob(add, (1, 1)))
    orchestrator.stop(attempt("c"))

    heard = await_ends(orchestrator, 3)

    lost = [each for each in heard if isinstance(each, Lost)]
    assert [(each.attempt.node, each.was_stopped) for each in lost] == [("c", True)]
    assert results(heard) == {"a": 2, "b": 2}


def test_what_is_over_cannot_be_stopped(orchestrator):
    """To stop an attempt that has ended, or never was, changes nothing."""
    run_one(orchestrator, add, 1, 2)

    orchestrator.stop(attempt("one"))
    orchestrator.stop(attempt("never"))

    assert list(orchestrator.wait(0.01)) == []


def test_closing_twice_does_no_harm(orchestrator):
    """A closed orchestrator can be closed again, and no process of its own is left."""
    pid = run_one(orchestrator, own_pid).result.value

    orchestrator.close()
    orchestrator.close()

    assert pid == os.getpid() or await_gone([pid]) == []


def test_capacity_says_how_many_at_once(orchestrator):
    """An orchestrator says how many attempts may be under way together."""
    assert orchestrator.capacity.attempts >= 1
