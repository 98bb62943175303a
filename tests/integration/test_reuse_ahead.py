"""What follows from nothing new is reused at once, and a record names steps as they come."""

import gc
import time

import pytest

import whence
from whence import pipeline, step
from whence.running.reuse_ahead import MOST_MISSES

NEW = MOST_MISSES + 4  # steps, more than the walk through the plan puts up with


@step
def give(number: int) -> int:
    return number


@step
def double(number: int) -> int:
    return 2 * number


@pipeline
def rows(new: int, shift: int):
    """Place many steps that *shift* makes new, between and before others that never are."""
    first = double(give.with_options(name="first")(-1))
    shifted = [double(give(number + shift)) for number in range(new)]
    last = double(give.with_options(name="last")(-2))
    return [first, *shifted, last]


def cached_of(run):
    """Return the names of the steps that were reused."""
    return {name for name in run.steps if run.steps[name].cached}


@pytest.mark.parametrize("new", [1, MOST_MISSES - 1, MOST_MISSES, NEW])
def test_all_that_is_known_is_reused_whatever_is_new_beside_it(new):
    """Also what comes behind more new steps than are looked at ahead."""
    rows(new, 0)

    run = rows(new, 1000)

    assert run.read() == [-2, *(2 * (number + 1000) for number in range(new)), -4]
    assert cached_of(run) == {"first", "double", "last", f"double_{new + 2}"}
    assert cached_of(rows(new, 1000)) == set(run.steps)


@step
def list_numbers(count: int) -> list[int]:
    return list(range(count))


@step
def add(number: int, more: int) -> int:
    return number + more


@step
def add_again(number: int, more: int) -> int:
    return more + number


@pipeline
def sums(count: int, again: bool):
    """Map a list that a step gives, with the output of another one for every item."""
    more = double(21)
    of_each = add_again if again else add
    return of_each.map(list_numbers(count), more=more)


def test_items_take_what_was_reused_before_they_were_placed():
    """A map whose step is new goes on from a list, and beside a step, of an earlier run."""
    sums(3, False)

    run = sums(3, True)

    assert run.read() == [42, 43, 44]
    assert cached_of(run) == {"double", "list_numbers"}


LIMIT = 20.0  # seconds; nobody waits that long unless something is wrong


@step
def wait_for_record(steps: int) -> int:
    """Return once the record of the run that goes on names so many steps."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        running = [run for run in whence.runs() if run.status == "running"]
        if running and len(list(running[0].steps)) >= steps:
            return steps
        time.sleep(0.02)
    raise TimeoutError


@pipeline
def waiting(steps: int):
    """Place a step that waits, and others behind it."""
    value = wait_for_record(steps)
    for _ in range(steps - 1):
        value = double(value)


@pytest.mark.parametrize("steps", [1, 5])
def test_the_record_of_a_run_that_goes_on_names_the_steps_that_wait(steps):
    """Others see what runs, and soon after what is still to come."""
    run = waiting(steps)

    assert [run.steps[name].status for name in run.steps] == ["completed"] * steps
    assert len(run.steps) == steps


@step(cache=False)
def look_for_collector(number: int) -> bool:
    return gc.isenabled()


@pipeline
def looking():
    """Place a step behind one that is reused the second time."""
    return look_for_collector(give(7))


def test_steps_run_with_the_collector_on():
    """What a step leaves behind is collected as ever, whatever was reused before it."""
    assert looking().read()
    assert looking().read()
    assert gc.isenabled()
