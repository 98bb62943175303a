"""Texts that `encode` never wrote: each is refused in the same way, whatever is wrong."""

import contextlib
import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.errors import UnknownClassError, UnreadableArtifactError
from whence.values.typed_json import decode, encode
from whence.values.typed_json_scalars import SCALARS_BY_TAG


@dataclass(frozen=True)
class Unhashable:
    """Claims to be hashable, but holds a list."""

    items: list


HERE = f"{__name__}:Unhashable"
TAGS = [*SCALARS_BY_TAG, "$tuple", "$set", "$frozenset", "$dict", "$enum", "$dataclass", "$model"]
PAYLOADS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from([HERE, "builtins:dict", "enum:Enum", "a:b:c", "Europe", "../etc", "9" * 4000])
    | st.sampled_from(["2024-W01-1", "2024-01-01", "1:2", "0x", "inf", "sNaN", "AA==", "1_0"]),
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(st.sampled_from([*TAGS, "items", "$", "$what"]), parts, max_size=2)
    ),
    max_leaves=10,
)


@settings(max_examples=1000)
@given(st.sampled_from(TAGS), PAYLOADS)
def test_any_payload_is_read_or_refused(tag, payload):
    """Whatever stands under a tag is a value that can be written again, or is unreadable."""
    text = json.dumps({tag: payload})

    with contextlib.suppress(UnreadableArtifactError, UnknownClassError):
        encode(decode(text))


@settings(max_examples=300)
@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_read_or_refused(text):
    """Whatever the text, reading it gives a value or says that it is unreadable."""
    with contextlib.suppress(UnreadableArtifactError, UnknownClassError):
        decode(text)


@settings(max_examples=300)
@given(st.data())
def test_damaged_text_is_read_or_refused(data):
    """A text of which a part was lost or changed is a value or unreadable, never another error."""
    text = encode([{"a": (1.5, b"x")}, {1, 2}, Unhashable([1]), {None: 2}, 1 + 2j])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    damaged = text[:start] + data.draw(st.text('{}[]",:$a1.-', max_size=3)) + text[end:]

    with contextlib.suppress(UnreadableArtifactError, UnknownClassError):
        decode(damaged)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "$", "not JSON"),
        ("NaN", "$", "not JSON"),
        ("9" * 5000, "$", "not JSON"),
        ("[" * 100_000, "$", "nested too deeply"),
        ('{"a":[1,{"$what":[]}]}', "$.a[1]", "not a pair"),
        ('{"$what":["a:b",{}]}', "$", "not known"),
        ('{"$tuple":[1],"b":2}', "$", "beside other keys"),
        ('{"$tuple":5}', "$", "not a list"),
        ('{"$set":[1,1]}', "$", "twice"),
        ('{"$set":[[1]]}', "$", "hashed"),
        ('{"$dict":[[1,2],[1,3]]}', "$", "twice"),
        ('{"$dict":[1]}', "$", "as pairs"),
        ('{"$bytes":"A"}', "$", "cannot be read"),
        ('{"$decimal":"ten"}', "$", "cannot be read"),
        ('{"$date":"20260131"}', "$", "not as it is written"),
        ('{"$datetime":["2024-01-01T00:00:00","../../etc/passwd",0]}', "$", "no time zone"),
        ('{"$datetime":["2024-01-01T00:00:00","Europe",0]}', "$", "cannot be read"),
        ('{"$enum":[5,"RED"]}', "$", "not the name of a class"),
        ('{"$dataclass":["builtins:dict",{}]}', "$", "not of the kind"),
        (json.dumps({"$set": [{"$dataclass": [HERE, {"items": []}]}]}), "$", "hashed"),
    ],
    ids=lambda part: part[:40],
)
def test_reason_and_place_are_told(text, place, reason):
    """The error for an unreadable text says what is wrong, and where."""
    with pytest.raises(UnreadableArtifactError, match=reason) as caught:
        decode(text)

    assert caught.value.where == place
