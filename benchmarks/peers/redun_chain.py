"""A chain of steps in redun: `redun_chain.py LENGTH FOLDER`."""

import chain_clock
from redun import Scheduler, task
from redun.config import Config

redun_namespace = "chain"


@task()
def begin(start: int) -> int:
    """Give the first number."""
    return start


@task()
def add_one(value: int) -> int:
    """Give the next number."""
    return value + 1


@task()
def chain(length: int, start: int) -> int:
    """Tie *length* calls one after another."""
    value = begin(start)
    for _ in range(length - 1):
        value = add_one(value)
    return value


def make_scheduler() -> Scheduler:
    """Return a scheduler that records in a SQLite database."""
    database = chain_clock.FOLDER / "redun.db"
    scheduler = Scheduler(config=Config({"backend": {"db_uri": f"sqlite:///{database}"}}))
    scheduler.load()
    return scheduler


scheduler = make_scheduler()
chain_clock.report(lambda length: lambda start: scheduler.run(chain(length, start)))
