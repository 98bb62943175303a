"""Slots, configured steps, nested pipelines, and steps from another module."""
# ruff: noqa: B008  # A slot's default filler is a configured step: its call runs nothing.

from pathlib import Path

import accepted_everyday
from accepted_everyday import Frame, Regressor, Ridge, Split, evaluate, fit, fit_ridge, load, split

import whence
from whence import Plan, Run, Step, pipeline, step


@step
def score(frame: Frame) -> float:
    return float(frame.shape[0])


@step
def report(model: Regressor, rmse: float) -> None:
    print(model, rmse)


@pipeline
def prepare(data: Path, share: float = 0.2) -> Split:
    return split(load(data), test_share=share)


@pipeline
def train_and_score(data: Path, regressor: Step[fit] = fit) -> float:
    parts = prepare(data)
    return evaluate(regressor(parts.train), parts.test)


@pipeline
def nested(data: Path, regressor: Step[fit], scorer: whence.Step[evaluate]) -> list[float]:
    train, test = prepare(data, share=0.3)
    model = regressor(train)
    again = regressor(train, depth=3)
    first = scorer(model, test)
    second = scorer(model=again, test=test)
    third = train_and_score(data, regressor=fit.bind(depth=8))
    fourth = train_and_score(data, regressor=regressor)
    report(model, third)
    report(model=model, rmse=fourth)
    return [first, second, train_and_score(data), fourth]


@pipeline
def returns_nested(data: Path) -> float:
    return train_and_score(data)


@pipeline
def by_module(data: Path, regressor: Step[accepted_everyday.fit] = fit_ridge) -> Regressor:
    return regressor(accepted_everyday.load(data))  # refused by mypy: to --strict a slot is Any


@pipeline
def reserved(first: Step[score], second: Step[load], reporter: Step[report]) -> float:
    first(frame=second.outputs.result)
    reporter(rmse=first.outputs["result"])
    whence.connect(first, second, reporter)
    return first.outputs.result  # refused by mypy: to --strict a slot is Any


@pipeline
def with_default(data: Path, regressor: Step[fit] = fit.bind(depth=3)) -> Regressor:
    return regressor(load(data))  # refused by mypy: to --strict a slot is Any


deep = fit.bind(depth=8)
deeper = deep.bind(depth=12)
careful = fit.with_options(name="careful", cache="7d")
data_path = Path("data")

for filler in (fit, fit_ridge, deep, careful, fit(Frame(), depth=2)):
    print(train_and_score(data_path, regressor=filler).read() + 1.0)

model_of_bound: Regressor = deeper(train=Frame())
model_of_careful: Regressor = careful.fn(Frame(), depth=2)
careful_run: Run[Regressor] = careful.run(Frame())
bound_run: Run[Regressor] = deep.run(Frame())
plan: Plan = nested.plan(data_path, fit, scorer=evaluate)
print(plan, len(plan), plan.parameters, train_and_score.bind(data=data_path).plan())
prepared = train_and_score.bind(**{"data": data_path, "prepare.split.seed": 1})
bound_rmse: float = prepared(regressor=fit_ridge).read()
scores: list[float] = nested(data_path, fit, evaluate).read()
rmse: float = returns_nested(data_path).read()
regressor_found: Regressor = by_module(data_path).read()
print(
    reserved(score, load.bind(data_path), report.bind(Ridge())).read(),
    with_default(data_path, deep).read(),
)
alpha: float = fit_ridge.run(Frame(), alpha=2.0).read().alpha
fitted: Ridge = fit_ridge.with_options(register="ridge").fn(Frame())
body = train_and_score.fn
