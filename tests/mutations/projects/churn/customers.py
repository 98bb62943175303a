"""Customers, their plans and what they cost."""

import dataclasses
import enum
from dataclasses import dataclass, field
from typing import NamedTuple


class Plan(enum.Enum):
    """What a customer pays for."""

    FREE = 0
    BASIC = 10
    FULL = 25

    @property
    def is_paid(self):
        return self.value > 0


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Visit(NamedTuple):
    """One visit."""

    day: int
    seconds: int = 30


@dataclass
class Customer:
    """One customer."""

    name: str
    plan: Plan = Plan.BASIC
    visits: list = field(default_factory=list)
    weight: float = 1.0

    def days(self):
        return {visit.day for visit in self.visits}

    @property
    def cost(self):
        """What is paid."""
        return self.plan.value * self.weight

    @classmethod
    def from_row(cls, row):
        return cls(row["name"])

    @staticmethod
    def parse(text):
        return text.split(",")


@dataclass(frozen=True)
class Thresholds:
    low: float = 0.25
    high: float = 0.75


THRESHOLDS = Thresholds()
STRICT = dataclasses.replace(THRESHOLDS, high=0.9)


def first_visit():
    return Visit(1)


def level_of(value):
    return Level.HIGH if value > THRESHOLDS.high else Level.LOW
