"""Kills running pipelines at random moments and says what became of their records.

    python kill_runs.py FOLDER KILLS SEED

Each writer runs one pipeline after the other, in a project that several writers use in turn, and
says on a pipe how far it is. What they leave is examined by a process that has opened nothing.
"""

import json
import os
import random
import sqlite3
import sys
import time
import zlib
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pyarrow.pandas_compat
import pydantic.type_adapter
import sqlalchemy.dialects.sqlite
from tests.integration.forked import ask_child, kill_child

import whence
from whence import Input, Metric, Output, pipeline, step
from whence.artifact_stores import local
from whence.artifacts import DataArtifact
from whence.errors import WhenceError
from whence.history.run_records import find_content
from whence.materializers import arrays, frames
from whence.metadata_stores import (
    presence_files,
    read_cache,
    read_records,
    reservation_table,
    sqlite,
    sqlite_database,
    write_events,
)
from whence.orchestrators import local as local_orchestrator
from whence.running import run_plan
from whence.stacks.current import open_stack

LOADED = (
    *(pyarrow.pandas_compat, pydantic.type_adapter, sqlalchemy.dialects.sqlite),
    *(presence_files, read_cache, reservation_table, local_orchestrator),
    *(arrays, frames, local, read_records, run_plan, sqlite, sqlite_database, write_events),
)
"""Imported once, before the forks: what a process loads at its first run."""

LONGEST_LIFE = 0.5  # seconds after the writer began: some runs
LONG_STEP = 0.15  # seconds; every other run is recorded as running before it ends
KILLS_PER_PROJECT = 10  # so that the making of a project's stores is met as well
KILLS_PER_EXAMINATION = 5
POINTS = 20  # of a metric that a step logs
OUTPUTS = {
    "draw": {"result"},
    "tabulate": {"result"},
    "save": {"folder"},
    "describe": {"result"},
    "compute_checksum": {"result"},
}


@step
def draw(size: int, seed: int) -> np.ndarray:
    print("draw", flush=True)
    return np.random.default_rng(seed).random(size)


@step
def tabulate(values: np.ndarray, names: pd.DataFrame) -> pd.DataFrame:
    print("tabulate", flush=True)
    return names.assign(value=values[: len(names)])


@step
def save(frame: pd.DataFrame, parts: int, folder: Output[DataArtifact]):
    print("save", flush=True)
    for number in range(parts):
        part = folder.path / f"part-{number}"
        part.mkdir()
        (part / "values.bin").write_bytes(os.urandom(len(frame) * (number + 1)))


@step
def describe(values: np.ndarray, folder: Input[DataArtifact]) -> Annotated[float, Metric("mean")]:
    print("describe", flush=True)
    for number in range(POINTS):
        whence.log_metric("value", float(values[number]), step=number)
    whence.log_metadata(files=len(list(folder.path.iterdir())))
    whence.log_artifact("head", values[:10])
    return float(values.mean())


@step
def compute_checksum(values: np.ndarray) -> int:
    print("compute_checksum", flush=True)
    if len(values) % 2:
        time.sleep(LONG_STEP)
    return zlib.crc32(values)


@pipeline
def work(size: int, seed: int, parts: int):
    values = draw(size, seed)
    names = pd.DataFrame({"name": [f"{seed}-{number}" for number in range(1000)]})
    folder = save(tabulate(values, names), parts).folder
    return {"mean": describe(values, folder), "checksum": compute_checksum(values)}


def run_once() -> Any:
    """Return a finished run of new contents, 100 kB to 2 MB and what belongs to them."""
    chance = random.Random(os.urandom(8))
    size = chance.randrange(12_500, 250_000)
    return work(size=size, seed=chance.getrandbits(60), parts=chance.randrange(1, 6))


def run_for_ever(project: Path, pipe: int) -> None:
    """Run pipelines until killed; what their steps print tells how far they are."""
    os.chdir(project)
    os.dup2(pipe, sys.stdout.fileno())
    os.write(pipe, b"ready\n")
    while True:
        os.write(pipe, f"done {run_once().id}\n".encode())


