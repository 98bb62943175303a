"""When a step is reused, when it is not, and that it says why."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from tests.integration.cache_sessions import computed

import whence
from whence import Output, Step, pipeline, step
from whence.artifacts import DataArtifact

BIG = 300_000  # numbers: more bytes than are hashed at every look


@step
def draw(size: int) -> np.ndarray:
    print(f"drew {size}")
    whence.log_metric("size", size)
    whence.log_metadata(source="generator")
    whence.log_artifact("head", [1, 2])
    return np.random.default_rng().random(size)


@step
def add_up(values: np.ndarray) -> float:
    return float(values.sum())


@pipeline
def work(size: int = 10):
    return add_up(draw(size))


def age_results(project, seconds):
    """Let what is stored have been computed so much earlier."""
    with closing(sqlite3.connect(project / ".whence/metadata.sqlite")) as connection, connection:
        older = "UPDATE cache_entries SET created_at = created_at - ?"
        connection.execute(older, (seconds * 10**6,))


def why(plan, node):
    """Return the reasons that a plan gives for a node, as one text."""
    return "; ".join(plan.decisions[node].reasons)


# ------------------------------------------------------------------ options


def test_a_hit_shows_what_the_computation_showed():
    """Metrics, metadata, logs and extra artifacts are those of the step run that computed it."""
    first, second = work(), work()

    assert computed(second) == []
    assert second.read() == first.read()
    one, other = first.steps.draw, second.steps.draw
    assert other.cached
    assert other.metrics["size"] == one.metrics["size"] == 10
    assert other.metadata == one.metadata == {"source": "generator"}
    assert other.logs() == one.logs() == "drew 10\n"
    assert other.artifacts.head.read() == [1, 2]
    assert other.outputs.result.producer.run.id == first.id


def test_a_step_may_refuse_to_be_reused():
    """`cache=False`, on the step or where it is placed, computes it in every run."""

    @pipeline
    def fresh():
        return add_up(draw.with_options(cache=False)(10))

    assert computed(fresh()) == ["draw", "add_up"]
    assert computed(fresh()) == ["draw", "add_up"]
    assert why(fresh.plan(), "draw") == "the step says cache=False"


def test_a_run_may_reuse_nothing():
    """A pipeline with `cache=False` computes all, and leaves the newer results for others."""
    first = work()
    second = work.with_options(cache=False)()

    assert computed(second) == ["draw", "add_up"]
    assert computed(work()) == []
    assert work().read() == second.read() != first.read()
    assert why(work.with_options(cache=False).plan(), "draw") == "this run reuses nothing"


def test_one_step_can_be_refreshed():
    """The refreshed step runs; what follows runs where its inputs are others now."""
    work()
    refreshed = work.with_options(refresh=["draw"])

    assert why(refreshed.plan(), "draw") == "it is to be refreshed"
    assert computed(refreshed()) == ["draw", "add_up"]
    assert computed(work.with_options(refresh=["add_up"])()) == ["add_up"]
    assert computed(work()) == []


def test_results_go_out_of_date(project):
    """With `cache="7d"` a result serves for seven days after it was computed."""

    @pipeline
    def weekly():
        return draw.with_options(cache="7d")(10)

    weekly()
    age_results(project, 6 * 86_400)
    assert computed(weekly()) == []

    age_results(project, 2 * 86_400)
    assert "older than 7d" in why(weekly.plan(), "draw")
    assert computed(weekly()) == ["draw"]
    assert computed(weekly()) == []


def test_a_step_without_outputs_runs_for_its_effect(project):
    """It runs in every run; with `cache=True` once for each key."""

    @step
    def note(text: str) -> None:
        with Path("notes.txt").open("a") as file:
            file.write(text)

    @pipeline
    def effects(text: str):
        note(text)
        note.with_options(cache=True, name="once")(text)

    for text in ("a", "a", "b", "a"):
        effects(text)

    assert sorted((project / "notes.txt").read_text()) == sorted("aaaabb")


# ------------------------------------------------------------------ what is never reused


def test_a_failed_step_is_never_a_hit(project):
    """It runs again, and its failure is not remembered."""

    @step
    def fragile() -> int:
        with Path("attempts.txt").open("a") as file:
            file.write("x")
        if Path("attempts.txt").read_text() == "x":
            raise RuntimeError
        return 5

    with pytest.raises(RuntimeError):
        fragile.run()

    assert fragile.run().read() == 5
    assert fragile.run().steps.fragile.cached


def test_a_cancelled_step_is_never_a_hit(project):
    """What Ctrl-C stopped is computed by the next run."""

    @step
    def stopped() -> int:
        if not Path("stopped.txt").exists():
            Path("stopped.txt").touch()
            raise KeyboardInterrupt
        return 5

    with pytest.raises(KeyboardInterrupt):
        stopped.run()

    assert stopped.run().read() == 5


def test_a_refused_result_is_never_a_hit():
    """A value of another type than promised fails the step each time."""

    @step
    def wrong() -> int:
        return "5"

    for _ in range(2):
        with pytest.raises(whence.errors.StepFailedError):
            wrong.run()


# ------------------------------------------------------------------ damage


def flip_a_bit(file):
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.chmod(0o600)
    file.write_bytes(data)
    file.chmod(0o400)


def truncate(file):
    file.chmod(0o600)
    os.truncate(file, file.stat().st_size // 2)
    file.chmod(0o400)


def link_elsewhere(file):
    copy = file.parents[4] / "elsewhere"
    copy.write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(copy)


def put_pipe(file):
    file.unlink()
    os.mkfifo(file)


def delete_folder(file):
    folder = file.parent
    folder.chmod(0o700)
    file.unlink()
    folder.rmdir()


@pytest.mark.parametrize("size", [5_000, BIG])
@pytest.mark.parametrize(
    "damage", [flip_a_bit, truncate, link_elsewhere, put_pipe, delete_folder, os.unlink]
)
def test_a_damaged_result_is_computed_again(size, damage):
    """What is not there as it was committed is no hit; the plan says what is wrong with it."""
    first = work(size)
    folder = first.steps.draw.outputs.result.path
    folder.chmod(0o700)
    damage(next(folder.iterdir()))

    assert "the stored output 'result' cannot be used" in why(work.plan(size), "draw")
    second = work(size)

    assert computed(second) == ["draw", "add_up"]
    assert second.read() == second.steps.draw.outputs.result.read().sum()
    assert computed(work(size)) == []


def test_damage_downstream_of_a_hit_reaches_nothing_else():
    """Only the step whose output is gone runs; the same content leaves the rest alone."""

    @step
    def count_up(size: int) -> np.ndarray:
        return np.arange(size)

    @pipeline
    def counted():
        return add_up(count_up(5_000))

    folder = counted().steps.count_up.outputs.result.path
    folder.chmod(0o700)
    (next(folder.iterdir())).unlink()

    assert computed(counted()) == ["count_up"]


def test_files_that_a_step_wrote_itself_are_verified_too(project):
    """An `Output` folder with a file too many, or one too few, is no hit."""

    @step
    def save(folder: Output[DataArtifact]):
        for name in ("a", "b"):
            (folder.path / name).write_text(name * 10_000)

    folder = save.run().steps.save.outputs.folder.path
    folder.chmod(0o700)
    (folder / "c").write_text("c")

    assert computed(save.run()) == ["save"]
    repaired = save.run().steps.save.outputs.folder.path
    assert sorted(each.name for each in repaired.iterdir()) == ["a", "b"]


# ------------------------------------------------------------------ pipelines


@step
def double(value: int) -> int:
    return value * 2


@step
def triple(value: int) -> int:
    return value * 3


@pipeline
def inner(value: int, change: Step[double] = double):
    return change(value)


@pipeline
def outer(value: int, change: Step[double] = double):
    return inner(inner(value, change=change), change=change)


def test_a_nested_pipeline_reuses_what_it_computed_alone():
    """A key knows nothing of the pipeline that a step stands in."""
    inner(3)
    run = outer(3)

    assert run.read() == 12
    assert len(computed(run)) == 1
    assert computed(outer(3)) == []


def test_a_slot_with_another_step_is_another_result():
    """What fills the slot is what counts; swapping back computes nothing."""
    assert outer(3).read() == 12
    assert outer(3, change=triple).read() == 27
    swapped_back = outer(3)

    assert (computed(swapped_back), swapped_back.read()) == ([], 12)


def test_equal_steps_of_one_run_are_computed_once():
    """The second waits for the first, and shows its result as reused."""

    @pipeline
    def twice():
        return draw(10), draw.with_options(name="again")(10)

    run = twice()

    assert computed(run) == ["draw"]
    assert run.outputs.result[0].digest == run.outputs.result[1].digest


def test_a_plan_tells_hits_misses_and_what_is_open():
    """A changed parameter is a miss with both values; what follows is decided later."""
    work(10)
    plan = work.plan(11)

    assert [plan.decisions[node].verdict for node in ("draw", "add_up")] == ["miss", "open"]
    assert why(plan, "draw") == "parameter size 10 → 11"
    assert why(plan, "add_up") == "decided once draw has run"
    assert {each.verdict for each in work.plan(10).decisions.values()} == {"hit"}
