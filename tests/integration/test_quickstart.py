"""The examples: they run as they stand, and the quickstart's figures are what they seem."""

import os
import re
import runpy
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

import whence

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples" / "quickstart" / "quickstart.py"
SMALL_EXAMPLES = sorted((ROOT / "examples").glob("0*.py"))
MOST_LINES = 60

pytestmark = pytest.mark.heavy  # scikit-learn, pandas and polars


@pytest.fixture(scope="module")
def quickstart():
    """Import the quickstart; nothing runs."""
    spec = spec_from_file_location("quickstart", QUICKSTART)
    module = module_from_spec(spec)
    sys.modules["quickstart"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["quickstart"]


@pytest.fixture
def few_flights(quickstart, tmp_path):
    """Write every fortieth flight where the quickstart can read it."""
    tables = quickstart.load.fn(quickstart.DATA)
    folder = tmp_path / "data"
    folder.mkdir()
    tables.flights.iloc[::40].to_csv(folder / "flights.csv.zip", index=False)
    tables.weather.to_csv(folder / "weather.csv", index=False)
    return folder


def test_steps_are_shared_between_models(quickstart, few_flights):
    """Two models in one slot are judged on the same days, and only the model's parts differ."""
    trees = quickstart.delays(data=few_flights, regressor=quickstart.fit.bind(rounds=5))
    linear = quickstart.delays(data=few_flights, regressor=quickstart.fit_ridge)

    assert trees.steps.split.outputs.test.digest == linear.steps.split.outputs.test.digest
    assert trees.steps.regressor.outputs.delay.digest != linear.steps.regressor.outputs.delay.digest
    assert set(trees.metrics) == {"rmse", "mae", "r2"}


def test_equal_runs_give_equal_models(quickstart, few_flights):
    """Run again with equal parameters, each step gives the same bytes."""
    first, second = (quickstart.delays(few_flights, quickstart.fit_ridge) for _ in range(2))

    for node in first.steps:
        made, again = first.steps[node].outputs, second.steps[node].outputs
        assert [made[name].digest for name in made] == [again[name].digest for name in made]


def test_nothing_known_only_after_departure_is_used(quickstart):
    """The model sees schedule, route, carrier and weather, and nothing of the flight itself."""
    hindsight = {"dep_time", "dep_delay", "arr_time", "air_time", "arr_delay", "tailnum"}

    assert hindsight.isdisjoint(quickstart.FEATURES)


def test_no_day_is_in_both_parts(quickstart, few_flights):
    """Flights of one day are all in the training part, or all in the test part."""
    tables = quickstart.load.fn(few_flights)
    train, test = quickstart.split.fn(quickstart.join.fn(*tables), test_share=0.3, seed=1)

    assert set(train["date"]).isdisjoint(test["date"])
    assert abs(test["date"].nunique() / 365 - 0.3) < 0.01


def test_every_flight_that_arrived_is_joined_once(quickstart, few_flights):
    """Weather is added to flights; no flight is lost or doubled by it."""
    tables = quickstart.load.fn(few_flights)

    assert len(quickstart.join.fn(*tables)) == tables.flights["arr_delay"].notna().sum()


@pytest.mark.timeout(600)
def test_the_script_compares_its_runs(tmp_path):
    """`make run` shows runs side by side, names the helper that was edited and what moved."""
    outcome = subprocess.run(
        [sys.executable, QUICKSTART],
        env={**os.environ, "WHENCE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=True,
    )

    for expected in ("shallow", "deep", "linear", "rmse", "fit_ridge", "whence compare"):
        assert expected in outcome.stdout
    words = " ".join(outcome.stdout.split())  # however the lines are broken
    assert re.search(
        r"They part at regressor: helper `to_learn` in \S*quickstart\.py changed"
        r" \(lines [\d-]+\); rmse 40\.\d+ → 40\.\d+ \(better\)\.",
        words,
    )
    assert not outcome.stderr


@pytest.mark.parametrize("example", SMALL_EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_as_it_stands(example, capsys):
    """A numbered example runs, prints something, and leaves only completed runs."""
    runpy.run_path(str(example), run_name="__main__")

    assert capsys.readouterr().out
    assert {run.status for run in whence.runs()} == {"completed"}


@pytest.mark.parametrize("example", SMALL_EXAMPLES, ids=lambda path: path.stem)
def test_example_is_short(example):
    """A numbered example fits on one screen."""
    assert example.read_text(encoding="utf-8").count("\n") <= MOST_LINES
