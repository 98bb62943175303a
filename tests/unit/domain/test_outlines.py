"""The course of a series in a few numbers."""

import math

import pytest

from whence.domain.metrics import draw_outline


@pytest.mark.parametrize("value", [1.0, 0.1, -3.7e300, 5e-324])
@pytest.mark.parametrize("count", [7, 49, 4096])
def test_a_series_that_stays_the_same_has_a_flat_course(value: float, count: int):
    """No rounding shows as a rise or fall."""
    assert set(draw_outline([value] * count, 16)) == {value}


def test_what_is_no_number_does_not_count_in_a_course():
    """A mean is that of the finite values; of none it is NaN."""
    outline = draw_outline([1.0, math.inf, math.nan, 3.0, math.nan, math.nan], 3)

    assert list(outline[:2]) == [1.0, 3.0]
    assert math.isnan(outline[2])
