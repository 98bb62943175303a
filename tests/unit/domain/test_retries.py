"""The pauses before retries."""

from hypothesis import given
from hypothesis import strategies as st

from whence.domain.retries import Retries


def test_pauses_grow_up_to_the_longest():
    """Each pause is the one before times the factor, until the longest is reached."""
    retries = Retries(9, pause=1.0, factor=3.0, longest=20.0)

    assert [retries.pause_after(failures, 0.0) for failures in (1, 2, 3, 4)] == [1, 3, 9, 20]


@given(st.integers(1, 10**9), st.floats(0, 1), st.floats(0, 9), st.floats(0, 9), st.floats(0, 99))
def test_a_pause_is_never_longer_than_the_longest(failures, chance, pause, factor, longest):
    """However often a step failed, the pause is a number of seconds within its bounds."""
    retries = Retries(1, pause=pause, factor=factor, longest=longest)

    assert 0 <= retries.pause_after(failures, chance) <= longest


def test_chance_shortens_a_pause_by_its_share():
    """With a jitter of a quarter, a pause of eight seconds lasts six to eight."""
    retries = Retries(1, pause=8.0)

    assert [retries.pause_after(1, chance) for chance in (0.0, 0.5, 1.0)] == [8, 7, 6]
