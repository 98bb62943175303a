"""The everyday form: steps that take and return plain values; a node reads as its value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

from whence import Input, Metric, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.materializers import PickleMaterializer

Item = TypeVar("Item")


@dataclass(frozen=True)
class Frame:
    shape: tuple[int, int] = (0, 0)

    def column(self, name: str) -> list[float]:
        return [float(len(name))]


@dataclass(frozen=True)
class Boosted:
    depth: int = 0


@dataclass(frozen=True)
class Ridge:
    alpha: float = 1.0


Regressor = Boosted | Ridge


class Split(NamedTuple):
    train: Frame
    test: Frame


@dataclass(frozen=True)
class Settings:
    folds: int = 3


@step
def load(path: Path) -> Frame:
    return Frame()


@step
def split(flights: Frame, test_share: float = 0.2, seed: int = 0) -> Split:
    return Split(train=flights, test=flights)


@step
def fit(train: Frame, depth: int = 6) -> Annotated[Regressor, ModelArtifact, "delay"]:
    return Boosted()


@step
def fit_ridge(
    train: Frame, alpha: float = 1.0
) -> Annotated[Ridge, ModelArtifact, PickleMaterializer(), "delay"]:
    return Ridge()


@step
def evaluate(model: Regressor, test: Frame) -> Annotated[float, Metric("rmse", mode="min")]:
    return float(test.shape[0])


@step
def halves(
    table: Frame,
) -> tuple[Annotated[Frame, "left"], Annotated[Frame, "right"]]:
    return table, table


@step
def mean(scores: list[float]) -> float:
    return sum(scores) / len(scores)


@step
def table_of(scores: dict[str, float]) -> Frame:
    return Frame()


@step
def either(left: Frame | None, settings: Settings, names: tuple[str, ...] = ()) -> int | None:
    return None


@step
def first(items: list[Item]) -> Annotated[Item, PickleMaterializer()]:
    return items[0]


@step
def anything(frame: Frame) -> Annotated[Any, PickleMaterializer()]:
    return frame.shape


@step
def only_from_a_step(frame: Input[Frame], path: Path | None = None) -> str:
    return f"{frame.shape} {path}"


@pipeline
def delays(data: Path, regressor: Step[fit] = fit) -> float:
    train, test = split(load(data / "flights.csv"))
    return evaluate(regressor(train), test)


@pipeline
def unannotated(data: Path):  # refused by mypy: --strict asks for a return annotation
    parts = split(load(data), seed=3)
    return evaluate(fit(parts.train, depth=2), parts.test)


@pipeline
def plain_python(data: Path, folds: int = 3, *, robust: bool = False) -> dict[str, float]:
    table = load(data)
    scores: list[float] = []
    for seed in range(folds):
        train, test = split(table, seed=seed)
        model = fit_ridge(train) if robust else fit(train)
        scores.append(evaluate(model, test))
    left, right = halves(table)
    by_name = {"left": evaluate(fit(left), right), "first": scores[0]}
    table_of(by_name)
    return {"mean": mean(scores), "again": mean([*scores, by_name["left"]])}


@pipeline
def other_values(data: Path) -> Split:
    table = load(data)
    either(table, Settings(folds=2), ("a", "b"))
    either(None, settings=Settings())
    only_from_a_step(frame=table)
    only_from_a_step(frame=table, path=data)
    evaluate(test=table, model=anything(table))
    only_from_a_step(first([table, table]))
    fit(Frame())
    return split(table)


frame: Frame = load.fn(Path("flights.csv"))
column: list[float] = split.fn(frame).train.column("delay")
model: Regressor = fit.fn(frame, depth=3)
ridge: Ridge = fit_ridge.fn(frame)
print(anything.fn(frame)[0], either.fn(frame, Settings()))
number: int = first.fn([1, 2])  # refused by mypy: it solves no generic step
rmse: float = delays(Path("data")).read()
rmse_again: float = delays(data=Path("data"), regressor=fit_ridge).read()
shape: tuple[int, int] = other_values(Path("data")).read().train.shape
named: dict[str, float] = plain_python(Path("data"), 5, robust=True).read()
print(unannotated(Path("data")).read() + 1.0)
print(fit.run(frame, depth=3).read(), load.run(Path("data/flights.csv")).read().shape)
