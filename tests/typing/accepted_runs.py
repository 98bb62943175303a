"""Options, what a running step reports, and what a finished run tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import whence
from whence import Metric, Resources, Run, Step, errors, pipeline, step


@step
def patient(epochs: int) -> float:
    return float(epochs)


@step(register="delay", cache=False, resources=Resources(cpu=1, gpu=0, memory="2GiB"))
def remote(epochs: int = 3) -> dict[str, float]:
    return {"loss": float(epochs)}


@step()
def bare_call(numbers: list[int]) -> int:
    return sum(numbers)


@step(name="effect", resources={"cpu": 2})
def for_its_effect(total: int) -> None:
    print(total)


@step
def reporting(epochs: int, names: list[str]) -> float:
    for epoch in whence.progress(range(epochs)):
        whence.log_metric("loss", 1.0 / (epoch + 1), step=epoch)
    for number in whence.progress(3):
        whence.log_metric("count", number, mode="max")
    for name in whence.progress(names):
        whence.log_metadata({"name": name.upper()}, source="list")
    bar = whence.progress(100)
    bar.advance()
    bar.advance(by=10)
    whence.log_metrics({"rmse": 3.1, "r2": 1}, step=epochs)
    whence.log_artifact("roc", [0.1, 0.9])
    return 0.0


@pipeline
def training(path: Path, fit: Step[patient] = patient) -> float:
    for_its_effect(bare_call([1, 2, 3]))
    remote(epochs=2)
    reporting(3, ["a"])
    return fit(epochs=3)  # refused by mypy: to --strict a slot is Any


@pipeline(name="nightly", tags=["night"], cache=False)
def nightly(epochs: int = 3) -> float:
    return patient(epochs)


run = training.with_options(
    name="first",
    tags=["x", "y"],
    steps={"fit": {"resources": {"memory": "2GiB"}}, "remote": {"cache": "1d"}},
)(Path("data"))
run_id: str = run.id
run_name: str | None = run.name
of_pipeline: str = run.pipeline
completed: bool = run.status == "completed" or run.status.finished
parameters: Mapping[str, Any] = run.parameters
tags: tuple[str, ...] = run.tags
loss: float = run.metrics["loss"]
losses: list[float] = [value for _, value in run.metrics.items()]
print(run.metrics.frame().shape, run.duration, "loss" in run.metrics)
started: datetime = run.started_at
message: str | None = run.error.message if run.error else None
print(run.outputs.result.read(), run.outputs["result"].digest, len(run.outputs))
fitted = run.steps["fit"]
logs: str = fitted.logs() + run.steps.fit.logs()
cached: bool = fitted.cached or fitted.status == "skipped"
print(fitted.outputs.result.read(), fitted.inputs, list(run.steps), len(run.steps))
uri: str = fitted.outputs["result"].uri
value: float = run.read()

found: Run[Any] = whence.run("first")
latest: Sequence[Run[Any]] = whence.runs(pipeline="training", status="completed", tag="x", limit=5)
everything = whence.runs(pipeline="training", limit=None)
print([each.id for each in whence.runs()], everything[0].read().is_integer())
comparison = whence.compare(found, "first", *latest, show_equal=True)
print(comparison, comparison.to_dict()["steps"], comparison.frame().columns)
print(nightly().read() + nightly(epochs=2).read(), nightly.plan(2), whence.__version__)
lowest = Metric("rmse", mode="min")
unjudged = Metric("rows")
gpu = Resources(gpu=0.5)


def best_of(candidates: Sequence[Run[float]]) -> float:
    return max(each.read() for each in candidates)


print(best_of([nightly(1), nightly(2), patient.run(3), found]))

try:
    nightly(epochs=4)
except errors.InvalidPipelineError as report:
    print(report.faults)
except errors.WhenceError as error:
    print(error)
