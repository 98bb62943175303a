"""Which silent runs are taken for dead, and what is said of their end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.example_records import MOMENT, make_run

from whence.domain.records import RunOwner
from whence.metadata_stores.crashes import find_crash
from whence.metadata_stores.presence_files import Sign

HERE = RunOwner("ada", 1, "this boot")
RUN = make_run(owner=RunOwner("ada", 4711, "this boot"))
HOURS = st.timedeltas(timedelta(hours=-30), timedelta(hours=30))


def seconds(number: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=number)


@given(heard=HOURS, clock=HOURS)
def test_a_held_lock_is_life_whatever_the_clocks_say(heard, clock):
    """Of a process that lives no clock can make a dead one."""
    sign = Sign(is_present=True, last_heard=MOMENT + heard)
    for run in (RUN, replace(RUN, owner=None), replace(RUN, owner=RunOwner("bob", 1, "other"))):
        assert find_crash(run, sign, HERE, MOMENT + clock) is None


@given(heard=HOURS, clock=HOURS)
def test_a_free_lock_is_death_whatever_the_clocks_say(heard, clock):
    """On its own machine a run is dead at once; its duration is never negative."""
    crash = find_crash(RUN, Sign(is_present=False, last_heard=MOMENT + heard), HERE, MOMENT + clock)

    assert crash is not None
    assert crash.duration >= 0
    assert crash.ended_at >= RUN.started_at


@pytest.mark.parametrize(
    ("owner", "cause"),
    [
        (RUN.owner, "Its process 4711 on ada ended without a word"),
        (RunOwner("ada", 4711, "an earlier boot"), "The machine was started anew"),
        (RunOwner("bob", 4711, "another boot"), "of which nothing is heard on ada"),
    ],
)
def test_the_cause_is_named(owner, cause):
    """A killed process, a restart and a store from elsewhere are told apart."""
    silent = Sign(is_present=False, last_heard=MOMENT + seconds(90))
    crash = find_crash(replace(RUN, owner=owner), silent, HERE, MOMENT + timedelta(days=3))

    assert cause in crash.error.message
    assert crash.duration == 90


def test_a_number_that_is_used_again_brings_nobody_back():
    """That some process bears the number of the dead one says nothing."""
    crash = find_crash(RUN, Sign(is_present=False), replace(HERE, process=4711), MOMENT)

    assert crash is not None


def test_another_machine_may_be_silent_for_half_a_minute():
    """Where locks may not be seen, a run counts as alive as long as its beats are new."""
    run = replace(RUN, owner=RunOwner("bob", 4711, "another boot"))
    sign = Sign(is_present=False, last_heard=MOMENT)

    assert find_crash(run, sign, HERE, MOMENT + seconds(29)) is None
    assert find_crash(run, sign, HERE, MOMENT - seconds(29)) is None  # its clock is ahead
    assert find_crash(run, sign, HERE, MOMENT + seconds(31)) is not None
    assert find_crash(run, Sign(is_present=False), HERE, MOMENT) is not None  # a bare database


def test_a_run_of_an_older_version_is_given_a_day():
    """A run that named no process may go on; after a day it is taken for dead."""
    run = replace(RUN, owner=None)

    assert find_crash(run, Sign(is_present=False), HERE, MOMENT + timedelta(hours=23)) is None
    crash = find_crash(run, Sign(is_present=False), HERE, MOMENT + timedelta(hours=25))
    assert "left no sign of life" in crash.error.message
