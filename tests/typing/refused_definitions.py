"""Wrong definitions, slots and options, of which checkers must object to every one."""
# ruff: noqa: B018, F821, PLR0913, PLR0917  # The lines are there for what checkers say of them.

from pathlib import Path
from typing import Annotated

from accepted_everyday import Frame, delays, evaluate, fit, load

from whence import Metric, Resources, Retries, Step, pipeline, step


@pipeline
def wrong_use_of_slots(
    data: Path, regressor: Step[fit], scorer: Step[evaluate] = evaluate
) -> float:
    frame = load(data)
    regressor(data)  # refused by pyright: a path is no frame
    regressor(frame, dept=3)  # refused by pyright: no such argument
    regressor(frame, alpha=3.0)  # refused by pyright: not every filler takes it
    regressor()  # refused by pyright: the frame is missing
    regressor.output  # refused by pyright: the attribute is called outputs
    regressor.fn(frame)  # refused by pyright: a slot is placed, never run
    scorer(frame, regressor(frame))  # refused by pyright: arguments swapped
    return regressor(frame)  # refused: a model is no float


@pipeline
def no_slot(
    number: Step[int],  # refused by pyright: int is no step
    frame: Step[Frame],  # refused by pyright: a class is no step
    other: Step[delays],  # refused by pyright: a pipeline fills no slot
    two: Step[fit, load],  # refused: a slot names one step
    unknown: Step[fitt],  # refused: there is no such step
    bound: Step[fit.bind(depth=3)],  # refused: a filler is given as the default
    regressor: fit,  # refused by mypy: only Step[fit] is a slot
) -> None: ...


@step
def wrong_body(frame: Frame) -> int:
    return frame.shape  # refused: a tuple is no int


@step
def wrong_default(frame: Frame, depth: int = "6") -> int:  # refused: a text is no int
    return depth


@step(retries="3")  # refused: a text is no count
def wrong_retries() -> int:
    return 1


@step(retry=3)  # refused: no such option
def unknown_option() -> int:
    return 1


@step(env="REGION")  # refused: a text is no list of names
def wrong_environment() -> int:
    return 1


@step(resources=Resources(memory=2))  # refused: a size has a unit
def wrong_memory() -> int:
    return 1


@step(3)  # refused: a number is no function
def wrong_decoration() -> int:
    return 1


@pipeline(retries=3)  # refused: steps are retried, not pipelines
def wrong_pipeline_option() -> None: ...


@step
def wrong_mode(
    frame: Frame,
) -> Annotated[float, Metric("r", mode="lowest")]:  # refused by pyright: no mode
    return 0.0


fit.with_options(retries="2")  # refused: a text is no count
fit.with_options(nam="x")  # refused: no such option
fit.with_options(timeout=[1])  # refused: a list is no time
fit.with_options("careful")  # refused: options have names
fit.with_options(resources=2)  # refused: a number of what?
delays.with_options(tags="x")  # refused: a text is no list of tags
delays.with_options(regressor=fit)  # refused: an argument is no option
delays.with_options(steps={"fit": {"retris": 2}})  # refused: no such option
delays.with_options(steps={"fit": 2})  # refused: options have names
delays.with_options(steps=[fit])  # refused: options are given by node
fit.with_options(retries=Retries(1, paus=2.0))  # refused: no such pause
Retries()  # refused: how often?
Resources(1)  # refused: resources have names
Resources(gpus=1)  # refused: no such resource
Metric()  # refused: a metric has a name
Metric("rmse", "min")  # refused: the mode is named
