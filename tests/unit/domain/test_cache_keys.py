"""What goes into a cache key, and how two keys differ."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.domain.cache_keys import (
    CACHE_KEY_VERSION,
    CacheKey,
    KeyPart,
    compute_cache_key,
    find_differences,
    parse_cache_key,
    parse_differing_parts,
)
from whence.errors import UnreadableArtifactError

CODE = KeyPart("code", "fit", "blake3:aa", "features.py:12")
DEPTH = KeyPart("parameter", "depth", "blake3:06", "6")
TRAIN = KeyPart("input", "train", "blake3:cc")
TEXTS = st.text("a:1\ud800", max_size=3)
PARTS = st.lists(st.builds(KeyPart, TEXTS, TEXTS, TEXTS, st.text(max_size=1)), max_size=4)


def fields_of(parts) -> list[tuple[str, str, str]]:
    """Return what counts of parts, in one order."""
    return sorted((part.kind, part.name, part.digest) for part in parts)


@given(PARTS, PARTS)
def test_keys_are_equal_exactly_when_their_parts_are(one, other):
    """No two different lists of parts share a key, and the order of parts does not count."""
    keys = compute_cache_key(one), compute_cache_key(other)

    assert (keys[0] == keys[1]) == (fields_of(one) == fields_of(other))
    assert compute_cache_key(reversed(one)).digest == keys[0].digest
    assert (find_differences(*keys) == ()) == (keys[0] == keys[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("parameter", "ab", "c")], [("parameter", "a", "bc")]),
        ([("parameter", "a", "1"), ("parameter", "b", "2")], [("parameter", "a", "1parameterb2")]),
        ([("input", "a", "1"), ("input", "b", "2")], [("input", "a", "2"), ("input", "b", "1")]),
        ([("input", "a", "1")], [("parameter", "a", "1")]),
        ([("code", "scale", "1")] * 2, [("code", "scale", "1")]),
        ([], [("", "", "")]),
    ],
)  # fmt: skip
def test_near_misses_are_two_keys(one, other):
    """Characters moved between fields, parts or kinds change the key."""
    keys = {compute_cache_key(KeyPart(*fields) for fields in parts) for parts in (one, other)}

    assert len(keys) == 2


def test_what_is_shown_does_not_count():
    """A helper that moved in its file, or a dict written in another order, keeps the key."""
    moved = KeyPart("code", "fit", "blake3:aa", "features.py:99")

    assert compute_cache_key([CODE]) == compute_cache_key([moved])


def test_a_key_is_what_it_was():
    """The recipe of this version stays: a change of it must raise the version."""
    key = compute_cache_key([TRAIN, DEPTH, CODE])

    assert CACHE_KEY_VERSION == 1
    assert key.digest == "blake3:b6b44987384151c84176d9eba7676d3c2491de6664232dedb606abaedd14bbd3"
    assert [part.kind for part in key.parts] == ["code", "input", "parameter"]


@given(PARTS)
def test_a_key_comes_back_from_its_text(parts):
    """A recorded key has its digest and all its parts, also what they show."""
    key = compute_cache_key(parts)
    read = parse_cache_key(key.to_json())

    assert read == key
    assert [part.shown for part in read.parts] == [part.shown for part in key.parts]


def test_a_key_of_another_version_keeps_its_digest():
    """An old key is read as it was written, so that it can be explained and never matches."""
    old = CacheKey("blake3:old", (DEPTH,))

    assert parse_cache_key(old.to_json()) == old != compute_cache_key([DEPTH])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"digest":1,"parts":[]}', '{"digest":"a","parts":[["b"]]}', "[" * 9999],
)
def test_a_damaged_text_is_refused(text):
    """What `to_json` never wrote is unreadable, whatever is wrong with it."""
    with pytest.raises(UnreadableArtifactError, match="cache key"):
        parse_cache_key(text)


def test_each_part_that_differs_is_named():
    """Changed parts are given with both sides, others with the side that has them."""
    deeper = KeyPart("parameter", "depth", "blake3:08", "8")
    python = KeyPart("python", "python", "blake3:dd", "3.12")
    found = find_differences(
        compute_cache_key([CODE, DEPTH, TRAIN]), compute_cache_key([CODE, deeper, python])
    )

    assert [(each.kind, each.name, each.old, each.new) for each in found] == [
        ("input", "train", TRAIN, None),
        ("parameter", "depth", DEPTH, deeper),
        ("python", "python", None, python),
    ]


@given(PARTS, PARTS)
def test_what_keys_share_need_not_be_made_to_find_what_differs(one, other):
    """Two written keys differ in the same parts, whether they are read whole or not."""
    old, new = compute_cache_key(one), compute_cache_key(other)
    found = parse_differing_parts(old.to_json(), new.to_json())

    assert [each.digest for each in found] == [old.digest, new.digest]
    assert find_differences(*found) == find_differences(old, new)


def test_two_damaged_texts_are_refused():
    """What is no key is refused as it is alone."""
    key = compute_cache_key([CODE]).to_json()

    for pair in ((key, "{"), ("[]", key), ('{"digest": "x", "parts": [1]}', key)):
        with pytest.raises(UnreadableArtifactError):
            parse_differing_parts(*pair)


def test_helpers_of_one_name_are_matched_by_what_they_are():
    """Of two helpers with the same name, the one that stayed is not named."""
    stayed, before, after = (KeyPart("code", "scale", digest) for digest in "cbd")
    found = find_differences(
        compute_cache_key([before, stayed]), compute_cache_key([stayed, after])
    )

    assert [(each.old, each.new) for each in found] == [(before, after)]


def test_keys_hold_what_a_record_can():
    """The text of a key is plain JSON, also where a name could not be written as UTF-8."""
    text = compute_cache_key([KeyPart("environment", "\udcff", "d", "é")]).to_json()

    assert json.loads(text.encode())["parts"] == [["environment", "\udcff", "d", "é"]]
