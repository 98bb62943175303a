"""A chain of steps in ZenML: `zenml_chain.py LENGTH FOLDER`."""

import functools

import chain_clock
from zenml import pipeline, step


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
    """Run a chain and load the output of its last step."""
    last = "add_one" if length == 2 else f"add_one_{length - 1}"
    return chain(length=length, start=start).steps[last].output.load()


chain_clock.report(lambda length: functools.partial(run_chain, length))
