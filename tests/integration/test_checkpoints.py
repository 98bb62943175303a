"""A long step goes on from its last checkpoint, whatever ended it before."""

import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.integration.run_script import ENVIRONMENT

import whence
from whence import Retries, pipeline, step
from whence.artifact_stores.local import LocalArtifactStore
from whence.engine.execute_step import execute_step
from whence.engine.step_job import StepJob

EPOCHS = 60
TOP = 3
TRAIN = """
import sys
import time
from pathlib import Path
import whence
from whence import pipeline, step
from whence.caching.leases import lease_length

EPOCHS = 60


@step{options}
def train(data: list[int], rate: float = 0.5) -> list[float]:
    while not whence.runs(status="running"):  # it is recorded a moment later
        time.sleep(0.01)
    last = whence.last_checkpoint()
    text = "" if last is None else (last.path / "state").read_text()
    state = [float(each) for each in text.split()]
    assert len(state) == (0 if last is None else last.step + 1)
    for epoch in range(len(state), EPOCHS):
        tell(f"epoch {epoch}")
        state.append(sum(data) * rate + (state[-1] if state else 0))
        with whence.checkpoint(step=epoch) as folder:
            (folder / "state").write_text(" ".join(map(str, state)))
        tell(f"kept {epoch}")
    return state


def tell(text: str) -> None:
    with Path("told.txt").open("a") as file:
        file.write(text + "\\n")
    print(text, file=sys.__stderr__, flush=True)


@pipeline
def work(rows: int = 4):
    return train(list(range(rows)))


if __name__ == "__main__":
    with lease_length.entered(1.0):  # of the dead nobody waits long
        if "resume" in sys.argv:
            whence.resume(whence.runs()[0])
        else:
            work()
"""


