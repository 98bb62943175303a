"""Kills writing processes at random moments and says what became of their work.

    python kill_writers.py FOLDER KILLS SEED

Each writer commits artifacts of random bytes and records steps, in this order, and names every step
on a pipe once `record` has returned. After each kill the stores are opened anew and examined.
"""

import json
import os
import random
import sqlite3
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from tests.contract.example_records import finish, make_run, make_step
from tests.integration.forked import kill_child

from whence.artifact_stores.local import LocalArtifactStore
from whence.domain.contents import Content, make_inline_content
from whence.domain.ids import RunId, StepRunId
from whence.domain.records import RunFilter, RunStarted
from whence.domain.status import StepStatus
from whence.errors import WhenceError
from whence.metadata_stores import read_records, sqlite_database, write_events
from whence.metadata_stores.sqlite import SqliteMetadataStore

LONGEST_LIFE = 0.08  # seconds after the writer is ready
LOADED = (read_records, sqlite_database, write_events)  # imported once, before the forks


def open_stores(folder: Path) -> tuple[LocalArtifactStore, SqliteMetadataStore]:
    """Return the stores under *folder*."""
    return LocalArtifactStore(folder / "artifacts"), SqliteMetadataStore(folder / "m.sqlite")


def write_for_ever(folder: Path, pipe: int) -> None:
    """Run steps until killed; acknowledge each that was recorded."""
    random.seed(os.urandom(8))
    store, records = open_stores(folder)
    run = make_run()
    records.record([RunStarted(run, [make_step(run, position) for position in range(9)])])
    os.write(pipe, b"ready\n")
    for position in range(10**6):
        step = make_step(run, 1000 + position)
        content = _inline(store) if position % 4 == 3 else _stored(store)
        records.record([finish(run, step, content=content)], durable=position % 8 == 0)
        os.write(pipe, f"{step.id}\n".encode())


def _inline(_store: LocalArtifactStore) -> Content:
    return make_inline_content({"value.bin": os.urandom(20)})


def _stored(store: LocalArtifactStore) -> Content:
    folder = store.open_staging()
    (folder / "sub").mkdir()
    (folder / "a.bin").write_bytes(os.urandom(random.randrange(1, 60_000)))
    (folder / "sub/b.bin").write_bytes(os.urandom(100))
    return store.commit(folder)


def left_in_the_middle(folder: Path) -> bool:
    """Return whether the last writer was killed while an output was on its way into the store."""
    return any((folder / "artifacts/staging").glob("*/*/*"))


class Examination:
    """What is wrong with the stores, counted; what was found good is not looked at again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[RunId] = set()
        self.recorded = 0
        self.faults: list[str] = []
        self.recovery_seconds: list[float] = []

    def examine(self, acknowledged: list[str]) -> None:
        """Check the newest run, and that every acknowledged step is there and verifies."""
        store, records = open_stores(self._folder)
        start = time.perf_counter()
        runs = records.list_runs(RunFilter(limit=None))
        self.recovery_seconds.append(time.perf_counter() - start)
        new = [run.id for run in runs if run.id not in self._known]
        done = {step for run_id in new for step in self._examine_run(store, records, run_id)}
        self._known.update(new)
        self.recorded += len(done)
        self.faults += [f"lost {step}" for step in acknowledged if step not in done]
        records.close()
        self._check_database()

    def _examine_run(
        self, store: LocalArtifactStore, records: SqliteMetadataStore, run_id: RunId
    ) -> list[StepRunId]:
        artifacts = records.list_artifacts_of_steps(run_id)
        done = [s.id for s in records.list_steps(run_id) if s.status is StepStatus.COMPLETED]
        for step in done:
            outputs = artifacts[step].outputs
            if len(outputs) != 1:
                self.faults.append(f"dangling {step}")
            for output in outputs:
                self._verify(store, records.find_content(output.digest))
        return done

    def _verify(self, store: LocalArtifactStore, content: Content | None) -> None:
        try:
            if content is None:
                self.faults.append("no content")
            else:
                store.verify(content, full=True)
        except WhenceError as error:
            self.faults.append(f"torn {error}")

    def _check_database(self) -> None:
        with closing(sqlite3.connect(self._folder / "m.sqlite")) as connection:
            for check in ("integrity_check", "foreign_key_check"):
                answer = connection.execute(f"PRAGMA {check}").fetchall()
                if answer not in ([], [("ok",)]):
                    self.faults.append(f"{check}: {answer[:3]}")


def main(folder: Path, kills: int, seed: int) -> None:
    """Kill *kills* writers; print what was counted, as JSON."""
    chance = random.Random(seed)
    examination = Examination(folder)
    acknowledged = in_window = 0
    for _ in range(kills):
        seconds = chance.uniform(0, LONGEST_LIFE)
        said = kill_child(partial(write_for_ever, folder), seconds)[1:]  # the first says `ready`
        acknowledged += len(said)
        in_window += left_in_the_middle(folder)
        examination.examine(said)
    counts = {
        "kills": kills,
        "in_window": in_window,
        "acknowledged": acknowledged,
        "recorded": examination.recorded,
        "faults": examination.faults,
        "slowest_recovery_ms": round(max(examination.recovery_seconds) * 1000, 1),
    }
    print(json.dumps(counts))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
