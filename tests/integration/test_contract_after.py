"""What the contract says of a finished run and of how its data lie, sentence by sentence."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import whence
from whence import Output, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.errors import (
    IntegrityError,
    RecordNotFoundError,
    UnknownMemberError,
    UnreadableArtifactError,
)


@step
def add(a: int, b: int = 1) -> int:
    return a + b


@step
def zeros(n: int) -> np.ndarray:
    return np.zeros(n)


@step
def count(given: list[int]) -> int:
    return len(given)


class Pair(NamedTuple):
    low: int
    high: int


@step
def split(n: int) -> Pair:
    return Pair(n, n + 1)


@step
def break_(n: int) -> int:
    raise KeyError(n)


@pipeline
def sums(n: int = 2):
    node = add(n)
    return {"sum": node, "count": count([node, add(node)])}


# ------------------------------------------------------------------ a finished run


def test_a_run_tells_what_it_was_given_and_what_came_of_it():
    """Id, name, status, parameters, outputs, steps, metrics and duration are there at once."""
    run = sums.with_options(name="first", tags=["small"])(n=5)

    assert (run.name, run.status, run.tags) == ("first", "completed", ("small",))
    assert run.parameters == {"n": 5, "add.a": 5, "add.b": 1, "add_2.b": 1}
    assert run.duration > 0
    assert list(run.steps) == ["add", "add_2", "count"]
    assert run.read() == {"sum": 6, "count": 2}


@pytest.mark.parametrize(
    ("returned", "names"),
    [
        (lambda: {"a": add(1), "b": add(2)}, ["a", "b"]),
        (lambda: split(1), ["low", "high"]),
        (lambda: add(1), ["result"]),
        (lambda: [add(1), add(2)], ["result"]),
        (lambda: Pair(add(1), add(2)), ["low", "high"]),
    ],
)
def test_outputs_are_named_by_what_the_body_returned(returned, names):
    """A dict or NamedTuple names a run's outputs; anything else is `result`."""

    @pipeline
    def some():
        return returned()

    assert list(some().outputs) == names


def test_reading_a_run_gives_the_shape_that_the_body_returned():
    """Lists, tuples, dicts and NamedTuples come back as such, at any depth."""

    @pipeline
    def shapes():
        return [add(1), (add(2), {7: add(3)}), Pair(add(4), add(5))]

    value = shapes().read()

    assert value == [2, (3, {7: 4}), (5, 6)]
    assert isinstance(value[2], Pair)


def test_a_dict_with_numbers_for_keys_is_shown_and_read_as_it_was():
    """Keys stay what they are in the value; as names of outputs they are text."""

    @pipeline
    def by_depth(depths: list[int]):
        return {depth: add(depth) for depth in depths}

    run = by_depth([0, 4])

    assert run.read() == {0: 1, 4: 5}
    assert run.outputs["4"].read() == 5
    assert "add_2.result" in str(run)


def test_steps_and_outputs_are_found_by_attribute_and_by_item():
    """They iterate over names, have a length and know what is in them; no name is taken."""
    run = sums()

    assert run.steps.add.outputs.result.read() == run.steps["add"].outputs["result"].read()
    assert (len(run.steps), "add" in run.steps, "nope" in run.steps) == (3, True, False)
    assert [name for name in dir(type(run.outputs)) if not name.startswith("_")] == []
    with pytest.raises(UnknownMemberError, match="Known: 'sum', 'count'"):
        _ = run.outputs.nope


def test_a_step_run_tells_its_inputs_outputs_and_words():
    """Inputs are artifacts by argument; a list of them where a list was given."""
    ran = sums().steps.count

    assert [each.read() for each in ran.inputs.given] == [3, 4]
    assert (ran.status, ran.cached, ran.error, ran.logs()) == ("completed", False, None, "")


def test_an_artifact_tells_where_it_came_from_and_who_took_it():
    """Address, size, digest, producer, consumers and lineage are known after the run."""
    run = sums()
    artifact = run.outputs.sum

    assert (artifact.uri, artifact.size) == (f"whence:{artifact.digest}", 1)
    assert artifact.producer.node == "add"
    assert {each.node for each in artifact.consumers} == {"add_2", "count"}
    assert "add.result" in str(artifact.lineage())


def test_runs_are_listed_newest_first_and_found_by_id_end_of_id_or_name():
    """Six characters of an id are enough; fewer are refused with what may have been meant."""
    first, second = sums.with_options(name="named")(), sums()
    add.run(1)

    assert [run.id for run in whence.runs(pipeline="sums")] == [second.id, first.id]
    assert len(whence.runs(status="completed", limit=2)) == 2
    for key in (first.id, first.id[-6:], "named"):
        assert whence.run(key).id == first.id
    with pytest.raises(RecordNotFoundError, match="last 6 characters"):
        whence.run(first.id[-5:])