class Examination:
    """What a project holds, counted, and what is wrong with it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []

    def examine(self, project: Path, acknowledged: list[str]) -> dict[str, Any]:
        """Check all that is recorded; then run once more and check that too."""
        os.chdir(project)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        self._check_database(project / ".whence/metadata.sqlite")
        self._check_runs(acknowledged)
        self._check_runs([run_once().id])
        leftovers = [folder for folder in find_staged(project) if folder.exists()]
        self.faults += [f"not swept: {folder}" for folder in leftovers]
        return {"counts": self.counts, "faults": self.faults}

    def _check_database(self, file: Path) -> None:
        if not file.exists():
            return  # the writers were killed before they made it
        with closing(sqlite3.connect(file)) as connection:
            for check in ("integrity_check", "foreign_key_check"):
                answer = connection.execute(f"PRAGMA {check}").fetchall()
                if answer not in ([], [("ok",)]):
                    self.faults.append(f"{check}: {answer[:3]}")

    def _check_runs(self, acknowledged: list[str]) -> None:
        runs = whence.runs(limit=None)
        completed = {run.id for run in runs if run.status == "completed"}
        self.faults += [f"lost: {run_id}" for run_id in acknowledged if run_id not in completed]
        crashed = [run for run in runs if run.status == "crashed"]
        self.faults += [f"stuck: {run.id}" for run in runs if run.status == "running"]
        self.counts = Counter(runs=len(runs), completed=len(completed), crashed=len(crashed))
        for run in runs:
            try:
                self._check_run(run)
            except WhenceError as error:
                self.faults.append(f"torn: {run.id}: {error}")

    def _check_run(self, run: Any) -> None:
        for each in members(run.steps):
            self._check_step(each)
        if run.status == "completed":
            values = run.steps.draw.outputs.result.read()
            if run.read() != {"mean": values.mean(), "checksum": zlib.crc32(values)}:
                self.faults.append(f"changed: {run.id}")
            if any(each.status != "completed" for each in members(run.steps)):
                self.faults.append(f"completed without its steps: {run.id}")

    def _check_step(self, each: Any) -> None:
        done = each.status == "completed"
        if set(each.outputs) != (OUTPUTS[each.node] if done else set()):
            self.faults.append(f"outputs of {each.id}: {list(each.outputs)}")
        if done and each.logs() != f"{each.node}\n":
            self.faults.append(f"log of {each.id}: {each.logs()!r}")
        if done and each.node == "describe" and len(each.metrics.points) != POINTS + 1:
            self.faults.append(f"metrics of {each.id}: {len(each.metrics.points)}")
        self.counts["steps"] += done
        for artifact in (*members(each.outputs), *members(each.inputs), *members(each.artifacts)):
            self._check_artifact(artifact)

    def _check_artifact(self, artifact: Any) -> None:
        stack = open_stack()
        stack.artifact_store.verify(find_content(stack, artifact.digest), full=True)
        if artifact.format is None:
            assert all(folder.is_dir() for folder in artifact.path.iterdir())
        else:
            artifact.read()
        producer = artifact.producer
        if producer is not None and producer.status != "completed":
            self.faults.append(f"from a step that did not complete: {artifact.uri}")
        self.counts["artifacts"] += 1
        self.counts["bytes"] += artifact.size


def members(named: Any) -> list[Any]:
    """Return the members of a run or step run, without their names."""
    return [named[name] for name in named]


def find_staged(project: Path) -> set[Path]:
    """Return the folders in which outputs were being written or were on their way in."""
    return set(project.glob(".whence/artifacts/staging/*/*"))


class Killing:
    """Kills writers one after the other; counts at which moments, and what they left."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._acknowledged: list[str] = []  # in the project in use
        self._staged: set[Path] = set()
        self.last_words: Counter[str] = Counter()
        self.committing = 0
        self.totals: Counter[str] = Counter()
        self.faults: list[str] = []

    def kill(self, number: int) -> None:
        """Kill a writer, the one of this number; now and then examine what there is."""
        project = self._folder / str(number // KILLS_PER_PROJECT)
        if number % KILLS_PER_PROJECT == 0:
            project.mkdir(parents=True)
            (project / "pyproject.toml").touch()
            self._acknowledged = []
        seconds = self._chance.uniform(0, LONGEST_LIFE)
        self._hear(kill_child(partial(run_for_ever, project), seconds))
        staged = find_staged(project)
        self.committing += not staged <= self._staged
        self._staged = staged
        if (number + 1) % KILLS_PER_EXAMINATION == 0:
            self._examine(project, last=(number + 1) % KILLS_PER_PROJECT == 0)

    def _hear(self, said: list[str]) -> None:
        self.last_words[said[-1].split()[0]] += 1
        self._acknowledged += [line.split()[1] for line in said if line.startswith("done")]

    def _examine(self, project: Path, *, last: bool) -> None:
        found = ask_child(lambda: Examination().examine(project, self._acknowledged))
        self.faults += found["faults"]
        if last:
            self.totals.update(found["counts"], acknowledged=len(self._acknowledged))


def main(folder: Path, kills: int, seed: int) -> None:
    """Kill *kills* writers; print what was counted, as JSON."""
    start = time.perf_counter()
    killing = Killing(folder, seed)
    for number in range(kills):
        killing.kill(number)
    counts = {
        "kills": kills,
        "last_words": killing.last_words,
        "committing": killing.committing,
        **killing.totals,
        "faults": killing.faults[:20],
        "seconds": round(time.perf_counter() - start),
    }
    print(json.dumps(counts))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
