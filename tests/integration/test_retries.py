"""A step that fails is tried again, as often as it says; every attempt is recorded."""

from pathlib import Path

import pytest

import whence
from whence import Retries, pipeline, step
from whence.errors import WhenceError
from whence.running.observers import observing
from whence.stacks.current import open_stack

AT_ONCE = Retries(5, pause=0.0)


def attempts_of(run, name):
    """Return what was recorded of the attempts at a step."""
    steps = open_stack().metadata_store.list_steps(run.id)
    return next(each for each in steps if each.node == name).attempts


@step
def count_up(folder: Path) -> int:
    count = len(list(folder.iterdir()))
    (folder / str(count)).touch()
    print(f"attempt {count + 1}")
    if count < 2:
        raise RuntimeError(f"not yet: {count}")
    return count


@step
def double(number: int) -> int:
    return 2 * number


@pipeline
def counting(folder: Path, pause: float = 0.0, retries: int = 5):
    patient = count_up.with_options(retries=Retries(retries, pause=pause))
    return double(patient(folder))


@pytest.fixture
def folder(tmp_path):
    """An empty folder, outside of the project."""
    folder = tmp_path / "attempts"
    folder.mkdir()
    return folder


def test_a_step_with_retries_is_tried_again_until_it_succeeds(folder):
    """The third attempt succeeds, and the run goes on with what it gave."""
    run = counting(folder)

    assert run.status == "completed"
    assert run.read() == 4
    assert len(list(folder.iterdir())) == 3


def test_every_attempt_is_recorded(folder):
    """Each has its number, its time, its process and what it failed with."""
    attempts = attempts_of(counting(folder), "count_up")

    assert [each.number for each in attempts] == [1, 2, 3]
    assert [each.error and each.error.message for each in attempts] == [
        "not yet: 0",
        "not yet: 1",
        None,
    ]
    assert all(each.duration >= 0 and each.process for each in attempts)


def test_every_attempt_has_its_own_log(folder):
    """What an attempt printed is kept, also where another one followed."""
    run = counting(folder)
    digests = [each.log_digest for each in attempts_of(run, "count_up")]

    assert run.steps.count_up.logs() == "attempt 3\n"
    assert len(set(digests)) == 3
    store = open_stack().metadata_store
    assert all(store.find_content(digest) is not None for digest in digests)


def test_a_step_run_lasts_from_its_first_attempt_to_its_last(folder):
    """The duration of a step run covers all of its attempts, pauses included."""
    run = counting(folder, pause=0.01)
    attempts = attempts_of(run, "count_up")

    assert run.steps.count_up.duration >= sum(each.duration for each in attempts)


def test_when_no_retry_is_left_the_last_error_is_raised(folder):
    """The run fails with what the last attempt raised, and says so once."""
    with pytest.raises(RuntimeError, match="not yet: 1") as caught:
        counting(folder, retries=1)

    run = caught.value.whence_run
    assert run.status == "failed"
    assert {name: str(run.steps[name].status) for name in run.steps} == {
        "count_up": "failed",
        "double": "skipped",
    }
    assert len(attempts_of(run, "count_up")) == 2


def test_a_step_that_succeeds_at_once_has_a_single_attempt(folder):
    """Where nothing was tried again, the step run itself tells of its attempt."""
    for name in ("0", "1"):
        (folder / name).touch()

    assert attempts_of(counting(folder), "count_up") == ()


def test_what_a_retried_step_gave_is_reused(tmp_path):
    """The next run takes the result, wherever it came from."""
    marks = tmp_path / "marks"

    @step(retries=AT_ONCE)
    def second_time() -> int:
        with marks.open("a") as file:
            file.write("x")
        if marks.read_text() == "x":
            raise RuntimeError
        return 5

    second_time.run()

    assert second_time.run().steps.second_time.cached
    assert marks.read_text() == "xx"


def test_only_the_last_attempt_reports(tmp_path):
    """Metrics of an attempt that failed are not the step's."""
    marks = tmp_path / "marks"

    @step(retries=AT_ONCE)
    def reporting() -> int:
        first = not marks.exists()
        whence.log_metric("loss", 9.0 if first else 1.0)
        if first:
            marks.touch()
            raise RuntimeError
        return 5

    assert reporting.run().metrics["loss"] == 1.0


class Watching:
    """Counts what an observer is told."""

    def __init__(self):
        self.told = []

    def run_started(self, run, plan):
        """Tell nobody."""

    def step_started(self, node):
        self.told.append(f"{node} started")

    def step_progressed(self, node, done, total):
        """Tell nobody."""

    def step_ended(self, finished, because):
        self.told.append(f"{finished.step.node} {finished.step.status}")

    def run_ended(self, run):
        """Tell nobody."""


def test_who_watches_sees_one_step_run(folder):
    """A step that is tried again starts once and ends once."""
    watching = Watching()
    with observing(watching):
        counting(folder)

    assert watching.told == [
        "count_up started",
        "count_up completed",
        "double started",
        "double completed",
    ]


@pytest.mark.parametrize(
    "wrong",
    [-1, "2", 1.5, True, None, Retries(1, pause=-1), Retries(1, factor=0.5), Retries(1, jitter=2)],
)
def test_retries_that_make_no_sense_are_refused(wrong):
    """The option is a count, or `Retries` with pauses that can be waited for."""
    with pytest.raises(WhenceError, match="WH106") as caught:
        count_up.with_options(retries=wrong)

    assert "retries" in str(caught.value)


def test_retries_may_be_set_from_outside_of_the_body(folder):
    """A run gives retries to a node by its name."""
    quick = counting.with_options(steps={"count_up": {"retries": AT_ONCE}})

    assert quick(folder, retries=0).status == "completed"
