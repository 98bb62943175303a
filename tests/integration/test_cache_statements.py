"""What a run asks of its database, counted: a reused step costs next to nothing."""

from collections import Counter
from contextlib import contextmanager

from sqlalchemy import event

from whence import pipeline, step
from whence.stacks.current import open_stack

LENGTH = 1_000  # steps of the chain


@step
def begin() -> int:
    return 0


@step
def advance(number: int, value: int) -> int:
    return value + number


@pipeline
def chain(length: int):
    value = begin()
    for number in range(length - 1):
        value = advance.with_options(name=f"advance_{number}")(number, value)
    return value


@contextmanager
def counting_statements():
    """Count the statements that a block executes, by their first word, without transactions."""
    counts: Counter[str] = Counter()

    def count(_connection, _cursor, statement, *_rest):
        word = statement.split()[0]
        if word not in {"BEGIN", "COMMIT"}:
            counts[word] += 1

    with open_stack().metadata_store.database.reading() as connection:
        target = connection.engine
    event.listen(target, "before_cursor_execute", count)
    yield counts
    event.remove(target, "before_cursor_execute", count)


def test_a_reused_step_costs_at_most_one_statement(capsys):
    """Of a chain of 1,000 steps; an executed one costs at most three."""
    begin.run()
    with counting_statements() as executing:
        chain(LENGTH)
    with counting_statements() as reusing:
        run = chain(LENGTH)

    with capsys.disabled():
        print(f"\nexecuted: {dict(executing)}\nreused:   {dict(reusing)}")
    assert all(run.steps[name].cached for name in run.steps)
    assert executing.total() <= 3 * LENGTH
    assert reusing.total() <= LENGTH
