"""What steps never name, and take: subclasses."""

from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel
from shapes import Choice, Shape

PI = 3.14


def square(value):
    """Multiply a value by itself."""
    return value * value


@dataclass(frozen=True)
class Circle(Shape):
    """Round."""

    def area(self):
        # as ever
        return PI * square(self.side)


@dataclass(frozen=True)
class Wheel(Circle):
    spokes: int = 8

    def describe(self):
        return f"{super().describe()} with {self.count} spokes"

    @property
    def count(self):
        return self.spokes - 1


@dataclass(frozen=True)
class Square(Shape):
    def area(self):
        return self.side * self.side


class Colour(Choice):
    RED = "r"
    BLUE = "b"

    def __str__(self):
        return self.value.upper()


class Model(BaseModel):
    size: int

    def grow(self, by=1):
        return self.size + by


class Pair(NamedTuple):
    one: Shape
    other: Shape

    def total(self):
        return self.one.area() + self.other.area()
