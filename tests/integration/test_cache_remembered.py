"""What a process remembers of its cache holds only as long as nobody else writes to the store."""

import shutil
import sqlite3

import pytest

from whence import pipeline, step
from whence.stacks.current import open_stack

LENGTH = 50


@step
def begin(value: int) -> int:
    return value


@step
def advance(value: int) -> int:
    return value + 1


@pipeline
def chain(value: int):
    number = begin(value)
    for _ in range(LENGTH - 1):
        number = advance(number)
    return number


def count_cached(run) -> int:
    """Return how many steps of a run were reused."""
    return sum(run.steps[name].cached for name in run.steps)


@pytest.fixture
def database():
    """Give the file of the current home's records."""
    return open_stack().metadata_store.path


def alter(database, statement: str) -> None:
    """Write to the records as another program would."""
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(statement)
    connection.close()


def test_bytes_that_another_program_altered_are_not_served(database):
    """A result that this process knew to be right is looked at again once somebody has written."""
    first = chain(1)
    assert count_cached(chain(1)) == LENGTH

    alter(database, "UPDATE contents SET inline = x'3939' WHERE inline IS NOT NULL")
    again = chain(1)

    assert not again.steps.begin.cached
    assert again.read() == first.read() == LENGTH


def test_records_that_another_program_removed_are_missed(database):
    """What is no longer recorded is computed again."""
    chain(2)
    assert count_cached(chain(2)) == LENGTH

    alter(database, "DELETE FROM cache_entries")

    assert count_cached(chain(2)) == 0


def test_a_home_that_was_deleted_is_begun_anew(database):
    """Nothing of a store outlives it in memory."""
    chain(3)
    shutil.rmtree(database.parent)

    run = chain(3)

    assert count_cached(run) == 0
    assert run.read() == LENGTH + 2


def test_a_step_that_was_refreshed_gives_its_newest_result():
    """A result computed again takes the place of the remembered one."""
    first = chain(4)
    refreshed = chain.with_options(refresh=["begin"])(4)
    again = chain(4)

    assert again.steps.begin.cached
    producer = again.steps.begin.outputs.result.producer
    assert producer.run.id == refreshed.id != first.id
