"""`JsonMaterializer`: values in a file that people and other tools can read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.artifacts import DataArtifact
from whence.domain.contents import make_inline_content
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers import JsonMaterializer
from whence.values.type_forms import type_name


@dataclass
class Config:
    """Settings of a step."""

    lr: float
    layers: tuple[int, ...]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(st.text(), values, max_size=3)
        | st.builds(Config, st.floats(allow_nan=False), st.tuples(st.integers()))
    ),
)


@settings(max_examples=500)
@given(VALUES)
def test_values_come_back_from_the_same_bytes(value):
    """A value is the same after it was written and read, and is written as the same bytes again."""
    materializer = JsonMaterializer()
    data = materializer.encode(value)

    again = materializer.decode(data)

    assert again == value
    assert digest(materializer.encode(again)) == digest(data)


def digest(data):
    """Return the digest of the one file."""
    return make_inline_content({"value.json": data}).digest


def test_written_file_is_plain_json(tmp_path):
    """Other tools can read what was written: a dict of numbers is a JSON object of numbers."""
    artifact = DataArtifact(tmp_path / "metrics")
    JsonMaterializer().write({"rmse": 3.5, "epochs": [1, 2]}, artifact)

    written = json.loads((artifact.path / "value.json").read_bytes())

    assert written == {"rmse": 3.5, "epochs": [1, 2]}
    assert JsonMaterializer().read(artifact) == written


def test_what_would_not_come_back_is_not_written(tmp_path):
    """A value that JSON cannot hold is refused before there is a file."""
    artifact = DataArtifact(tmp_path / "value")

    with pytest.raises(NotStorableError, match="neither plain data"):
        JsonMaterializer().write({"a": object()}, artifact)

    assert not artifact.path.exists()


@pytest.mark.parametrize(
    ("value", "as_type"),
    [
        (3, int),
        (3, float),
        (3, int | None),
        (None, None),
        ("adam", Literal["adam", "sgd"]),
        ([1, 2], Sequence[int]),
        (Config(0.1, (1,)), Config),
    ],
)
def test_value_can_be_asked_for_by_type(value, as_type):
    """A value is read as any type that it fits, an `int` as a `float` too."""
    materializer = JsonMaterializer()

    assert materializer.decode(materializer.encode(value), as_type) == value


@pytest.mark.parametrize(
    ("value", "as_type"),
    [(True, int), (0.5, int), ("x", Literal["adam"]), ([1], dict), (None, int)],
)
def test_value_of_another_type_is_refused(value, as_type):
    """A value is not read as a type that it does not fit; the error names both."""
    materializer = JsonMaterializer()

    with pytest.raises(UnreadableArtifactError, match=type_name(type(value))):
        materializer.decode(materializer.encode(value), as_type)


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b'{"$what":[]}'])
def test_foreign_bytes_are_refused(data):
    """A file that is not typed JSON is unreadable, whatever is in it."""
    with pytest.raises(UnreadableArtifactError):
        JsonMaterializer().decode(data)
