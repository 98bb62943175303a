"""The everyday form: plain values, slots with defaults, nested pipelines, settings."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

import whence
from whence import Metric, Step, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.errors import InvalidPipelineError
from whence.materializers import CsvMaterializer, PickleMaterializer

Regressor = HistGradientBoostingRegressor | Ridge


class Split(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


@step
def load(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)


@step
def split(flights: pd.DataFrame, test_share: float = 0.2, seed: int = 0) -> Split:
    test = flights.sample(frac=test_share, random_state=seed)
    return Split(train=flights.drop(test.index), test=test)


@step
def fit(train: pd.DataFrame, depth: int = 6) -> Annotated[Regressor, ModelArtifact, "delay"]:
    model = HistGradientBoostingRegressor(max_depth=depth, max_iter=5, random_state=0)
    return model.fit(train[["x"]], train["y"])


@step
def fit_ridge(train: pd.DataFrame, alpha: float = 1.0) -> Annotated[Ridge, ModelArtifact, "delay"]:
    return Ridge(alpha=alpha).fit(train[["x"]], train["y"])


@step
def evaluate(model: Regressor, test: pd.DataFrame) -> Annotated[float, Metric("rmse", mode="min")]:
    return float(np.sqrt(np.mean((model.predict(test[["x"]]) - test["y"]) ** 2)))


@pipeline
def delays(data: Path, regressor: Step[fit] = fit):
    train, test = split(load(data / "flights.csv"))
    return evaluate(regressor(train), test)


@pytest.fixture
def data(project: Path) -> Path:
    """Return a folder with a small table."""
    x = np.linspace(0, 10, 200)
    folder = project / "data"
    folder.mkdir()
    pd.DataFrame({"x": x, "y": 3 * x + 1}).to_csv(folder / "flights.csv", index=False)
    return folder


def test_a_pipeline_of_plain_values_runs_and_reads_back(data):
    """Frames, models and numbers pass between steps and come back as what they were."""
    run = delays(data)

    assert run.read() == run.metrics["rmse"]
    assert isinstance(run.steps.regressor.outputs.delay, ModelArtifact)
    assert isinstance(run.steps.regressor.outputs.delay.read(), HistGradientBoostingRegressor)
    assert isinstance(run.steps.split.outputs.train, DataArtifact)
    assert len(run.steps.split.outputs.train.read()) == 160
    assert run.steps.split.outputs.train.read(pl.DataFrame).height == 160


def test_swapping_the_model_step_changes_only_the_slot(data):
    """Another step in the slot is another run of the same pipeline, and the comparison says so."""
    first, second = delays(data), delays(data, regressor=fit_ridge.bind(alpha=0.1))
    text = str(whence.compare(first, second))

    assert second.steps.regressor.step == "fit_ridge"
    assert second.metrics["rmse"] < first.metrics["rmse"]
    assert "fit_ridge" in text
    assert "rmse" in text


def test_what_the_body_leaves_at_its_default_can_be_set_by_node(data):
    """`bind` with `node.parameter` sets it for a run; what the body bound stays its own."""
    run = delays.bind(**{"split.seed": 7, "regressor.depth": 2})(data)

    assert run.parameters["split.seed"] == 7
    assert run.parameters["regressor.depth"] == 2
    with pytest.raises(InvalidPipelineError, match="cannot be set from outside"):
        delays.bind(**{"split.flights": 1}).plan(data)


def test_a_pipeline_nests_in_another(data):
    """Inside another body a pipeline's steps are placed under its name."""

    @step
    def worst(scores: list[float]) -> float:
        return max(scores)

    @pipeline
    def both(data: Path):
        return worst([delays(data), delays(data, regressor=fit_ridge)])

    run = both(data)

    assert "delays.regressor" in run.steps
    assert run.steps["delays_2.regressor"].step == "fit_ridge"
    scores = [run.steps[name].outputs.result.read() for name in run.steps if "evaluate" in name]
    assert run.read() == max(scores)


def test_a_frame_given_for_an_input_becomes_an_artifact_without_a_producer(data):
    """A value from a notebook is stored by its type's materializer and recorded as an input."""
    frame = pd.read_csv(data / "flights.csv")

    @pipeline
    def from_notebook(frame: pd.DataFrame):
        train, test = split(frame)
        return evaluate(fit_ridge(train), test)

    run = from_notebook(frame)
    given = run.steps.split.inputs.flights

    assert given.producer is None
    assert given.read().equals(frame)


