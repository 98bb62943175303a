"""What happens when steps fail: what is raised, what is recorded, what goes on."""

import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import whence
from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact
from whence.errors import (
    CalledInsideStepError,
    InvalidOutputFilesError,
    OutputNotStoredError,
    OutputNotWrittenError,
    UnexpectedReturnError,
    WrongReturnError,
)


@step
def fine(x: int) -> int:
    return x + 1


@step
def broken(x: int) -> int:
    values = {"a": x}
    return values["b"]


def statuses(run):
    """Return how each step of a run stands."""
    return {name: str(run.steps[name].status) for name in run.steps}


def test_the_original_exception_is_raised_with_the_users_traceback_only():
    """A failed step's own exception reaches the caller, with a note that names run and step."""
    with pytest.raises(KeyError, match="'b'") as caught:
        broken.run(1)
    shown = "".join(traceback.format_exception(caught.value))
    record = caught.value.whence_run.steps.broken.error

    assert 'return values["b"]' in record.traceback
    assert "whence/engine" not in record.traceback
    assert record.type == "KeyError"
    assert "In step 'broken' of run " in shown
    assert caught.value.whence_run.status == "failed"


def test_independent_branches_go_on_after_a_failure():
    """A failure skips what depends on it; the rest of the pipeline still runs."""

    @pipeline
    def forked():
        return {"good": fine(fine(1)), "bad": fine(broken(1))}

    with pytest.raises(KeyError) as caught:
        forked()
    run = caught.value.whence_run

    assert statuses(run) == {
        "fine": "completed",
        "fine_2": "completed",
        "broken": "failed",
        "fine_3": "skipped",
    }
    assert run.outputs.good.read() == 3
    assert whence.run(run.id).steps.fine_3.status == "skipped"


def test_several_failures_are_raised_as_a_group():
    """Two failed steps raise an `ExceptionGroup` that holds the exceptions of both."""

    @step
    def also_broken() -> int:
        raise ValueError("no")

    @pipeline
    def twice():
        broken(1)
        also_broken()

    with pytest.raises(ExceptionGroup) as caught:
        twice()

    assert {type(error) for error in caught.value.exceptions} == {KeyError, ValueError}
    assert caught.value.whence_run.status == "failed"


def test_a_wrong_return_value_fails_the_step_and_is_kept():
    """A value that does not match its annotation is in the error, so that work is not lost."""

    @step
    def half() -> int:
        return 0.5

    with pytest.raises(WrongReturnError, match="not int") as caught:
        half.run()

    assert caught.value.value == 0.5
    assert "half" in str(caught.value)


def test_an_int_is_a_float_and_a_bool_is_no_int():
    """Returned values are checked as type checkers do; an int stays the int that it is."""

    @step
    def whole() -> float:
        return 3

    @step
    def truth() -> int:
        return True

    kept = whole.run().read()

    assert type(kept) is int
    with pytest.raises(WrongReturnError):
        truth.run()


def test_numpy_scalars_are_numbers():
    """A NumPy scalar returned where a number is declared is stored as that number."""

    @step
    def mean(values: list[float]) -> float:
        return np.float32(np.mean(values))

    @step
    def exact() -> np.float32:
        return np.float32(0.1)

    result = mean.run([1.0, 2.0]).read()

    assert (type(result), result) == (float, 1.5)
    assert type(exact.run().read()) is np.float32


def test_an_output_that_was_not_written_fails_the_step():
    """A step that ends without writing its `Output` is told so, by the output's name."""

    @step
    def forgetful(report: Output[DataArtifact]):
        (report.path / "only_a_folder").mkdir()

    with pytest.raises(OutputNotWrittenError, match="'report'"):
        forgetful.run()


def test_a_step_without_return_type_must_not_return():
    """Returning from a step that declares nothing fails, and the value is kept."""

    @step
    def surprising():
        return 7

    with pytest.raises(UnexpectedReturnError) as caught:
        surprising.run()

    assert caught.value.value == 7


