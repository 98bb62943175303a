"""The steps of the prices project, as a script."""

import fakelib as fl
import pricing
import pricing.discounts
from pricing import discounts

from whence import step

FIRST, SECOND = 1.0, 2.0


def checked(function):
    """Refuse negative prices."""

    def inner(price: float) -> float:
        if price < 0:
            raise ValueError(price)
        return function(price)

    inner.__name__ = function.__name__
    return inner


@step
def sale(price: float) -> float:
    return pricing.seasonal(price)


@step
def rounded(price: float) -> float:
    return pricing.round_price(price) + FIRST


@step
def clearance(price: float) -> float:
    import pricing.rounding as rules

    return rules.slow_round(discounts.winter(price)) + SECOND


@step
def bundle(price: float) -> float:
    return discounts.halve(price) + pricing.discounts.double(price) + discounts.power(price)


@step
def smoothed(values: list[float]) -> list[float]:
    return fl.smooth(values)


@step
def drawn(values: list[float]) -> list[float]:
    from pricing.discounts import plot as show

    return show(values)


@step
def parsed(value: str) -> float:
    return discounts.as_price(value)


@step
@checked
def logged(price: float) -> float:
    return discounts.logged_price(price) + discounts.traced_price(price)[0]
