"""Turns rows into numbers."""

import math
from typing import TYPE_CHECKING

import cleaning
import config as settings
from cleaning import shorten as short_name

if TYPE_CHECKING:
    from collections.abc import Iterable

FACTORS = [1.0, 2.0, 4.0]
SQUARES = [number * number for number in range(5)]


def scale(values: "Iterable[float]"):
    """Scale by the rate."""
    total = 0.0
    result = []
    for value in values:
        total += value
        result.append(value * settings.RATE)
    return result, total


def weigh(row):
    return sum(settings.WEIGHTS[name] * row[name] for name in settings.COLUMNS)


def carrier_weight():
    return settings.WEIGHTS["carrier"]


def label(row):
    return f"{short_name(row['carrier'])}:{row['hour']:02d}"


def spread(values):
    squares = {number: number**2 for number in values if number % 2}
    return math.sqrt(sum(squares.values())) + SQUARES[2]


def folder():
    return settings.FOLDER / "flights"


def clean(values):
    return [cleaning.clip(value) for value in values if cleaning.parity(len(values))]
