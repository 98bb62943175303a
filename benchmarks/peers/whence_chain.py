"""A chain of steps in Whence: `whence_chain.py LENGTH FOLDER`."""

import functools

import chain_clock

from whence import pipeline, step


@step
def begin(start: int) -> int:
    """Give the first number."""
    return start


@step
def add_one(value: int) -> int:
    """Give the next number."""
    return value + 1


@pipeline
def chain(length: int, start: int) -> int:
    """Tie *length* steps one after another."""
    value = begin(start)
    for _ in range(length - 1):
        value = add_one(value)
    return value


def run_chain(length: int, start: int) -> int:
    """Run a chain from its definition on and return its last number."""
    return chain(length, start).read()


chain_clock.report(lambda length: functools.partial(run_chain, length))
