"""The limits of the types: right lines that checkers refuse, and wrong ones that they take."""
# ruff: noqa: B018  # The lines are there for what checkers say of them.

from pathlib import Path

from accepted_everyday import Frame, delays, fit, load, split

from whence import Input, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact


@step
def fit_and_keep(train: Input[Frame], model: Output[ModelArtifact]) -> float:
    model.path.joinpath("model").touch()
    return float(train.shape[0])


quick = fit.with_options(name="quick")


@pipeline
def limits(
    data: Path,
    regressor: Step[quick] = quick,  # refused by pyright: name the definition, Step[fit]
) -> Frame:
    parts = split(load(data))
    split(parts.train).outputs.train  # refused: a node reads as its value, so take `.train`
    fit_and_keep(parts.train)  # refused: nothing says that an Output is not passed, so use bind
    fit_and_keep.bind(parts.train)()
    regressor(parts.train)
    return parts.test


fit(depth=8)  # refused: outside a body this configures, and bind says so
delays(Path("data"), fit(depth=8))  # refused: as above
delays("data")  # refused: Whence makes a Path of it, as no checker knows

# Wrong, and seen only by Whence itself: nothing here is refused.
delays(Path("data")).raed()  # the call may stand for a nested body's value, so anything goes
delays(Path("data"), regressor=3)  # a configured step reads as its value: any may fill
fit.bind(dept=3)  # checkers know no part of a signature
