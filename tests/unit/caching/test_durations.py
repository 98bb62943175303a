"""How long a stored result stays good."""

from datetime import timedelta

import pytest

from whence.caching.lookup import parse_duration


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1s", timedelta(seconds=1)),
        ("90m", timedelta(hours=1, minutes=30)),
        ("1.5h", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
    ],
)
def test_durations_are_a_number_and_a_unit(text, meant):
    """Seconds, minutes, hours, days and weeks."""
    assert parse_duration(text) == meant


@pytest.mark.parametrize("text", ["", "7", "d", "7 d", "-1d", "1y", "1d2h"])
def test_what_is_no_duration_is_refused(text):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=text or "^$"):
        parse_duration(text)
