"""Processes that want the same database: `contention FILE many|stopped`, as JSON."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from tests.contract.example_records import make_run
from tests.contract.race import race

from whence.domain.records import RunFilter, RunStarted
from whence.errors import StoreUnavailableError
from whence.metadata_stores import read_records, write_events
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.metadata_stores.sqlite_database import SqliteDatabase

LOADED = (read_records, write_events)  # imported once, before the forks
WRITERS, TURNS = 16, 40


def count_up(file: Path) -> dict[str, Any]:
    """Let processes read a number and write the next one, each many times."""
    SqliteMetadataStore(file).record([RunStarted(make_run(name="0"), [])])

    def work(_number: int) -> float:
        database = SqliteDatabase(file)
        waits: list[float] = []
        for _ in range(TURNS):
            start = time.perf_counter()
            with database.writing(durable=False) as connection:
                waits.append(time.perf_counter() - start)
                _add_one(connection)
        database.close()
        return max(waits)

    waits = race(WRITERS, work)
    (run,) = SqliteMetadataStore(file).list_runs(RunFilter())
    return {"counted": run.name, "longest_wait_seconds": round(max(waits), 3)}


def _add_one(connection: Connection) -> None:
    number = connection.exec_driver_sql("SELECT name FROM runs").scalar_one()
    connection.exec_driver_sql("UPDATE runs SET name = ?", (str(int(number) + 1),))


def stop_a_writer(file: Path) -> dict[str, Any]:
    """Stop a process inside a transaction; say what others see, then kill it and go on."""
    run = make_run()
    SqliteMetadataStore(file).record([RunStarted(run, [])])
    writer = os.fork()
    if writer == 0:
        with SqliteDatabase(file).writing(durable=False) as connection:
            _set_name(connection, "never")
            os.kill(os.getpid(), signal.SIGSTOP)
    os.waitpid(writer, os.WUNTRACED)
    reader = SqliteMetadataStore(file)
    times: list[float] = []
    for _ in range(100):
        start = time.perf_counter()
        found = reader.find_run(run.id)
        times.append(time.perf_counter() - start)
    refused = _try_to_write(file)
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    after = _try_to_write(file)
    return {
        "writer": writer,
        "read": found == run,
        "read_p99_ms": round(sorted(times)[98] * 1000, 1),
        "refused": refused,
        "after": after,
    }


def _try_to_write(file: Path) -> dict[str, str | None]:
    database = SqliteDatabase(file, busy_seconds=0.3)
    try:
        with database.writing(durable=False) as connection:
            _set_name(connection, "another")
    except StoreUnavailableError as error:
        return error.describe()
    finally:
        database.close()
    return {}


def _set_name(connection: Connection, name: str) -> None:
    connection.exec_driver_sql("UPDATE runs SET name = ?", (name,))


def main(file: Path, what: str) -> None:
    """Print what was seen, as JSON."""
    found = count_up(file) if what == "many" else stop_a_writer(file)
    print(json.dumps(found))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
