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


@step
def begin(value: int = 0) -> int:
    """Give the first number."""
    return value


@step
def pass_on(value: int) -> int:
    """Give another number than was taken: an equal step would be reused."""
    return value + 1


@pipeline
def chain(length: int, start: int) -> int:
    """Tie *length* steps one after another; another *start* makes all of them new."""
    value = begin(start)
    for _ in range(length - 1):
        value = pass_on(value)
    return value


def measure() -> Iterator[Measurement]:
    """Measure a chain after one warm-up run, in this process, beside rows written by hand."""
    with tempfile.TemporaryDirectory() as folder, stack_in(Path(folder) / "home"):
        chain(LENGTH, _start_of(-1))
        rounds = [_one_round(Path(folder), number) for number in range(REPEATS)]
        with counting_statements() as counts:
            chain(LENGTH, _start_of(REPEATS))
        again = [seconds(lambda: chain(LENGTH, _start_of(REPEATS))) for _ in range(REPEATS)]
        with counting_statements() as counts_again:
            chain(LENGTH, _start_of(REPEATS))
    per_step = statistics.median(ours for ours, _ in rounds) / LENGTH
    by_hand = statistics.median(ours / theirs for ours, theirs in rounds)
    yield Measurement("per step of a chain", 1000 * per_step, "ms", 0.5, f"{LENGTH:,} no-op steps")
    yield Measurement(
        "the same, against rows by hand",
        by_hand,
        "x",
        note="sqlite3, one transaction a step",
    )
    yield Measurement("SQL statements per step", counts.statements / LENGTH, "", 3)
    yield Measurement("transactions per step", counts.transactions / LENGTH, "", 1)
    reused = 1000 * statistics.median(again) / LENGTH
    yield Measurement("per step, all reused", reused, "ms", 0.05, "the same chain again")
    yield Measurement("SQL statements per reused step", counts_again.statements / LENGTH, "", 1)


def _start_of(number: int) -> int:
    """Return where the numbers of a round begin, out of reach of all others."""
    return 10 * LENGTH * number


def _one_round(folder: Path, number: int) -> tuple[float, float]:
    """Return the time of a chain and that of its rows by hand, one right after the other."""
    ours = seconds(lambda: chain(LENGTH, _start_of(number)))
    rows = _StoredRows(folder / "home" / "metadata.sqlite")
    return ours, seconds(lambda: rows.insert_into(folder / f"by_hand_{number}.sqlite"))


class _StoredRows:
    """The rows that a chain has left: what recording it costs at least."""

    def __init__(self, store: Path) -> None:
        connection = sqlite3.connect(store)
        schema = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        self._schema = ";".join(sql for (sql,) in schema)
        self._rows = {
            table: connection.execute(
                f"SELECT * FROM {table} ORDER BY id DESC LIMIT {LENGTH}"
            ).fetchall()
            for table in ("step_runs", "artifacts")
        }
        connection.close()

    def insert_into(self, path: Path) -> None:
        """Insert them into new tables of the same schema, in one transaction for each step."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = normal")
        connection.executescript(self._schema)
        for number in range(LENGTH):
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in self._rows.items():
                places = ", ".join("?" * len(rows[number]))
                connection.execute(f"INSERT INTO {table} VALUES ({places})", rows[number])
            connection.execute("COMMIT")
        connection.close()


@contextmanager
def stack_in(home: Path) -> Iterator[None]:
    """Let runs inside the block have a stack of their own."""
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
