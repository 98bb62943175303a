"""Steps, slots and pipelines that run once for each item of lists."""

from accepted_everyday import Frame, Regressor, fit, split
from accepted_seed import Evaluate, Train

from whence import Step, pipeline, step


@step
def square(n: int) -> int:
    return n * n


@step
def add_up(numbers: list[int]) -> int:
    return sum(numbers)


@step
def count(frames: list[Frame]) -> float:
    return float(len(frames))


@pipeline
def double_square(n: int) -> int:
    return square(square(n))


@pipeline
def squares(sizes: list[int], squared: Step[square] = square) -> list[int]:
    first = square.map(sizes)
    second = squared.map(first)
    third: list[int] = double_square.map(first)
    for each in first:
        square(each)
    print(len(first), first[0], first.outputs)
    add_up(first)
    add_up([first[0], first[-1]])
    add_up(second)
    return third


@pipeline
def several(frames: list[Frame]) -> float:
    parts = split.map(frames, test_share=0.3)
    models = fit.bind(depth=3).map(parts.outputs.train)
    fitted: list[Regressor] = models
    print(fitted)
    return count(parts.outputs.test)


@pipeline
def seed_form(sizes: list[int], trainer: Step[Train] = Train) -> None:
    trained = Train.bind(units=8).map(sizes)
    Evaluate.map(trained)
    Evaluate.map(trainer.map(sizes))


print(squares([1, 2, 3]).read(), several([Frame(), Frame()]).read(), seed_form([1, 2]).status)