def test_a_value_that_cannot_be_stored_exactly_is_refused_and_kept():
    """A frame that would not come back as it is fails the step; the frame is in the error."""

    @step
    def mixed() -> pd.DataFrame:
        return pd.DataFrame({"a": [1, "x", object()]})

    with pytest.raises(OutputNotStoredError, match="'a'") as caught:
        mixed.run()

    assert isinstance(caught.value.value, pd.DataFrame)


def test_links_in_an_output_are_refused():
    """A link means something else elsewhere, so an output cannot hold one."""

    @step
    def linking(report: Output[DataArtifact]):
        (report.path / "link").symlink_to("/etc/hostname")

    with pytest.raises(InvalidOutputFilesError, match="link"):
        linking.run()


def test_calling_a_step_inside_a_running_step_is_refused():
    """Inside a step the bare function is called; the error says how."""

    @step
    def outer() -> int:
        return fine(1)

    @step
    def proper() -> int:
        return fine.fn(1)

    with pytest.raises(CalledInsideStepError, match=r"fine\.fn"):
        outer.run()
    assert proper.run().read() == 2


def test_nothing_of_a_failed_step_is_left_in_the_store(project):
    """What a failing step had written is dropped: no artifact, no leftover."""

    @step
    def writes_then_fails(report: Output[DataArtifact]):
        (report.path / "big.bin").write_bytes(b"x" * 100_000)
        raise RuntimeError("late")

    with pytest.raises(RuntimeError, match="late") as caught:
        writes_then_fails.run()

    assert len(caught.value.whence_run.steps.writes_then_fails.outputs) == 0
    assert not list((project / ".whence").rglob("big.bin"))


def test_an_input_cannot_be_changed_by_its_reader():
    """Each step reads its own copy: changing it changes nothing for others."""

    @step
    def make() -> list[int]:
        return [1, 2]

    @step
    def spoil(values: list[int]) -> int:
        values.append(3)
        return len(values)

    @step
    def count(values: list[int], after: int) -> int:
        return len(values)

    @pipeline
    def shared():
        values = make()
        return count(values, spoil(values))

    assert shared().read() == 2


INTERRUPTED = """
import pathlib, signal, os, threading, time
import whence

@whence.step
def first() -> int:
    return 1

@whence.step
def slow(x: int) -> int:
    pathlib.Path("ready").touch()
    while True:
        time.sleep(0.01)

@whence.step
def last(x: int) -> int:
    return x

@whence.pipeline
def long():
    return last(slow(first()))

if __name__ == "__main__":
    long()
"""


def test_ctrl_c_ends_the_run_as_cancelled_and_recorded(project: Path):
    """An interrupted run keeps what was done, and everything else is marked cancelled."""
    (project / "script.py").write_text(INTERRUPTED)
    process = subprocess.Popen([sys.executable, "script.py"], stderr=subprocess.PIPE, text=True)
    while not (project / "ready").exists():
        assert process.poll() is None
    process.send_signal(2)
    _, shown = process.communicate(timeout=60)
    run = whence.runs()[0]

    assert "KeyboardInterrupt" in shown
    assert run.status == "cancelled"
    assert statuses(run) == {
        "first": "completed",
        "slow": "cancelled",
        "last": "cancelled",
    }
    assert run.steps.first.outputs.result.read() == 1


def test_after_an_interrupt_nothing_that_was_ready_starts():
    """A step that was queued behind the interrupted one does not run any more."""
    started = []

    @step
    def interrupted() -> int:
        started.append("interrupted")
        raise KeyboardInterrupt

    @step
    def queued() -> int:
        started.append("queued")
        return 1

    @pipeline
    def two():
        interrupted()
        queued()

    with pytest.raises(KeyboardInterrupt) as caught:
        two()

    assert started == ["interrupted"]
    assert statuses(caught.value.whence_run) == {"interrupted": "cancelled", "queued": "cancelled"}


def test_an_input_of_a_wrong_type_never_starts_the_step():
    """Connections are checked before anything runs."""
    started = []

    @step
    def takes_text(x: Input[str]) -> int:
        started.append(x)
        return 1

    @pipeline
    def wrong():
        takes_text(x=fine(1))

    with pytest.raises(whence.errors.InvalidPipelineError):
        wrong()
    assert not started
