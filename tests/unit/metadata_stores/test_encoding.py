"""Columns that are written by a shorter way than JSON's own."""

import json

from hypothesis import given
from hypothesis import strategies as st

from whence.domain.ids import ArtifactId
from whence.domain.records import InputRecord
from whence.metadata_stores.encoding import (
    encode_inputs,
    encode_json,
    encode_named,
    encode_names,
)

TEXTS = st.text(st.characters(), max_size=20)  # halves of characters too


@given(names=st.lists(TEXTS), named=st.dictionaries(TEXTS, TEXTS))
def test_texts_are_written_as_json_writes_them(names, named):
    """The short way and the general one give the same column."""
    assert encode_names(names) == encode_json(names)
    assert encode_named(named) == encode_json(named)


@given(links=st.lists(st.tuples(TEXTS, TEXTS, TEXTS)))
def test_inputs_come_back(links):
    """Whatever an argument and its parts are called, the link is read back as it was."""
    inputs = [InputRecord(argument, path, ArtifactId(name)) for argument, path, name in links]

    assert [tuple(link) for link in json.loads(encode_inputs(inputs))] == links
