"""The shape of what a pipeline's body returned."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.domain.ids import ArtifactId
from whence.domain.output_shape import (
    ArtifactShape,
    CollectionShape,
    MissingShape,
    NothingShape,
    map_shape,
    parse_shape,
)
from whence.errors import UnreadableArtifactError

leaves = (
    st.builds(ArtifactShape, st.text().map(ArtifactId))
    | st.builds(MissingShape, st.text(), st.text())
    | st.just(NothingShape())
)


def collections(items):
    """Return shapes of lists, tuples and dicts of other shapes."""
    keyed = st.dictionaries(st.text(), items, max_size=4)
    return st.builds(
        lambda kind, found: CollectionShape.of(kind, found.items()),
        st.sampled_from([list, tuple, dict]),
        keyed,
    )


@given(st.recursive(leaves, collections, max_leaves=8))
def test_every_shape_comes_back(shape):
    """A shape that was written as JSON is read as the same shape."""
    assert parse_shape(shape.to_json()) == shape


class Scores(NamedTuple):
    """What a body may return."""

    low: float
    high: float


def test_a_named_tuple_keeps_its_names():
    """A NamedTuple comes back with its fields, though its class is not imported."""
    shape = CollectionShape.of(Scores, enumerate(ArtifactShape(ArtifactId(i)) for i in "ab"))
    read = map_shape(parse_shape(shape.to_json()), lambda leaf: leaf.artifact_id)

    assert (read.low, read.high) == ("a", "b")
    assert type(read).__name__ == "Scores"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "3",
        "{}",
        '{"kind":"heap","items":[]}',
        '{"kind":"named tuple","name":"A","items":[["import os",null]]}',
        '{"missing":[1]}',
        "[" * 100_000,
    ],
)
def test_a_damaged_shape_is_refused(text):
    """A text that no run has written is an error, whatever it is."""
    with pytest.raises(UnreadableArtifactError):
        parse_shape(text)
