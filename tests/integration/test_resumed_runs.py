"""A run that did not complete goes on, and nothing that completed is repeated."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.run_script import ENVIRONMENT
from tests.integration.waiting_runs import LONGEST_WAIT, WaitingRuns, kill

import whence
from whence import Step, pipeline, step
from whence.errors import InvalidPipelineError, RecordNotFoundError, RunNotResumableError


def note(name: str) -> None:
    """Note that a step is computed, outside of what enters its key."""
    with Path("computed.txt").open("a") as file:
        file.write(f"{name}\n")


def mend() -> None:
    """Let `fit` and `halve` succeed from now on."""
    Path("mended").touch()


def forget() -> None:
    """Note anew."""
    Path("computed.txt").write_text("")


def computed() -> list[str]:
    """Return the steps that were computed, in their order."""
    return Path("computed.txt").read_text().split()


@step
def load(rows: int) -> list[int]:
    note("load")
    return list(range(rows))


@step(cache=False)
def look_up(rows: list[int]) -> int:
    note("look_up")
    return len(rows)


@step
def announce(count: int) -> None:
    note("announce")


@step
def fit(count: int, scale: float = 1.0) -> float:
    note("fit")
    if not Path("mended").exists():
        raise RuntimeError("no luck")
    return count * scale


@step
def halve(count: int, by: int = 2) -> float:
    note("halve")
    if not Path("mended").exists():
        raise RuntimeError("no luck")
    return count / by


@pipeline
def work(rows: int = 3, fitter: Step[fit] = fit):
    count = look_up(load(rows))
    announce(count)
    return fitter(count)


@pipeline
def other_work():
    return load(1)


def fail(call=work, **arguments):
    """Return a failed run."""
    with pytest.raises(RuntimeError) as caught:
        call(**arguments)
    forget()
    return caught.value.whence_run


def test_a_failed_run_goes_on_from_what_is_done():
    """Neither steps without outputs nor uncached ones are repeated; what failed is run."""
    failed = fail()
    mend()

    run = work.with_options(resume=failed)()

    assert computed() == ["fit"]
    assert run.read() == 3.0
    assert run.resumes == failed.id
    assert [run.steps[name].cached for name in run.steps] == [True, True, True, False]
    assert run.steps.look_up.outputs.result.read() == 3


def test_a_chain_of_resumed_runs_repeats_nothing():
    """What completed in any of the runs before is done, whichever of them is resumed."""
    first = fail()
    with pytest.raises(RuntimeError) as caught:
        work.with_options(resume=first)()
    mend()
    forget()

    run = work.with_options(resume=caught.value.whence_run)()

    assert computed() == ["fit"]
    assert run.status == "completed"


def test_what_has_changed_is_run_again():
    """Other parameters make other work: nothing of the earlier run stands for it."""
    failed = fail(rows=3)
    mend()

    run = work.with_options(resume=failed)(rows=5)

    assert computed() == ["load", "look_up", "announce", "fit"]
    assert run.read() == 5.0


def test_a_run_resumes_also_where_it_reuses_nothing():
    """`cache=False` and `refresh` are about other runs: what this one has done is done."""
    failed = fail(work.with_options(cache=False, refresh=["load"]))
    mend()

    work.with_options(resume=failed, cache=False, refresh=["load"])()

    assert computed() == ["fit"]


def test_a_lost_output_is_computed_again(project):
    """What completed but is not there any more does not count as done."""
    failed = fail(rows=100_000)
    shutil.rmtree(project / ".whence/artifacts")
    mend()

    run = work.with_options(resume=failed)(rows=100_000)

    assert computed() == ["load", "fit"]
    assert run.read() == 100_000.0


def test_resume_finds_pipeline_and_arguments_again():
    """`whence.resume` needs the run alone, also for slots, settings of nodes, name and tags."""
    nightly = work.with_options(name="nightly", tags=["a"])
    failed = fail(nightly.bind(**{"fitter.by": 4}), rows=8, fitter=halve)
    mend()

    run = whence.resume("nightly")

    assert computed() == ["halve"]
    assert (run.read(), run.name, run.tags) == (2.0, "nightly", ("a",))
    assert run.resumes == failed.id
    assert run.parameters["fitter.by"] == 4


def test_configured_steps_are_found_again():
    """A slot's filler comes with what was bound to it."""
    failed = fail(fitter=halve.bind(by=3))
    mend()

    assert whence.resume(failed).read() == 1.0


