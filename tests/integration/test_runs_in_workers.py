"""Runs whose attempts are made in worker processes: all that a run promises holds for them."""

import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from tests.contract.orchestrated import PATIENCE, await_gone, is_alive, wait_for
from tests.integration import steps_in_workers as steps

import whence
from whence import pipeline, step
from whence.domain.retries import Retries
from whence.errors import (
    InvalidOptionError,
    InvalidPipelineError,
    StepLostError,
    StepNotSentError,
    StepTimedOutError,
    WrongReturnError,
)

ROOT = Path(__file__).resolve().parents[2]


def in_workers(definition, **options):
    """Return a pipeline that runs in two worker processes."""
    return definition.with_options(workers=2, **options)


def test_a_run_with_workers_gives_what_a_run_without_gives():
    """Values, metrics and logs are the same, wherever attempts are made."""
    here = steps.arithmetic.with_options(cache=False)()
    there = in_workers(steps.arithmetic, cache=False)()

    assert here.read() == there.read() == 14
    assert dict(here.metrics) == dict(there.metrics)
    assert here.steps.double.logs() == there.steps.double.logs() == "doubling 3\n"


def test_a_series_comes_from_a_worker_whole():
    """Thousands of values that a worker's step reported are those of a step that ran here."""
    here = steps.series_of(10_000).metrics.series("loss")
    there = in_workers(steps.series_of)(10_000).metrics.series("loss")

    assert (there.values, there.steps, there.mode) == (here.values, here.steps, "min")


def test_steps_run_in_other_processes():
    """With workers, no step runs in the process that called the pipeline."""
    pids = in_workers(steps.two_pids)().read()

    assert os.getpid() not in pids.values()


def test_without_workers_steps_run_here():
    """By default steps run in the process that called the pipeline."""
    assert set(steps.two_pids().read().values()) == {os.getpid()}


def test_a_worker_reuses_what_was_computed_here():
    """A step has the same cache key wherever it runs."""
    steps.arithmetic()

    run = in_workers(steps.arithmetic)()

    assert all(run.steps[name].cached for name in run.steps)


def test_here_is_reused_what_a_worker_computed():
    """What a worker computed serves a run without workers."""
    in_workers(steps.arithmetic)()

    run = steps.arithmetic()

    assert all(run.steps[name].cached for name in run.steps)


def test_large_arrays_are_mapped_in_the_worker():
    """An array goes from one step to the next through the store, without a copy in between."""
    assert in_workers(steps.arrays)(size=300_000).read() == sum(range(300_000))


def test_artifacts_are_written_and_read_in_workers():
    """An `Output` is filled and an `Input` read in worker processes."""
    assert in_workers(steps.models)().read() == "kept"


def test_materializers_of_the_users_own_work_in_workers():
    """What is stored by a materializer of the user's is read by it in another process."""
    assert in_workers(steps.points)().read() == 5


def test_values_handed_to_a_run_reach_workers():
    """An array given in the call is stored once, and mapped by the worker that takes it."""
    import numpy as np

    @pipeline
    def summing(values: np.ndarray):
        return steps.total(values)

    assert in_workers(summing)(values=np.ones(300_000)).read() == 300_000


def test_artifacts_of_earlier_runs_reach_workers():
    """An output of an earlier run is an input of a step in a worker."""
    earlier = steps.models()

    @pipeline
    def loading():
        return steps.load(earlier.steps.save.outputs.target)

    assert in_workers(loading, cache=False)().read() == "kept"


def test_an_exception_is_raised_as_what_it_is():
    """`except UnitError` catches what a step in a worker raised, and finds what it carries."""
    with pytest.raises(steps.UnitError, match="no unit ell") as caught:
        in_workers(steps.converting)()

    assert caught.value.known == ["m"]
    assert caught.value.whence_run.status == "failed"


def test_a_result_that_fails_its_check_is_not_lost():
    """A value that does not match its annotation is carried by the error, also from a worker."""

    @pipeline
    def counting():
        steps.miscount("m")

    with pytest.raises(WrongReturnError) as caught:
        in_workers(counting)()

    assert caught.value.value == ["m"]


def test_a_traceback_leads_to_the_step():
    """The traceback of a failure, raised and recorded, ends in the line of the step."""
    with pytest.raises(steps.UnitError) as caught:
        in_workers(steps.converting)()

    raised = "".join(traceback.format_exception(caught.value))
    recorded = caught.value.whence_run.steps.convert.error.traceback
    for text in (raised, recorded):
        assert 'raise UnitError(unit, known=["m"])' in text
        assert "worker_main" not in text


def test_steps_of_functions_run_in_workers():
    """Steps and pipelines that are local to a function need nothing but their `workers`."""
    factor = 5

    @step
    def times(number: int) -> int:
        return number * factor

    @pipeline
    def multiplying():
        return times(4)

    assert in_workers(multiplying)().read() == 20


# ------------------------------------------------------------------ ends


def test_a_dead_process_fails_its_step_with_a_reason():
    """A step whose process dies fails the run with the exit code, and its words are kept."""

    @pipeline
    def dying():
        steps.die(marker=Path.cwd())

    with pytest.raises(StepLostError, match="exit code 7") as caught:
        in_workers(dying)()

    assert caught.value.whence_run.steps.die.logs() == "about to die\n"


