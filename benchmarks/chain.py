"""What a step costs that does nothing: a chain of no-op steps, everything recorded."""

import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measurement import Measurement, seconds
from whence import pipeline, step
from whence.stacks.current import make_local_stack, use_stack

LENGTH = 1000
REPEATS = 5
ROW = ("0190b3c2-7f1e-7c3a-9d2e-0123456789ab", "pass_on", '{"value": "1"}', b"1", 1.0)


@step
def begin(value: int = 0) -> int:
    """Give the first number."""
    return value


@step
def pass_on(value: int) -> int:
    """Give what was taken."""
    return value


@pipeline
def chain(length: int) -> int:
    """Tie *length* steps one after another."""
    value = begin()
    for _ in range(length - 1):
        value = pass_on(value)
    return value


def measure() -> Iterator[Measurement]:
    """Measure a chain after one warm-up run, in this process, beside rows written by hand."""
    with tempfile.TemporaryDirectory() as folder, _stack_in(Path(folder) / "home"):
        chain(LENGTH)
        rounds = [_one_round(Path(folder)) for _ in range(REPEATS)]
        with counting_statements() as counts:
            chain(LENGTH)
    per_step = statistics.median(ours for ours, _ in rounds) / LENGTH
    by_hand = statistics.median(ours / theirs for ours, theirs in rounds)
    yield Measurement("per step of a chain", 1000 * per_step, "ms", 0.5, f"{LENGTH:,} no-op steps")
    yield Measurement(
        "the same, against rows by hand",
        by_hand,
        "x",
        note="three rows a step, sqlite3, one commit each",
    )
    yield Measurement("SQL statements per step", counts.statements / LENGTH, "", 3)
    yield Measurement("transactions per step", counts.transactions / LENGTH, "", 1)


def _one_round(folder: Path) -> tuple[float, float]:
    """Return the time of a chain and that of its rows by hand, one right after the other."""
    ours = seconds(lambda: chain(LENGTH))
    return ours, seconds(lambda: _insert_by_hand(folder / "by_hand.sqlite"))


def _insert_by_hand(path: Path) -> None:
    """Write what a step leaves at least, one transaction a step, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = normal")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (id, name, facts, bytes, moment)")
    for _ in range(LENGTH):
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(3):  # a step run, its content, its artifact
            connection.execute("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", ROW)
        connection.execute("COMMIT")
    connection.close()


@contextmanager
def _stack_in(home: Path) -> Iterator[None]:
    stack = make_local_stack(home)
    with use_stack(stack):
        yield
    stack.close()


class StatementCounts:
    """How many statements and transactions were sent; one for many rows counts once."""

    def __init__(self) -> None:
        self.statements = 0
        self.transactions = 0

    def count(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        """Count a statement that is about to be sent."""
        if statement.startswith("BEGIN"):
            self.transactions += 1
        elif not statement.startswith(("COMMIT", "PRAGMA")):
            self.statements += 1


@contextmanager
def counting_statements() -> Iterator[StatementCounts]:
    """Count what SQLAlchemy sends inside the block, whatever the connection."""
    from sqlalchemy import Engine, event

    counts = StatementCounts()
    event.listen(Engine, "before_cursor_execute", counts.count)
    try:
        yield counts
    finally:
        event.remove(Engine, "before_cursor_execute", counts.count)
