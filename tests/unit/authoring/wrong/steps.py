"""Steps for wrong pipelines, and the table that the wrong pipelines enter themselves in.

Every step notes that it was started: a pipeline that is refused must have started none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact

STARTED: list[str] = []
"""The steps that were started, in order."""


@dataclass(frozen=True)
class Case:
    """One wrong pipeline: the codes of its faults, in the order of the report, and the call."""

    codes: tuple[str, ...]
    call: Callable[[], Any]

    @property
    def name(self) -> str:
        """The name under which the case is tested."""
        return self.call.__name__


CASES: list[Case] = []


def wrong(*codes: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Enter a call that must be refused with these faults."""

    def enter(call: Callable[[], Any]) -> Callable[[], Any]:
        CASES.append(Case(codes, call))
        return call

    return enter


class Colour(Enum):
    """An enumeration, for parameters."""

    RED = "red"
    GREEN = "green"


class Split(NamedTuple):
    """Two outputs."""

    train: list[int]
    test: list[int]


@step
def number(n: int = 1) -> int:
    """Give a number."""
    STARTED.append("number")
    return n


@step
def text(words: str = "a") -> str:
    """Give a text."""
    STARTED.append("text")
    return words


@step
def maybe() -> int | None:
    """Give a number, or nothing."""
    STARTED.append("maybe")
    return None


@step
def texts() -> list[str]:
    """Give texts."""
    STARTED.append("texts")
    return ["a"]


@step
def colours() -> list[Colour]:
    """Give members of an enumeration."""
    STARTED.append("colours")
    return [Colour.RED]


@step
def is_large(n: int) -> bool:
    """Give a truth value."""
    STARTED.append("is_large")
    return True


@step
def split(share: float = 0.5) -> Split:
    """Give two outputs."""
    STARTED.append("split")
    return Split([1], [2])


@step
def add(left: int, right: int = 0) -> int:
    """Take two numbers."""
    STARTED.append("add")
    return left + right


@step
def total(values: list[int]) -> int:
    """Take a list of numbers."""
    STARTED.append("total")
    return sum(values)


@step
def quiet(value: int = 0) -> None:
    """Give nothing."""
    STARTED.append("quiet")


@step
def train(size: Input[int], model: Output[ModelArtifact], units: int = 8):
    """Write a model."""
    STARTED.append("train")


@step
def prepare(data: Output[DataArtifact]):
    """Write data."""
    STARTED.append("prepare")


@step
def evaluate(model: Input[ModelArtifact]) -> float:
    """Take a model."""
    STARTED.append("evaluate")
    return 0.0


@step
def judge(model: Input[ModelArtifact], data: Input[DataArtifact], strict: bool = True) -> float:
    """Take a model and data."""
    STARTED.append("judge")
    return 0.0


@step
def load(path: Path) -> list[int]:
    """Take a file."""
    STARTED.append("load")
    return []


@step
def paint(colour: Colour = Colour.RED) -> str:
    """Take a member of an enumeration."""
    STARTED.append("paint")
    return colour.value


@step
def takes_all(
    flag: bool = True, share: float = 0.5, names: list[str] | None = None, text: str = ""
) -> int:
    """Take parameters of several types."""
    STARTED.append("takes_all")
    return 1


@pipeline
def inner(start: int):
    """Add one to a number."""
    return add(start, 1)
