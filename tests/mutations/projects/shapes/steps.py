"""Steps whose inputs hold more than their annotations say."""

from typing import Any

import kinds
from shapes import Choice, Drawing, HasArea, Shape

from whence import Input, step


@step
def measured(shape: Input[Shape]) -> str:
    return shape.describe()


@step
def spun(shape: Input[Shape]) -> str:
    return shape.describe()[::-1]


@step
def anything(shape: Input[Any]) -> float:
    return shape.area()


@step
def structural(shape: Input[HasArea]) -> float:
    return shape.area()


@step
def drawn(drawing: Input[Drawing]) -> str:
    return drawing.title + drawing.shape.describe()


@step
def listed(shapes: Input[list[Shape]]) -> float:
    return sum(each.area() for each in shapes)


@step
def keyed(shapes: Input[dict[str, Shape]]) -> float:
    return max(each.area() for each in shapes.values())


@step
def chosen(choice: Input[Choice]) -> str:
    return str(choice) + choice.label()


@step
def grown(model: Input[Any]) -> int:
    return model.grow()


@step
def paired(pair: Input[tuple]) -> float:
    return pair.total()


INPUTS = {
    "measured": {"shape": kinds.Square(2.0)},
    "spun": {"shape": kinds.Wheel(2.0)},
    "anything": {"shape": kinds.Circle(2.0)},
    "structural": {"shape": kinds.Circle(2.0)},
    "drawn": {"drawing": Drawing(kinds.Square(2.0))},
    "listed": {"shapes": [kinds.Square(1.0), kinds.Circle(2.0)]},
    "keyed": {"shapes": {"a": kinds.Square(1.0)}},
    "chosen": {"choice": kinds.Colour.RED},
    "grown": {"model": kinds.Model(size=1)},
    "paired": {"pair": kinds.Pair(kinds.Square(1.0), kinds.Wheel(2.0))},
}
