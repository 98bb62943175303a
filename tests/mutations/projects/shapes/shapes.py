"""What steps name: base classes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Shape(ABC):
    side: float

    @abstractmethod
    def area(self): ...

    def describe(self):
        return f"{self.area():.1f}"


class Choice(Enum):
    def label(self):
        return self.name.lower()


@dataclass(frozen=True)
class Drawing:
    shape: Shape
    title: str = "drawing"


@runtime_checkable
class HasArea(Protocol):
    def area(self): ...