def test_a_completed_run_has_nothing_left_to_do():
    """That is an error, by whatever way it is resumed."""
    mend()
    run = work()

    for resume in (whence.resume, lambda run: work.with_options(resume=run)()):
        with pytest.raises(RunNotResumableError, match="nothing is left to do"):
            resume(run)


def test_another_pipeline_cannot_go_on():
    """A run is resumed by its own pipeline."""
    failed = fail()

    with pytest.raises(RunNotResumableError, match="This is pipeline 'other_work'"):
        other_work.with_options(resume=failed)()


def test_a_pipeline_that_has_nothing_in_common_is_refused():
    """Where no step of the earlier run is left, there is nothing to go on from."""
    failed = fail()

    @pipeline
    def work():
        return load.with_options(name="all_new")(1)

    with pytest.raises(RunNotResumableError, match="None of its steps"):
        work.with_options(resume=failed)()


def test_unknown_runs_and_wrong_values_are_refused():
    """A name that nothing bears, and what names no run, are told apart."""
    with pytest.raises(RecordNotFoundError):
        whence.resume("nightly")
    with pytest.raises(RecordNotFoundError):
        work.with_options(resume="nightly")()
    with pytest.raises(Exception, match="Give a run, or its id or name"):
        work.with_options(resume=3)


def test_what_a_record_cannot_give_again_is_named():
    """A pipeline of a session says so, and how to go on where it was started."""

    @pipeline
    def local_work():
        return fit(look_up(load(2)))

    failed = fail(local_work)

    with pytest.raises(RunNotResumableError, match="defined in a session"):
        whence.resume(failed)
    mend()
    assert local_work.with_options(resume=failed)().read() == 2.0
    assert computed() == ["fit"]


def test_a_single_step_says_that_it_is_not_resumed():
    """What `step.run` started has no pipeline to be found by."""
    failed = fail(fit.run, count=2)

    with pytest.raises(RunNotResumableError, match="does not say how it was started"):
        whence.resume(failed)


def test_a_faulty_call_resumes_nothing():
    """A resumed call is checked like any other, before anything runs."""
    failed = fail()

    with pytest.raises(InvalidPipelineError):
        work.with_options(resume=failed)(rows="many")
    assert len(whence.runs()) == 1


# ------------------------------------------------------------------ killed and cancelled runs


@pytest.fixture
def runs(project):
    """Return a project whose pipeline waits in the middle."""
    made = WaitingRuns(project)
    yield made
    made.end()


def resume_from(runs: WaitingRuns, folder) -> "subprocess.Popen[str]":
    """Start `whence resume` in a folder of the project, and return when its step waits."""
    process = subprocess.Popen(
        [sys.executable, "-m", "whence", "resume", "--json", "--plain"],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.read(runs._entered, 100)
    return process


@pytest.mark.parametrize(
    "start", [("pipelines.py", "5"), ("-m", "whence", "run", "pipelines.py", "--rows", "5")]
)
def test_a_killed_run_goes_on_from_the_command_line(runs, start):
    """After kill -9 `whence resume` runs what was not done, from any folder of the project."""
    kill(runs.start_waiting(*start))
    below = runs.project / "notebooks"
    below.mkdir()

    process = resume_from(runs, below)
    runs.answer("go on")
    out, err = process.communicate(timeout=LONGEST_WAIT)

    assert process.returncode == 0, err
    assert runs.computed == ["load", "look_up", "announce", "wait", "wait", "finish"]
    document = json.loads(out)
    crashed = whence.runs()[1]
    assert (document["status"], document["resumes"]) == ("completed", crashed.id)
    assert crashed.status == "crashed"
    assert whence.runs()[0].read() == 6


def test_a_run_that_goes_on_cannot_be_resumed(runs):
    """It is to be ended first, and the error says how."""
    runs.start_waiting()

    answer = runs.whence("resume")

    assert answer.returncode == 2
    assert "It goes on." in answer.stderr
    assert "whence cancel" in answer.stderr


def test_a_cancelled_run_goes_on(runs):
    """What a cancelled run had done stays done."""
    process = runs.start_waiting()
    runs.whence("cancel", "--now")
    process.communicate(timeout=LONGEST_WAIT)

    resumed = resume_from(runs, runs.project)
    runs.answer("go on")
    resumed.communicate(timeout=LONGEST_WAIT)

    assert resumed.returncode == 0
    assert runs.computed == ["load", "look_up", "announce", "wait", "wait", "finish"]
