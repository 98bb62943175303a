"""Scores, built of classes."""

import abc

from customers import STRICT


class Described:
    """Adds a description."""

    prefix = "score"

    def describe(self):
        return f"{self.prefix} {self.name}"


class Score(abc.ABC):
    name = "score"
    factor = 2

    @abc.abstractmethod
    def of(self, customer):
        """Return the score."""

    def scaled(self, customer):
        return self.of(customer) * self.factor


class CostScore(Described, Score):
    name = "cost"

    def __init__(self, offset=1):
        self.offset = offset

    def of(self, customer):
        return customer.cost + self.offset

    def __call__(self, customer):
        return self.scaled(customer)

    def _hidden(self):
        return 1


class VisitScore(Score):
    name = "visits"
    __slots__ = ("bonus",)

    def of(self, customer):
        return len(customer.days()) + super().factor


class Unused:
    value = 3


DEFAULT = CostScore(offset=3)
BY_NAME = {"cost": CostScore, "visits": VisitScore}


def strict(customer):
    return customer.weight > STRICT.high
