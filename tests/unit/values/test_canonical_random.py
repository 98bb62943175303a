"""Canonical bytes of very many values: no two that differ share them, equal ones always do."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.values.random_values import digests, disturb, draw_value, form_of, rebuild

from whence.errors import NotStorableError
from whence.values.canonical import encode_canonically
from whence.values.typed_json import decode, encode

SCRIPT = Path(__file__).with_name("random_values.py")
HASH_SEEDS = ["1", "4242"]

few_or_very_many = pytest.mark.parametrize(
    "count", [3_000, pytest.param(100_000, marks=pytest.mark.heavy)]
)


@few_or_very_many
def test_values_share_bytes_exactly_when_they_are_the_same(count):
    """Of many random pairs, near misses and shuffled copies, only same values share bytes."""
    random = Random(count)
    forms: dict[bytes, str] = {}
    seen: dict[str, bytes] = {}

    for _ in range(count):
        value = draw_value(random)
        change = rebuild if random.random() < 0.4 else disturb
        for each in (value, change(value, random)):
            data, form = encode_canonically(each), repr(form_of(each))
            assert forms.setdefault(data, form) == form
            assert seen.setdefault(form, data) == data


@few_or_very_many
def test_digests_are_the_same_in_every_process(count):
    """Processes with different hash seeds give the same digests for the same values."""
    children = [
        subprocess.Popen(
            [sys.executable, SCRIPT, "7", str(count)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in HASH_SEEDS
    ]
    here = digests(7, count)

    for child in children:
        assert child.communicate()[0].split() == here


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.integers()
    | st.floats()
    | st.text("1y", max_size=2)
    | st.text()
    | st.binary(max_size=2),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.tuples(parts, parts)
        | st.dictionaries(st.text("ab$", max_size=2) | st.integers(0, 2), parts, max_size=3)
        | st.sets(st.integers(0, 2) | st.text("1y", max_size=2), max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=500)
@given(PLAIN, st.randoms(use_true_random=False), st.booleans())
def test_bytes_agree_with_what_comes_back_from_a_record(value, random, keep):
    """Two values share bytes exactly when their records are read back as the same value."""
    other = rebuild(value, random) if keep else disturb(value, random)
    try:
        recorded = [decode(encode(each)) for each in (value, other)]
    except NotStorableError:
        return  # such as an array: it has no record to agree with
    same = form_of(recorded[0]) == form_of(recorded[1])

    assert (encode_canonically(value) == encode_canonically(other)) == same
    assert [encode_canonically(each) for each in recorded] == [
        encode_canonically(value),
        encode_canonically(other),
    ]
