"""The steps of the delays project."""

import json
import os

import features
from cleaning import is_flight
from config import Defaults

from whence import step


@step
def load(count: int) -> list:
    """Make rows."""
    from features import folder

    rows = [{"carrier": "AA-x", "hour": number % 24, "distance": 1.5} for number in range(count)]
    return [str(folder())] + [row for row in rows if is_flight(row["carrier"])]


@step
def prepare(values: list[float], drop: bool = True) -> list:
    cleaned = features.clean(values)
    scaled, _ = features.scale(cleaned)
    return scaled if drop else cleaned


@step
def fit(values: list[float]) -> float:
    depth = Defaults.depth

    def penalty(value):
        return value / depth

    best = max(values, key=lambda value: -penalty(value))
    return best + features.spread(values)


@step
def report(rows: list) -> str:
    try:
        lines = [features.label(row) for row in rows]
    except KeyError:
        lines = ["none"]
    lines.append(str(features.carrier_weight()))
    return "\n".join(lines)


@step
def rank(rows: list) -> list:
    return sorted(rows, key=features.weigh)


if __name__ == "__main__":
    print(json.dumps(load.fn(3)), os.getcwd())
