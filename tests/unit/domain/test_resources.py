"""Sizes of memory, and amounts that make no sense."""

import re

import pytest

from whence.domain.resources import Resources, check_resources, parse_memory


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("512MB", 512_000_000), ("2GiB", 2 * 1024**3), (" 1.5 KiB ", 1536)],
)
def test_memory_is_a_number_with_a_unit(text, size):
    """Sizes are written with units of 1,000 or of 1,024."""
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "2", "GiB", "two GiB", "2 GIB", "-1MB", "٣MB"])
def test_what_is_no_size_is_refused_in_words(text):
    """A text without a number or a unit is shown in the refusal."""
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_memory(text)


@pytest.mark.parametrize(
    "wrong",
    [
        Resources(cpu=-1),
        Resources(cpu=float("nan")),
        Resources(gpu=float("inf")),
        Resources(gpu=True),
        Resources(cpu="2"),
        Resources(memory=2),
        Resources(memory="2"),
        Resources(memory="2 gigabytes"),
    ],
)
def test_amounts_that_no_machine_has_are_refused(wrong):
    """Negative, endless and unreadable amounts are refused."""
    with pytest.raises(ValueError, match=r"is (a number|0 or more|a size|no size)"):
        check_resources(wrong)
