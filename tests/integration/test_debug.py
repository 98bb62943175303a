"""`whence.debug`: a step of a past run is called again with exactly what it took."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import pytest

import whence
from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact
from whence.errors import (
    InvalidParameterError,
    StepCodeNotFoundError,
    StepNotReplayableError,
    UnknownArgumentError,
    WrongReturnError,
)
from whence.materializers import TextMaterializer
from whence.stacks.current import open_stack

LIMIT = 100


class Pair(NamedTuple):
    low: int
    high: int


@step
def load(count: int = 4) -> list[int]:
    return list(range(count))


@step
def split(rows: list[int]) -> Pair:
    return Pair(min(rows), max(rows))


@step
def square(row: int) -> int:
    return row * row


@step
def total(squares: list[int], named: dict[str, int], pair: tuple[int, int], base: int = 1) -> int:
    whence.log_metric("size", len(squares))
    whence.log_metadata(device="cpu")
    whence.log_artifact("copy", squares)
    squares.append(0)
    return sum(squares) + sum(named.values()) + sum(pair) + base


@step
def fail(value: int) -> int:
    if value > LIMIT:
        raise ValueError("too much")
    return value


@step
def save(value: int, out: Output[DataArtifact]):
    (out.path / "value.txt").write_text(str(value))


@step
def look(files: Input[DataArtifact], text: Annotated[str, TextMaterializer()] = "") -> str:
    return (files.path / "value.txt").read_text() + text


@step
async def wait(value: int) -> int:
    await asyncio.sleep(0)
    return value + 1


@step(env=["WHENCE_TEST_REGION"], secrets=["WHENCE_TEST_TOKEN"])
def call_out(value: int) -> str:
    return f"{value} {os.environ['WHENCE_TEST_REGION']} {os.environ['WHENCE_TEST_TOKEN']}"


@step
def size_of(file: Path) -> int:
    return len(file.read_text())


@pipeline
def inner(value: int):
    return wait(value)


@pipeline
def sums(count: int = 4):
    rows = load(count)
    low, high = split(rows)
    squares = square.map(rows)
    value = total(squares, {"a": low, "b": high}, (low, high))
    inner(value)
    return look(save(value)) if count < 50 else fail(value)


def count_records():
    """Return how many runs and artifacts there are."""
    store = open_stack().metadata_store
    return len(whence.runs(limit=None)), len(store.list_artifacts(limit=None))


def test_a_step_is_called_with_what_it_took():
    """Lists, dicts and tuples of artifacts come as they came; nothing is recorded."""
    run = sums()
    before = count_records()
    replay = whence.debug(run, "total")

    assert replay.inputs == {"squares": [0, 1, 4, 9], "named": {"a": 0, "b": 3}, "pair": (0, 3)}
    assert replay.parameters == {"base": 1}
    assert replay.call() == run.steps.total.outputs.result.read()
    assert count_records() == before
    assert replay.step is total


def test_each_call_gets_fresh_inputs():
    """What a step does to its arguments is not seen by the next call, nor in `.inputs`."""
    replay = whence.debug(sums(), "total")

    assert replay.call() == replay.call()
    assert replay.inputs["squares"] == [0, 1, 4, 9]


def test_parameters_and_inputs_can_be_changed():
    """By name; a wrong name or value is refused."""
    replay = whence.debug(sums(), "total")

    assert replay.call(base=11) == replay.call() + 10
    assert replay.call(squares=[100], named={}, pair=(0, 0)) == 101
    with pytest.raises(UnknownArgumentError):
        replay.call(bass=1)
    with pytest.raises(InvalidParameterError):
        replay.call(base="many")


def test_what_a_step_reports_is_collected_and_not_recorded():
    """Metrics, metadata and artifacts of the last call are there to be looked at."""
    replay = whence.debug(sums(), "total")
    replay.call()

    assert replay.reported.metrics == {"size": 4.0}
    assert replay.reported.metadata == {"device": "cpu"}
    assert list(replay.reported.artifacts) == ["copy"]


def test_items_nested_nodes_and_async_steps_are_replayed():
    """`square[3]`, `inner.wait`: whatever a run shows as a step."""
    run = sums()

    assert whence.debug(run, "square[3]").call() == 9
    assert (
        whence.debug(run.id[-8:], "inner.wait").call()
        == run.steps["inner.wait"].outputs["result"].read()
    )


def test_a_step_that_failed_is_replayed():
    """It raises again; with another input it does not."""
    with pytest.raises(ValueError, match="too much") as caught:
        sums(50)
    replay = whence.debug(caught.value.whence_run, "fail")

    with pytest.raises(ValueError, match="too much"):
        replay.call()
    assert replay.call(value=7) == 7


def test_outputs_are_written_to_a_private_folder():
    """What a step writes is there afterwards, and not in the store."""
    run = sums()
    before = count_records()
    replay = whence.debug(run, "save")
    replay.call(value=12)

    assert (replay.folders["out"] / "value.txt").read_text() == "12"
    assert whence.debug(run, "look").call(text="!").endswith("!")
    assert count_records() == before


def test_a_reused_step_run_is_replayed_with_its_own_inputs():
    """A hit has recorded what it took, as every step run."""
    sums()
    again = sums()

    assert again.steps.total.cached
    assert whence.debug(again, "total").call() == again.steps.total.outputs.result.read()


def test_environment_values_are_as_they_were(monkeypatch):
    """Declared values are those of the run, secrets those of now; both are put back."""
    monkeypatch.setenv("WHENCE_TEST_REGION", "north")
    monkeypatch.setenv("WHENCE_TEST_TOKEN", "old")
    run = call_out.run(3)
    monkeypatch.setenv("WHENCE_TEST_REGION", "south")
    monkeypatch.setenv("WHENCE_TEST_TOKEN", "new")

    assert whence.debug(run, "call_out").call() == "3 north new"
    assert os.environ["WHENCE_TEST_REGION"] == "south"


def test_a_missing_secret_is_named(monkeypatch):
    """A secret is not recorded: the environment must hold it."""
    monkeypatch.setenv("WHENCE_TEST_REGION", "north")
    monkeypatch.setenv("WHENCE_TEST_TOKEN", "old")
    run = call_out.run(3)
    monkeypatch.delenv("WHENCE_TEST_TOKEN")

    with pytest.raises(StepNotReplayableError, match="WHENCE_TEST_TOKEN"):
        whence.debug(run, "call_out").call()


def test_files_are_found_from_where_the_run_was_started(tmp_path, monkeypatch):
    """A relative path means what it meant."""
    monkeypatch.setenv("WHENCE_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "rows.txt").write_text("123")
    monkeypatch.chdir(tmp_path / "here")
    run = sizes(Path("rows.txt"))
    monkeypatch.chdir(tmp_path)

    assert whence.debug(run, "size_of").call() == 3
    assert Path.cwd() == tmp_path


@pipeline
def sizes(file: Path):
    return size_of(file)


def test_a_replay_can_be_recorded():
    """As a run of its own, with the same artifacts and other parameters."""
    run = sums()
    recorded = whence.debug(run, "total").record(base=2)

    assert recorded.status == "completed"
    assert recorded.read() == run.steps.total.outputs.result.read() + 1
    assert recorded.steps.total.inputs.named["a"].producer.node == "split"


def test_a_return_is_checked_as_in_a_run():
    """`.check` says what a run would say, and gives the values by output."""
    replay = whence.debug(sums(), "split")

    assert replay.check(replay.call()) == {"low": 0, "high": 3}
    with pytest.raises(WrongReturnError):
        replay.check((1, "two"))


def test_changed_code_is_said_first(monkeypatch):
    """What the step reaches is compared with what it was in the run."""
    run = fail.run(3)
    assert whence.debug(run, "fail").code_changes == ()
    monkeypatch.setitem(globals(), "LIMIT", 101)
    changes = whence.debug(run, "fail").code_changes

    assert [change.kind for change in changes] == ["constant"]
    assert "LIMIT 100 → 101" in changes[0].sentence


def test_an_input_whose_bytes_are_gone_is_named():
    """The content of an input was deleted: the error says which, and what to do."""
    run = sums()
    store = open_stack().metadata_store
    with store.database.writing(durable=False) as connection:
        connection.exec_driver_sql("UPDATE contents SET inline = x'00' WHERE inline IS NOT NULL")

    with pytest.raises(StepNotReplayableError, match="squares") as caught:
        whence.debug(run, "total").call()
    assert "Run the step that made it again" in str(caught.value)


def test_an_input_whose_record_is_lost_is_told_of():
    """A replay without one of its inputs would be another one."""
    run = sums()
    lost = run.steps["square[2]"].outputs.result.source.fact("id")
    with open_stack().metadata_store.database.writing(durable=False) as connection:
        connection.exec_driver_sql("DELETE FROM artifacts WHERE id = ?", (lost,))

    with pytest.raises(StepNotReplayableError, match="records of 7 are left"):
        whence.debug(whence.run(run.id), "total")


def test_what_never_ran_is_refused():
    """A step that was skipped, and a map, which has items instead."""
    with pytest.raises(ValueError, match="too much") as caught:
        after_failure()
    run = caught.value.whence_run

    with pytest.raises(StepNotReplayableError, match="never ran"):
        whence.debug(run, "square")
    with pytest.raises(StepNotReplayableError, match="Name one of them: square"):
        whence.debug(sums(), "square")


@pipeline
def after_failure():
    return square(fail(1000))


def test_a_step_that_is_not_found_can_be_handed_in():
    """A step that is local to a function has no place of its own."""

    @step
    def local(value: int = 2) -> int:
        return value

    run = local.run()

    with pytest.raises(StepCodeNotFoundError, match="inside a function"):
        whence.debug(run, "local")
    assert whence.debug(run, "local", step=local).call() == 2


def test_a_replay_shows_itself():
    """What goes in, in a terminal and in a notebook."""
    replay = whence.debug(sums(), "total")

    assert "a dict of 2" in str(replay)
    assert "its code is as it was" in str(replay)
    assert "<Replay of total of run" in repr(replay)
    assert "a list of 4" in replay._repr_html_()


NOTEBOOK = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell('''
import whence
from whence import step
RATE = 3
@step
def fit(rows: int = 2) -> int:
    return rows * RATE
run = fit.run()
''')
shell.run_cell("print(whence.debug(run, 'fit').call(rows=5))")
shell.run_cell("RATE = 4")
shell.run_cell("print([str(each) for each in whence.debug(run, 'fit').code_changes])")
"""


def test_a_step_of_a_notebook_is_replayed_there(tmp_path):
    """Its code is in the session, and in no file; what changed in another cell is seen."""
    pytest.importorskip("IPython")
    outcome = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        cwd=tmp_path,
        env={**os.environ, "WHENCE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert outcome.stdout.splitlines() == ["15", "['constant __main__.RATE 3 → 4']"]