def test_a_step_outlives_its_process_with_retries(tmp_path):
    """A step with retries is tried again in another process."""

    @pipeline
    def dying():
        patient = steps.die_once.with_options(retries=Retries(2, pause=0.0))
        return patient(str(tmp_path / "marker"))

    assert in_workers(dying)().read() == 1


@pytest.mark.parametrize("workers", [None, 2])
def test_a_step_that_takes_too_long_is_stopped(workers, tmp_path):
    """A timeout ends the step and its process, with workers and without."""

    @pipeline
    def waiting():
        steps.hang.with_options(timeout="3s")(str(tmp_path / "pid"))

    with pytest.raises(StepTimedOutError) as caught:
        waiting.with_options(**({} if workers is None else {"workers": workers}))()

    assert caught.value.whence_run.steps.hang.logs() == "hanging\n"
    assert await_gone([int((tmp_path / "pid").read_text())]) == []


def test_a_step_in_time_keeps_its_result():
    """A timeout that is not reached changes nothing but the process."""

    @pipeline
    def waiting():
        return steps.pid.with_options(timeout="10m")(1)

    assert waiting().read() != os.getpid()


def test_one_failed_step_leaves_the_others_alone(tmp_path):
    """While a step dies, another that does not depend on it completes."""

    @pipeline
    def both():
        steps.die(marker=tmp_path)
        steps.double(1)

    with pytest.raises(StepLostError) as caught:
        in_workers(both)()

    assert caught.value.whence_run.steps.double.status == "completed"


# ------------------------------------------------------------------ programs

PROGRAM = """
import sys
from pathlib import Path
import whence
from whence import pipeline, step
with open(sys.argv[1], "a") as file:
    file.write("x")

class OwnError(Exception):
    pass

RATE = 3

@step
def times(number: int) -> int:
    return number * RATE

@step
def refuse(number: int) -> int:
    raise OwnError(number)

@pipeline
def calling():
    return times(2)

@pipeline
def refusing():
    return refuse(2)

print(calling.with_options(workers=2)().read())
try:
    refusing.with_options(workers=2)()
except OwnError as error:
    print("caught", error.args)
"""

DEFINITIONS = PROGRAM.partition("print(")[0].replace("sys.argv[1]", "'runs'")


def run_python(*arguments, **options):
    """Return what a program prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_script_without_a_guard_runs_once(project):
    """A script that calls a pipeline at its top level is not run again by its workers."""
    (project / "program.py").write_text(PROGRAM)

    said = run_python("program.py", "runs")

    assert said == "6\ncaught (2,)\n"
    assert Path("runs").read_text() == "x"


def test_a_command_without_a_file_runs_in_workers(project):
    """`python -c` defines steps that work in workers."""
    assert run_python("-c", PROGRAM, "runs") == "6\ncaught (2,)\n"


def test_the_command_line_offers_workers(project):
    """`whence run --workers 2` makes attempts in workers, which do not run the file again."""
    (project / "program.py").write_text(DEFINITIONS)

    run_python("-m", "whence", "run", "program.py:calling", "--workers", "2", "--plain")

    assert whence.runs()[0].read() == 6
    assert Path("runs").read_text() == "x"


def test_nobody_outlives_a_run_that_is_killed(project):
    """When the process that called the pipeline is killed, its steps are too."""
    program = (
        "import sys\n"
        "from tests.integration import steps_in_workers as steps\n"
        "from whence import pipeline\n"
        "@pipeline\n"
        "def hanging():\n"
        "    steps.hang(sys.argv[1])\n"
        "    steps.hang.with_options(name='other')(sys.argv[2])\n"
        "hanging.with_options(workers=2)()\n"
    )
    files = [project / "first", project / "second"]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, files)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    for file in files:
        wait_for(file)
    pids = [int(file.read_text()) for file in files]
    assert all(map(is_alive, pids))

    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)

    assert await_gone(pids) == []


# ------------------------------------------------------------------ options


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "2", True])
def test_workers_are_a_whole_number(wrong):
    """`workers` that are no whole number from 1 are refused."""
    with pytest.raises((InvalidOptionError, InvalidPipelineError), match="workers"):
        steps.arithmetic.with_options(workers=wrong)


@pytest.mark.parametrize("wrong", [0, -1, "8 hours", "", True, float("inf"), float("nan")])
def test_a_timeout_is_a_time(wrong):
    """A `timeout` that is no time above zero is refused."""
    with pytest.raises((InvalidOptionError, InvalidPipelineError), match="timeout"):
        steps.double.with_options(timeout=wrong)


@pytest.mark.parametrize(
    ("given", "seconds"), [(5, 5.0), (0.5, 0.5), ("90s", 90.0), ("20m", 1200.0), ("8h", 28800.0)]
)
def test_a_timeout_is_told_in_seconds_or_with_a_unit(given, seconds):
    """Numbers are seconds; texts name their unit."""
    assert steps.double.with_options(timeout=given).spec.options.timeout == seconds


def test_code_that_cannot_travel_fails_the_step(project):
    """A step over an open file fails with an error that names the file's variable."""
    with Path("held").open("w") as held:

        @step
        def write(words: str) -> int:
            return held.write(words)

        @pipeline
        def writing():
            write("x")

        with pytest.raises(StepNotSentError, match="It uses 'held'"):
            in_workers(writing)()
