"""Models: which outputs become versions, how they are named and numbered, and what they tell."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NamedTuple

import pytest
from sqlalchemy import event

import whence
from whence import Metric, Output, pipeline, step
from whence.artifacts import ModelArtifact
from whence.errors import RecordNotFoundError
from whence.stacks.current import open_stack


@step
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"depth": depth}


@step
def score(model: dict[str, int]) -> Annotated[float, Metric("rmse", mode="min")]:
    return 12.0 / model["depth"]


@pipeline
def delays(depth: int = 1):
    return score(fit(depth))


def numbers(name: str) -> list[int | None]:
    """Return the numbers of a model's versions."""
    return [version.number for version in whence.models()[name].versions]


def test_a_model_that_a_step_computes_becomes_a_version():
    """Each new model is the next version; the newest is what its name means."""
    for depth in (1, 2, 3):
        delays(depth=depth)

    assert numbers("delay") == [1, 2, 3]
    assert whence.model("delay").read() == {"depth": 3}
    assert whence.model("delay@2").read() == {"depth": 2}


def test_a_model_that_is_reused_or_made_again_is_no_new_version():
    """A hit makes no version, and a model with the same content is the same version."""
    delays(depth=1)
    delays(depth=1)
    delays.with_options(cache=False)(depth=1)

    assert numbers("delay") == [1]


def test_the_step_may_say_what_its_model_is_called():
    """`register=` comes before the name in the annotation, also where it is given later."""
    fit.with_options(register="other").run(depth=1)

    assert list(whence.models()) == ["other"]


def test_a_model_is_named_after_its_output_else_after_the_pipeline():
    """An output that has a name lends it; the only result of a step takes the pipeline's."""

    class Both(NamedTuple):
        small: Annotated[int, ModelArtifact]
        size: int

    @step
    def grow() -> Both:
        return Both(1, 2)

    @step
    def train(trained: Output[ModelArtifact]):
        (trained.path / "weights.txt").write_text("1 2")

    @step
    def tune() -> Annotated[int, ModelArtifact]:
        return 5

    @pipeline
    def garden():
        grow()
        train()
        tune()

    garden()

    assert list(whence.models()) == ["garden", "small", "trained"]
    assert (whence.model("trained").path / "weights.txt").read_text() == "1 2"


def test_candidates_of_maps_and_sweeps_have_no_number():
    """One of many is numbered when it is promoted; until then the error says how."""

    @pipeline
    def many():
        return fit.map([1, 2])

    many()
    whence.sweep(delays, {"depth": [3, 4]})

    assert len(whence.models()) == 0
    with pytest.raises(RecordNotFoundError, match=r"whence\.promote"):
        whence.model("delay")


def test_a_failed_step_leaves_no_version():
    """What was written before a step failed is no model."""

    @step
    def spoil(trained: Output[ModelArtifact]):
        (trained.path / "weights.txt").write_text("1")
        message = "no"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        spoil.run()

    assert len(whence.models()) == 0


def test_a_version_tells_where_it_comes_from():
    """Run, step, parameters and lineage are those of the run that made it."""
    run = delays(depth=2)
    version = whence.model("delay")

    assert version.run.id == run.id
    assert version.step_run.node == "fit"
    assert version.parameters["fit.depth"] == 2
    assert version.digest == version.artifact.digest == run.steps.fit.outputs.delay.digest
    assert "fit" in str(version.lineage())
    assert version.artifact.producer.node == "fit"


def test_the_metrics_of_a_version_are_those_of_its_run():
    """They come from the step that made it and those that took it, with their modes."""

    @step
    def unrelated() -> Annotated[float, Metric("age", mode="max")]:
        return 1.0

    @pipeline
    def delays():
        unrelated()
        return score(fit(3))

    delays()
    metrics = whence.model("delay").metrics

    assert dict(metrics) == {"rmse": 4.0}
    assert metrics.last_points()["rmse"].mode == "min"


def test_what_people_say_of_a_version_is_shown_with_it():
    """Tags and notes stand in its report and in its card."""
    delays(depth=2)
    version = whence.model("delay@1")
    version.tag("weekly")
    version.note("trained on clean data", who="jo")

    shown = str(whence.model("delay"))

    assert "tags: weekly" in shown
    assert "trained on clean data (jo)" in shown
    assert "* trained on clean data (jo," in whence.model("delay").card()
    whence.models()["delay"].tag("ours")
    assert whence.models()["delay"].tags == ("ours",)


def test_a_card_holds_no_markup_of_the_users():
    """Names and texts that look like Markdown or HTML stay text."""
    delays.with_options(name="a | b <script>")(depth=2)
    version = whence.model("delay")
    version.note("<b>bold</b> | cell")

    card = version.card()

    assert "<script>" not in card
    assert "&lt;b&gt;bold&lt;/b&gt; \\| cell" in card


def test_models_are_listed_with_their_newest_metrics():
    """The listing names every model; as data it has a column for each metric."""
    delays(depth=2)
    listing = whence.models()

    assert "delay" in str(listing)
    assert "rmse 6" in str(listing)
    assert "<table" in listing._repr_html_()
    assert list(listing.frame()["rmse"]) == [6.0]
    assert list(listing["delay"].frame()["version"]) == ["1"]


def test_a_model_is_read_without_its_pipeline():
    """A fresh process in the project reads it by name alone."""
    delays(depth=5)
    code = "import whence; print(whence.model('delay').read())"

    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert printed.stdout.strip() == "{'depth': 5}"


def test_what_does_not_exist_is_answered_with_what_does():
    """Unknown models and versions, and aliases that nobody gave, are named with what there is."""
    delays()

    with pytest.raises(RecordNotFoundError, match="Did you mean 'delay'"):
        whence.model("dela")
    with pytest.raises(RecordNotFoundError, match="It has 1 version, 1; no alias was given"):
        whence.model("delay@7")
    with pytest.raises(RecordNotFoundError, match="delay@champion"):
        whence.model("delay@champion")
    with pytest.raises(RecordNotFoundError, match="Did you mean 'delay'"):
        whence.models()["dely"]


def test_steps_without_models_ask_nothing_of_the_tables_of_models():
    """Numbering costs a run nothing that has no models, and one statement where it has some."""
    score.run(model={"depth": 1})
    with _watching_statements() as without:
        score.run(model={"depth": 2})
    with _watching_statements() as with_one:
        delays(depth=2)

    assert len(without) > 0
    assert [each for each in without if "model_versions" in each] == []
    assert len([each for each in with_one if "model_versions" in each]) == 1


@contextmanager
def _watching_statements() -> Iterator[list[str]]:
    """Give the statements that a block lets the database execute."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    with open_stack().metadata_store.database.reading() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
