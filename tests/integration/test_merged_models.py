"""Models of stores that ran apart: what their numbers mean once the stores are merged."""

from pathlib import Path
from typing import Annotated

import whence
from whence import pipeline, step
from whence.artifacts import ModelArtifact
from whence.housekeeping.merge_stores import merge_store
from whence.stacks.current import make_local_stack, use_stack


@step
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"depth": depth}


@pipeline
def delays(depth: int = 1):
    return fit(depth)


def train(place: Path, *depths: int) -> None:
    """Train models in a store of their own, and promote the last."""
    stack = make_local_stack(place)
    with use_stack(stack):
        for depth in depths:
            delays(depth=depth)
        whence.promote("delay", len(depths), who="jo")
    stack.close()


def look(place: Path) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return label, depth and aliases of each version in a store."""
    stack = make_local_stack(place)
    with use_stack(stack):
        versions = whence.models()["delay"].versions
        found = [(each.label, each.read()["depth"], each.aliases) for each in versions]
        for each in versions:
            assert whence.model(f"delay@{each.label}").digest == each.digest
    stack.close()
    return found


def merged(place: Path, *others: Path) -> Path:
    """Return a new store into which others were merged, in this order."""
    stack = make_local_stack(place)
    with use_stack(stack):
        for other in others:
            merge_store(str(other))
    stack.close()
    return place


def test_a_number_that_two_stores_gave_belongs_to_the_older_version(tmp_path: Path):
    """The other is shown with the end of its id; in which order stores are merged is one."""
    here, there = tmp_path / "here" / ".whence", tmp_path / "there" / ".whence"
    train(here, 1, 2)
    train(there, 3, 2, 4)

    found = look(merged(tmp_path / "one", here, there))

    assert found == look(merged(tmp_path / "other", there, here, there))
    assert {label.partition("~")[0]: depth for label, depth, _ in found if "~" not in label} == {
        "1": 1,
        "2": 2,
        "3": 4,
    }
    (apart,) = [(label, depth) for label, depth, _ in found if "~" in label]
    assert apart[0].startswith("1~")
    assert apart[1] == 3
    assert [depth for _, depth, aliases in found if aliases] == [4]
