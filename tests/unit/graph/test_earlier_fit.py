"""Whether what an earlier run made fits an argument, told by its record alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from whence.domain.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.graph.earlier_fit import find_artifact_misfit
from whence.graph.interface import Argument, ArgumentKind


class Recorded:
    """What is recorded of an artifact, without any files."""

    uri = "whence:1"

    def __init__(self, format_name: str | None, value_type: str | None) -> None:
        self.facts = {"format": format_name, "value_type": value_type}

    def fact(self, name: str) -> Any:
        """Return a fact."""
        return self.facts[name]


def fits(
    wanted: Any,
    format_name: str | None = "json/1",
    value_type: str | None = None,
    *,
    artifact_type: type[Artifact] | None = None,
) -> bool:
    """Return whether an artifact with this record may be given."""
    artifact = DataArtifact.from_source(Recorded(format_name, value_type))  # type: ignore[arg-type]  # as much of one as is asked
    argument = Argument("rows", wanted, ArgumentKind.PLAIN, artifact_type=artifact_type)
    return find_artifact_misfit(artifact, argument) is None


@pytest.mark.parametrize(
    ("declared", "wanted", "expected"),
    [
        ("int", int, True),
        ("int", float, True),
        ("float", int, False),
        ("int", bool, False),
        ("list[int]", list[int], True),
        ("list[int]", list[float], True),
        ("list[str]", list[int], False),
        ("dict[str, list[int]]", dict[str, list[int]], True),
        ("int | None", int | None, True),
        ("int | None", int, False),
        ("int", int | str, True),
        ("str", Any, True),
        ("str", Path, True),
    ],
)
def test_plain_types_are_compared_as_those_of_a_producer(declared, wanted, expected):
    """What was declared when the value was stored counts, as between two steps of one run."""
    assert fits(wanted, value_type=declared) is expected


def test_other_types_are_compared_by_their_format():
    """No class is imported: what is stored in the format of the wanted type fits."""
    assert fits(np.ndarray, "npy/1", "numpy.ndarray")
    assert not fits(np.ndarray, "json/1", "Setting")
    assert fits(dict[str, int], "json/1", "Setting")  # only reading can tell


def test_an_unknown_format_does_not_fit():
    """Nobody here can read it, but its files can be taken."""
    assert not fits(int, "strange/1")
    assert fits(Path, "strange/1")


def test_files_of_a_steps_own_are_taken_as_an_artifact():
    """Without a format there is no value, only a folder."""
    assert not fits(int, None)
    assert fits(DataArtifact, None, artifact_type=DataArtifact)
    assert not fits(ModelArtifact, None, artifact_type=ModelArtifact)
