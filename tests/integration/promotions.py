"""A program that promotes versions of a model in turn, or reads the one in office all the while."""

import sys
from pathlib import Path
from typing import Annotated

import whence
from whence import Metric, ModelVersion, pipeline, step
from whence.artifacts import ModelArtifact
from whence.errors import PromotionRefusedError


@step
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"depth": depth}


@step
def score(model: dict[str, int]) -> Annotated[float, Metric("rmse", mode="min")]:
    return 12.0 / model["depth"]


@pipeline
def delays(depth: int = 1):
    return score(fit(depth))


def another_one(candidate: ModelVersion, current: ModelVersion | None) -> tuple[bool, str]:
    """Let pass what is of another depth than the version in office, and say which that was."""
    was = 0 if current is None else current.read()["depth"]
    return candidate.read()["depth"] != was, f"{was}"


def promote_in_turn(own: int) -> None:
    """Promote two versions of one's own, by turns."""
    for turn in range(8):
        number = own + turn % 2
        try:
            whence.promote("delay", number, gate=another_one, reason=f"turn {turn}")
        except PromotionRefusedError:
            continue


def read_all_the_while(stop: Path) -> None:
    """Print each version that the alias means, until a file is there."""
    while not stop.exists():
        version = whence.model("delay@champion")
        depth = version.read()["depth"]
        assert depth == version.parameters["depth"]
        assert depth == version.number
        print(version.label, flush=True)


if __name__ == "__main__":
    act, argument = sys.argv[1:]
    read_all_the_while(Path(argument)) if act == "read" else promote_in_turn(int(argument))