def test_ids_sort_in_the_order_of_beginning():
    """Sortable ids let records of several stores be merged without renumbering."""
    ids = [add.run(n).id for n in range(20)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_metrics_runs_and_comparisons_are_frames():
    """`.frame()` gives a DataFrame."""

    @step
    def score() -> float:
        whence.log_metric("loss", 1.0)
        return 1.0

    run = score.run()
    frames = [run.metrics.frame(), whence.runs().frame(), whence.compare(run, score.run()).frame()]

    assert all(isinstance(frame, pd.DataFrame) and len(frame) for frame in frames)


def test_a_comparison_shows_cause_effect_and_where_the_runs_part():
    """It is readable in a terminal, as HTML and as data."""
    comparison = whence.compare(sums(n=1), sums(n=2))
    text = str(comparison)

    assert "They part at add: parameter a 1 → 2." in text
    assert "add.result" in text
    assert comparison.to_dict()["divergence"]["node"] == "add"
    assert comparison._repr_html_().startswith("<div")


def test_texts_have_no_colour_and_name_every_step():
    """`str` of a run, a plan and a comparison is its text for a terminal, without colour."""
    run = sums()
    texts = [str(run), str(sums.plan()), str(whence.compare(run, sums(n=9)))]

    assert all("\x1b" not in text for text in texts)
    assert all(name in text for text in texts for name in run.steps)


# ------------------------------------------------------------------ a run that failed


def test_a_failed_run_raises_the_steps_own_exception_and_keeps_the_rest():
    """What completed can be read; what never came says which step it would have come from."""

    @pipeline
    def partly():
        return {"never": add(break_(1)), "fine": add(1)}

    with pytest.raises(KeyError) as caught:
        partly()
    run = caught.value.whence_run
    statuses = {name: run.steps[name].status for name in run.steps}

    assert any("step 'break_' of run" in note for note in caught.value.__notes__)
    assert statuses == {"break_": "failed", "add": "skipped", "add_2": "completed"}
    assert run.outputs.fine.read() == 2
    with pytest.raises(RecordNotFoundError, match="step 'add', which is skipped"):
        run.read()
    assert "KeyError: 1" in str(run)


def test_several_failed_steps_raise_a_group_with_the_run():
    """An `ExceptionGroup` holds each step's own exception."""

    @pipeline
    def both():
        break_(1)
        break_(2)

    with pytest.raises(ExceptionGroup) as caught:
        both()
    assert [str(error) for error in caught.value.exceptions] == ["1", "2"]
    assert caught.value.whence_run.status == "failed"


# ------------------------------------------------------------------ how data lie


def test_an_artifact_is_read_as_any_of_its_views():
    """A stored frame is read as pandas, polars, Arrow or a path; a number is no frame."""

    @step
    def frame() -> pd.DataFrame:
        return pd.DataFrame({"a": [1, 2]})

    artifact = frame.run().outputs.result

    for kind in (pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table):
        assert isinstance(artifact.read(kind), kind)
    assert artifact.read(Path).is_file()
    with pytest.raises(UnreadableArtifactError):
        artifact.read(int)


def test_a_path_view_of_one_file_is_that_file_and_of_several_the_folder():
    """An artifact is a folder; where it holds one file, that file is what is meant."""

    @step
    def write(out: Output[DataArtifact], names: list[str]):
        for name in names:
            (out.path / name).write_text("x")

    def view(*names: str) -> Path:
        return write.run(names=list(names)).steps.write.outputs.out.read(Path)

    assert view("only.txt").name == "only.txt"
    assert sorted(place.name for place in view("a", "b").iterdir()) == ["a", "b"]


def test_equal_content_is_stored_once_and_remains_two_artifacts():
    """Content is bytes under a digest; an artifact is a record of who made it."""

    @pipeline
    def twice():
        return [zeros(5_000), zeros.with_options(name="again", cache=False)(5_000)]

    first, second = twice().outputs.result

    assert (first.digest, first.uri) == (second.digest, second.uri)
    assert (first.producer.node, second.producer.node) == ("zeros", "again")


def test_a_small_value_lies_in_the_record_and_unfolds_when_asked_for():
    """Its address is `whence:<digest>`, its path a folder that holds the file."""
    artifact = add.run(1).outputs.result

    assert artifact.uri == f"whence:{artifact.digest}"
    assert [place.read_text() for place in artifact.path.iterdir()] == ["2"]


def test_what_was_tampered_with_is_never_given_out():
    """Other bytes than were recorded, or none, are an error that names the file."""
    run = zeros.run(10_000)
    folder = run.outputs.result.path
    file = next(folder.iterdir())
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-8] + b"\1" * 8)

    with pytest.raises(IntegrityError, match="has other bytes"):
        whence.run(run.id).read()
    folder.chmod(0o700)
    file.unlink()
    with pytest.raises(IntegrityError, match="is missing"):
        whence.run(run.id).read()


def test_what_every_reader_gets_is_its_own():
    """A mutable value is handed to no two steps, and changing what was read changes no record."""

    @step
    def make() -> list[int]:
        return SHARED

    @step
    def grow(items: list[int]) -> list[int]:
        items.append(2)
        return items

    @pipeline
    def branches():
        node = make()
        return [grow(node), grow(node), node]

    SHARED = [1]
    run = branches()
    SHARED.append(9)
    run.read()[2].append(9)

    assert run.read() == [[1, 2], [1, 2], [1]]


def test_what_is_given_out_is_of_the_type_that_was_declared():
    """What a step gets, what outputs give and what a user builds are all `ModelArtifact`."""
    seen: list[object] = []

    @step
    def train(out: Output[ModelArtifact]):
        seen.append(out)
        (out.path / "model").touch()

    seen.append(train.run().steps.train.outputs.out)
    seen.append(ModelArtifact(os.devnull))

    assert all(isinstance(each, ModelArtifact) for each in seen)
