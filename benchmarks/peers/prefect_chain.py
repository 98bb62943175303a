"""A chain of steps in Prefect, with results kept: `prefect_chain.py LENGTH FOLDER`."""

import functools

import chain_clock
from prefect import flow, task
from prefect.cache_policies import INPUTS, TASK_SOURCE

KEPT = INPUTS + TASK_SOURCE


@task(cache_policy=KEPT)
def begin(start: int) -> int:
    """Give the first number."""
    return start


@task(cache_policy=KEPT)
def add_one(value: int) -> int:
    """Give the next number."""
    return value + 1


@flow
def chain(length: int, start: int) -> int:
    """Call *length* tasks one after another."""
    value = begin(start)
    for _ in range(length - 1):
        value = add_one(value)
    return value


chain_clock.report(lambda length: functools.partial(chain, length))