def test_a_consumer_asks_for_another_view_of_the_same_artifact(data):
    """A stored pandas frame is read as polars, lazily, or as the file that it is."""

    @step
    def count_polars(table: pl.DataFrame) -> int:
        return table.height

    @step
    def count_lazily(table: pl.LazyFrame) -> int:
        return table.select(pl.len()).collect().item()

    @step
    def is_file(table: Path) -> bool:
        return table.is_file()

    @pipeline
    def views(data: Path):
        table = load(data / "flights.csv")
        return {
            "polars": count_polars(table),
            "lazy": count_lazily(table),
            "file": is_file(table),
        }

    assert views(data).read() == {"polars": 200, "lazy": 200, "file": True}


def test_outputs_are_named_by_a_tuple_of_annotated_elements():
    """A tuple whose elements are all named is several outputs."""

    @step
    def bounds(values: list[float]) -> tuple[Annotated[float, "low"], Annotated[float, "high"]]:
        return min(values), max(values)

    @step
    def width(low: float, high: float) -> float:
        return high - low

    @pipeline
    def spread():
        low, high = bounds([3.0, 9.0, 5.0])
        return width(low=low, high=high)

    run = spread()

    assert run.read() == 6.0
    assert run.steps.bounds.outputs.high.read() == 9.0


def test_a_named_materializer_decides_how_a_value_is_stored():
    """The annotation names the format; pickle only when it is named."""

    class Odd:
        def __eq__(self, other):
            return isinstance(other, Odd)

        __hash__ = object.__hash__

    @step
    def as_csv() -> Annotated[pd.DataFrame, CsvMaterializer()]:
        return pd.DataFrame({"a": [1, 2]})

    with pytest.raises(whence.errors.MaterializerNotFoundError, match="Odd"):

        @step
        def refused() -> Odd:
            return Odd()

    @step
    def pickled() -> Annotated[complex, PickleMaterializer()]:
        return 1j

    run = as_csv.run()

    assert run.outputs.result.format == "csv/1"
    assert (run.outputs.result.path / "data.csv").exists() or list(
        run.outputs.result.path.iterdir()
    )
    assert pickled.run().read() == 1j


class Mode(Enum):
    FAST = "fast"
    GOOD = "good"


@dataclass(frozen=True)
class Settings:
    depth: int
    mode: Mode = Mode.FAST


def test_parameters_are_validated_and_recorded_as_they_were_used():
    """Dataclasses, enums and paths are parameters; what is recorded is the validated value."""

    @step
    def describe(settings: Settings, mode: Mode, share: float) -> str:
        return f"{settings.depth} {settings.mode.name} {mode.name} {type(share).__name__}"

    run = describe.run(Settings(3), mode="good", share=1)

    assert run.read() == "3 FAST GOOD float"
    assert run.parameters["describe.settings"] == Settings(3)
    assert run.parameters["describe.mode"] is Mode.GOOD
    assert run.steps.describe.parameters["share"] == 1.0


def test_a_collection_of_frames_is_stored_item_by_item():
    """A list or dict of frames is one output whose items keep their formats."""

    @step
    def parts() -> dict[str, pd.DataFrame]:
        return {"a": pd.DataFrame({"x": [1]}), "b": pd.DataFrame({"x": [2, 3]})}

    @step
    def rows(tables: dict[str, pd.DataFrame]) -> int:
        return sum(len(table) for table in tables.values())

    @pipeline
    def counted():
        return rows(parts())

    assert counted().read() == 3


def test_the_bare_function_needs_nothing(data):
    """`fn` is the function itself, for tests."""
    train = pd.read_csv(data / "flights.csv")

    assert isinstance(fit_ridge.fn(train), Ridge)


def test_a_run_can_be_named_and_tagged(data):
    """Name and tags are found in the listing of runs."""
    delays.with_options(name="first try", tags=["small"])(data)

    assert whence.run("first try").tags == ("small",)
    assert [run.name for run in whence.runs(pipeline="delays")] == ["first try"]


def test_steps_without_outputs_run_for_their_effect(project):
    """A step that returns nothing and writes nothing is fine."""

    @step
    def touch(name: str):
        Path(name).touch()

    run = touch.run("done")

    assert (project / "done").exists()
    assert len(run.outputs) == 0
    assert run.read() is None


def test_what_the_body_returns_names_the_runs_outputs(data):
    """A dict names the outputs of the run."""

    @pipeline
    def both_parts(data: Path):
        parts = split(load(data / "flights.csv"))
        return {"train": parts.train, "rest": parts.test}

    run = both_parts(data)

    assert len(run.outputs.rest.read()) == 40
    assert sorted(run.read()) == ["rest", "train"]
