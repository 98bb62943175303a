"""Wrong calls of steps and pipelines, of which checkers must object to every one."""
# ruff: noqa: B018, RUF059  # The lines are there for what checkers say of them.

from pathlib import Path

from accepted_everyday import Frame, Ridge, delays, evaluate, fit, fit_ridge, load, mean, split

from whence import Plan, Run, pipeline


@pipeline
def wrong_arguments(data: Path) -> float:
    parts = split(load(data))
    fit(parts)  # refused: a Split is no Frame
    fit(parts.train, dept=3)  # refused: no such argument
    fit(parts.train, "deep")  # refused: a text is no depth
    fit(parts.train, depth=2.5)  # refused: a float is no int
    fit(parts.train, 3, 4)  # refused: one argument too many
    fit(parts.train, train=parts.train)  # refused: the frame is given twice
    fit(depth=3)  # refused: the frame is missing
    fit()  # refused: the frame is missing
    load(1)  # refused: an int is no path
    load(None)  # refused: None is no path
    load(path="a.csv")  # refused: a text is no Path to a checker
    split(table=load(data))  # refused: the argument is called flights
    split(fit(parts.train))  # refused: a model is no frame
    evaluate(parts.test, fit(parts.train))  # refused: arguments swapped
    evaluate(fit(parts.train))  # refused: the frame to test on is missing
    evaluate(fit, parts.test)  # refused: the step itself is no model
    mean(evaluate(fit(parts.train), parts.test))  # refused: a number is no list of numbers
    mean([parts.train])  # refused: frames are no numbers
    mean({"a": 1.0})  # refused: a dict is no list
    return evaluate(fit_ridge(parts.train), parts.test)


@pipeline
def wrong_outputs(data: Path) -> float:
    parts = split(load(data))
    parts.validation  # refused: there is no such output
    train, test, rest = parts  # refused: there are two outputs
    train, test = fit(parts.train)  # refused: a model has no parts
    parts.train.colum("delay")  # refused: a frame has no such method
    parts[2]  # refused: there are two outputs
    return fit(parts.train)  # refused: a model is no float


@pipeline
def wrong_return(data: Path) -> Frame:
    return split(load(data))  # refused: a Split is no Frame


delays(1)  # refused: an int is no path
delays()  # refused: the data are missing
delays(Path("data"), fit, 3)  # refused: one argument too many
delays(Path("data"), regresor=fit)  # refused: no such argument
delays(data="data")  # refused: a text is no Path to a checker
delays.plan(1)  # refused: an int is no path
delays.plan(Path("data"), seed=1)  # refused: no such argument
delays.plan(Path("data")).read()  # refused: a plan has no value
fit.fn(Path("data"))  # refused: a path is no frame
fit.fn(Frame(), dept=2)  # refused: no such argument
fit.run(Path("data"))  # refused: a path is no frame
fit.run()  # refused: the frame is missing
fit.bnd(depth=3)  # refused: no such method
fit.describe(1)  # refused: describing takes nothing
fit.with_options(depth=3).fn(Frame())  # refused: an argument is no option
rmse: str = delays(Path("data")).read()  # refused: a float is no text
ridge: Ridge = fit.fn(Frame())  # refused: it may be another model
ridge_run: Run[Ridge] = fit.run(Frame())  # refused: it may be another model
planned: Plan = delays(Path("data")).read()  # refused: a float is no plan
delays(Path("data")).read().upper()  # refused: a number is no text
delays(Path("data")).read(1)  # refused: reading takes nothing
