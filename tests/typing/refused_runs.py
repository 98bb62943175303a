"""Wrong reports of a step and wrong uses of runs, of which checkers must object to every one."""
# ruff: noqa: B018  # The lines are there for what checkers say of them.

from pathlib import Path

from accepted_everyday import Frame, Regressor, fit, fit_ridge, load

import whence
from whence import Run

whence.log_metric("rmse")  # refused: the value is missing
whence.log_metric("rmse", "high")  # refused: a text is no number
whence.log_metric("rmse", 1.0, 3)  # refused: the step is named
whence.log_metric("rmse", 1.0, step="first")  # refused: a step is a number
whence.log_metrics([1.0])  # refused: metrics have names
whence.log_metrics({"rmse": "high"})  # refused: a text is no number
whence.log_artifact(Frame())  # refused: the name is missing
whence.progress()  # refused: of what?
whence.progress(1.5)  # refused: half an item
for item in whence.progress(["a"]):
    item.column("delay")  # refused: the items stay texts

whence.run()  # refused: which?
whence.run(3)  # refused: an id is a text
whence.run("first").raed()  # refused: no such method
whence.run("first").status = "failed"  # refused: a run is what it was
whence.runs("training")  # refused: the pipeline is named
whence.runs(pipelin="training")  # refused: no such filter
whence.runs().raed  # refused: no such attribute
whence.runs(status="done")  # refused: no such status
whence.runs(limit="all")  # refused: a text is no count
whence.runs()[0].metrics["rmse"].upper()  # refused: a number is no text
whence.compare(1, 2)  # refused: numbers are no runs
whence.compare("a", "b").runs_of  # refused: no such attribute
whence.sweeep  # refused: no such name


def report(run: Run[Regressor]) -> float:
    run.raed()  # refused: no such method
    run.duration + 1.0  # refused: a run that goes on has no duration
    run.error.message  # refused: most runs have no error
    return run.read()  # refused: a model is no float


report(fit_ridge.run(Frame()))
report(load.run(Path("data")))  # refused: a frame is no model
report(fit)  # refused: a step is no run