def start(project: Path, *words: str) -> "subprocess.Popen[str]":
    """Start the training; what it tells is read from its standard error."""
    return subprocess.Popen(
        [sys.executable, "train.py", *words],
        cwd=project,
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_after(process: "subprocess.Popen[str]", lines: int, chance: random.Random) -> None:
    """Kill a training when it has told so much, or a moment later."""
    for _ in range(lines):
        process.stderr.readline()
    with suppress(subprocess.TimeoutExpired):
        process.wait(chance.uniform(0, 0.01))
    process.kill()
    process.communicate(timeout=60)


def assert_nothing_was_repeated(project: Path) -> None:
    """Every epoch began, and none began again that was known to be kept."""
    kept: set[str] = set()
    begun: set[str] = set()
    for line in (project / "told.txt").read_text().splitlines():
        what, _, epoch = line.partition(" ")
        if what == "kept":
            kept.add(epoch)
        else:
            begun.add(epoch)
            assert epoch not in kept, f"epoch {epoch} was kept and then repeated"
    assert begun == {str(epoch) for epoch in range(EPOCHS)}


@pytest.mark.parametrize(
    ("options", "words"),
    [("", ()), ("", ("resume",)), ("(cache=False)", ("resume",))],
    ids=["run again", "resume", "resume uncached"],
)
def test_killed_trainings_end_as_an_uninterrupted_one(project, options, words):
    """After kill -9 at random epochs the result is the same, and no epoch kept is repeated."""
    (project / "train.py").write_text(TRAIN.replace("{options}", options))
    chance = random.Random(f"{options} {words}")
    kill_after(start(project), chance.randrange(2, 7), chance)
    for _ in range(2):
        kill_after(start(project, *words), chance.randrange(1, 5), chance)

    process = start(project, *words)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said

    assert_nothing_was_repeated(project)
    run = whence.runs()[0]
    assert run.read() == [3.0 * (epoch + 1) for epoch in range(EPOCHS)]
    assert [each.status for each in whence.runs()] == ["completed", *["crashed"] * 3]
    assert not list((project / ".whence/artifacts/checkpoints").iterdir())


def note(text: object) -> None:
    """Note something, outside of what enters a key."""
    with Path("noted.txt").open("a") as file:
        file.write(f"{text}\n")


def noted() -> list[str]:
    """Return what was noted."""
    return Path("noted.txt").read_text().split()


@step
def climb(height: int, start_at: int = 0) -> int:
    """Climb one step further at each try, and fail until the top is reached."""
    last = whence.last_checkpoint()
    note(None if last is None else last.step)
    reached = start_at if last is None else last.step + 1
    with whence.checkpoint(step=reached) as folder:
        (folder / "reached").write_text(str(reached))
    if reached < height:
        raise RuntimeError("too steep")
    return height


@step
def begin() -> int:
    return TOP


@pipeline
def climbing(start_at: int = 0, cached: bool = True):
    return climb.with_options(cache=cached)(begin(), start_at)


def fail(**arguments):
    """Return the run of a failing climb."""
    with pytest.raises(RuntimeError) as caught:
        climbing(**arguments)
    return caught.value.whence_run


def test_a_failed_step_goes_on_when_it_is_run_again():
    """Each new run begins where the one before it failed; when it completes all go."""
    for _ in range(3):
        fail()
    assert climbing().read() == TOP

    assert noted() == ["None", "0", "1", "2"]


@pipeline
def climbing_alone():
    return climb(TOP)


def test_the_next_attempt_goes_on(project):
    """Attempts at one step run each begin where the one before them failed."""
    node = climbing_alone.plan().nodes["climb"]
    store = LocalArtifactStore(project / "artifacts")
    work = StepJob(node, {}, store, project / "log.txt", checkpoints="work")

    attempts = [execute_step(work) for _ in range(TOP + 1)]

    assert [each.status for each in attempts] == ["failed"] * TOP + ["completed"]
    assert noted() == ["None", "0", "1", "2"]


@pipeline
def climbing_on():
    return climb.with_options(retries=Retries(TOP, pause=0))(TOP)


def test_a_retry_goes_on():
    """Within one run each attempt begins where the one before it failed."""
    run = climbing_on()

    assert run.read() == TOP
    assert noted() == ["None", "0", "1", "2"]
    assert len(run.steps.climb.attempts) == TOP + 1


def test_other_parameters_see_no_checkpoints():
    """Checkpoints belong to the cache key: of other parameters they are not."""
    fail()
    fail(start_at=1)

    assert noted() == ["None", "None"]


def test_a_run_that_reuses_nothing_goes_on_from_nothing_of_others():
    """`cache=False` for a whole run computes everything, from its beginning."""
    fail()

    with pytest.raises(RuntimeError):
        climbing.with_options(cache=False)()

    assert noted() == ["None", "None"]


def test_an_uncached_step_goes_on_in_a_resumed_run_alone():
    """A step that says `cache=False` begins anew in a new run, and goes on in one that resumes."""
    first = fail(cached=False)
    second = fail(cached=False)
    with pytest.raises(RuntimeError) as caught:
        climbing.with_options(resume=second)(cached=False)
    third = caught.value.whence_run
    with pytest.raises(RuntimeError):
        climbing.with_options(resume=third)(cached=False)
    with pytest.raises(RuntimeError):
        climbing.with_options(resume=first)(cached=False)

    assert noted() == ["None", "None", "0", "1", "0"]


def test_outside_a_run_both_work_and_keep_nothing(project):
    """A step's bare function can be called in a test: it gets a folder, and finds nothing."""
    with whence.checkpoint(step=3) as folder:
        (folder / "state").write_text("1")
        assert (folder / "state").read_text() == "1"

    assert not folder.exists()
    assert whence.last_checkpoint() is None
    assert climb.fn(0) == 0
    assert not (project / ".whence").exists()


@pytest.mark.parametrize("epoch", ["3", 2.5, True, None])
def test_a_step_that_is_no_whole_number_is_refused(epoch):
    """How far the work is must be countable."""
    with pytest.raises(TypeError, match="is a whole number"), whence.checkpoint(step=epoch):
        pass


@step
def keep_and_stop(height: int) -> int:
    with whence.checkpoint(step=1) as folder:
        (folder / "half").write_text("x")
        raise RuntimeError("no luck")
    return height


@pipeline
def stopping():
    return keep_and_stop(begin())


def test_a_failing_block_keeps_nothing(project):
    """What was being written when the step failed is no checkpoint."""
    with pytest.raises(RuntimeError):
        stopping()

    assert not any((project / ".whence/artifacts/checkpoints").glob("*/*"))


def test_only_few_checkpoints_lie_about(project):
    """While a step goes on, no more than the newest two take room."""
    fail()
    for _ in range(2):
        fail()

    assert len(list((project / ".whence/artifacts/checkpoints").glob("*/*"))) == 2


def test_a_worker_process_keeps_checkpoints_too():
    """Where a step runs makes no difference: each attempt goes on from the one before."""
    run = climbing_on.with_options(workers=1)()

    assert run.read() == TOP
    assert noted() == ["None", "0", "1", "2"]
