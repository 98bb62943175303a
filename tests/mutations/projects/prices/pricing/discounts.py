"""Discounts: decorators, closures and partials."""

import functools
import operator

import fakelib
import otherlib


def bounded(low, high):
    """Keep what a function gives within bounds."""

    def decorate(function):
        @functools.wraps(function)
        def inner(*args):
            return max(low, min(high, function(*args)))

        return inner

    return decorate


def traced(function):
    calls = []

    @functools.wraps(function)
    def inner(*args):
        return function(*args), len(calls)

    return inner


def make_discount(rate, base=10):
    offset = base / 100

    def discount(price):
        return price * (1 - rate) - offset

    return discount


@bounded(0, 100)
def seasonal(price):
    return summer(price) + 1


summer = make_discount(0.2)
winter = make_discount(0.3, base=20)
halve = functools.partial(operator.mul, 0.5)
power = functools.partial(pow, exp=2)
double = lambda price: price * 2  # noqa: E731  # the corpus edits a lambda


@fakelib.logged
def logged_price(price):
    return price + 0.5


@traced
def traced_price(price):
    return price


@functools.singledispatch
def as_price(value):
    return float(value)


@as_price.register
def _(value: str):
    return float(value.strip("$"))


@as_price.register(list)
def _(value):
    return sum(value)


def plot(values):
    return otherlib.draw(values)
