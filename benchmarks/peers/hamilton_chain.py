"""A chain of steps in Hamilton, with its cache: `hamilton_chain.py LENGTH FOLDER`."""

import functools
import sys

import chain_clock
from hamilton import driver
from hamilton.function_modifiers import parameterize, source

BEFORE = {
    f"value_{number}": {"value": source(f"value_{number - 1}")}
    for number in range(1, chain_clock.LENGTH)
}


def value_0(start: int) -> int:
    """Give the first number."""
    return start


@parameterize(**BEFORE)
def add_one(value: int) -> int:
    """Give the next number."""
    return value + 1


def build_driver() -> driver.Driver:
    """Return what runs the functions of this module and keeps their results."""
    cache = chain_clock.FOLDER / "cache"
    return driver.Builder().with_modules(sys.modules[__name__]).with_cache(path=cache).build()


def run_chain(length: int, start: int) -> int:
    """Return the last number of a chain."""
    last = f"value_{length - 1}"
    return chain.execute([last], inputs={"start": start})[last]


chain = build_driver()
chain_clock.report(lambda length: functools.partial(run_chain, length))
