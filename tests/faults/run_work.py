"""Work for a process that meets faults: a whole run of a pipeline, as a user starts it.

It says `completed RUN` once the call has returned, and the name of each step that begins.
"""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pydantic.type_adapter
import sqlalchemy.dialects.sqlite
from tests.faults.store_work import REFUSED, check_database

import whence
from whence import Input, Metric, Output, pipeline, step
from whence.artifact_stores import local
from whence.artifact_stores.durable_files import make_durable_folder
from whence.artifacts import DataArtifact
from whence.caching.leases import lease_length
from whence.errors import WhenceError
from whence.history.run_records import find_content
from whence.materializers import arrays
from whence.metadata_stores import (
    read_cache,
    read_records,
    reservation_table,
    sqlite,
    sqlite_database,
    upgrade_schema,
    write_events,
)
from whence.running import run_plan
from whence.stacks.current import open_stack

LOADED = (
    *(pydantic.type_adapter, sqlalchemy.dialects.sqlite, arrays, local, read_cache, read_records),
    *(reservation_table, run_plan, sqlite, sqlite_database, upgrade_schema, write_events),
)
"""Imported once, before the forks: what a process loads at its first run."""

FAILED = 1  # the exit code of work one of whose steps failed
CANCELLED = 130  # the exit code of work that was interrupted
WORDS = "of a step that says much\n" * 800  # more than is held in memory


@step
def draw(size: int, seed: int) -> np.ndarray:
    print("draw", flush=True)
    return np.random.default_rng(seed).random(size)


@step
def save(values: np.ndarray, folder: Output[DataArtifact]):
    print("save", WORDS)
    (folder.path / "deeper").mkdir()
    (folder.path / "deeper/a.bin").write_bytes(values.tobytes())
    (folder.path / "b.bin").write_bytes(b"b" * 100)


@step
def measure(values: np.ndarray, folder: Input[DataArtifact]) -> Annotated[float, Metric("mean")]:
    print("measure", flush=True)
    whence.log_metric("size", (folder.path / "deeper/a.bin").stat().st_size)
    return float(values.mean())


@pipeline
def work(size: int, seed: int):
    values = draw(size, seed)
    return measure(values, save(values).folder)


STEPS = ("draw", "save", "measure")


def run_once(seed: int) -> Any:
    """Return a finished run in the project of the working directory."""
    with lease_length.entered(0.2):  # of a killed run is waited for by the next one
        return work(size=2000, seed=seed)


def make_project(folder: Path) -> Path:
    """Return an empty project."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    return folder


def enter_project(folder: Path) -> None:
    """Make a project the current one; keep what steps print to ourselves."""
    os.chdir(folder)
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  # until the process ends


def warm_up(folder: Path) -> None:
    """Run once here, so that processes forked from this one need import nothing."""
    here, stream = Path.cwd(), sys.stdout
    enter_project(make_project(folder))
    run_once(0)
    close_stores()
    os.chdir(here)
    sys.stdout.close()
    sys.stdout = stream


def close_stores() -> None:
    """Do what the interpreter does at its end, which forked processes leave out."""
    sqlite_database._close_all()


@dataclass(frozen=True, slots=True)
class RunWork:
    """Runs the pipeline once in the project *folder*."""

    folder: Path
    seed: int = 1
    makes_project: bool = False

    def __call__(self, pipe: int) -> None:
        """Do the work; the exit code says how it ended."""
        try:
            self._run(pipe)
        except KeyboardInterrupt as error:
            raise SystemExit(CANCELLED) from error

    def _run(self, pipe: int) -> None:
        if self.makes_project:
            make_project(self.folder)
            make_durable_folder(self.folder)  # its user's, who made it long ago
        enter_project(self.folder)
        try:
            run = run_once(self.seed)
            os.write(pipe, f"completed {run.id}\n".encode())
        except WhenceError as error:
            os.write(pipe, f"refused {error.code}\n".encode())
            raise SystemExit(REFUSED) from error
        except OSError as error:  # of the step itself, which writes and prints
            os.write(pipe, f"failed {error.whence_run.id}\n".encode())
            raise SystemExit(FAILED) from error
        finally:
            close_stores()


@dataclass(slots=True)
class RunExamination:
    """What a project holds, and what is wrong with it."""

    faults: list[str] = field(default_factory=list[str])
    statuses: dict[str, str] = field(default_factory=dict[str, str])  # of runs, by id

    def examine(self, folder: Path, said: Iterable[str]) -> None:
        """Look at all that is recorded, and whether what was said is true."""
        self.faults += check_database(folder / ".whence/metadata.sqlite")
        for run in whence.runs(limit=None):
            self.statuses[run.id] = str(run.status)
            self._examine_run(run)
        for act, name in map(str.split, said):
            if act == "completed" and self.statuses.get(name) != "completed":
                self.faults.append(f"lost: {name}, among {self.statuses}")

    def _examine_run(self, run: Any) -> None:
        steps = [run.steps[name] for name in run.steps]
        for each in steps:
            done = each.status == "completed"
            if len(each.outputs) != (1 if done else 0):
                self.faults.append(f"dangling: outputs of {each.node} of {run.id}")
            for artifact in [each.outputs[name] for name in each.outputs]:
                self._examine_artifact(artifact)
            if done and not (each.logs().startswith(each.node) or "[whence]" in each.logs()):
                self.faults.append(f"torn: log of {each.id}: {each.logs()!r}")
        if run.status == "completed":
            if [str(each.status) for each in steps] != ["completed"] * len(STEPS):
                self.faults.append(f"dangling: {run.id} completed without its steps")
            elif run.read() != run.steps.draw.outputs.result.read().mean():
                self.faults.append(f"torn: {run.id}")

    def _examine_artifact(self, artifact: Any) -> None:
        try:
            stack = open_stack()
            stack.artifact_store.verify(find_content(stack, artifact.digest), full=True)
        except WhenceError as error:
            self.faults.append(f"torn: {error}")


def examine_project(folder: Path, said: Iterable[str], seed: int = 1) -> dict[str, Any]:
    """Examine a project, run the pipeline there once more, and examine it again.

    Meant for a process of its own, that has opened nothing before.
    """
    enter_project(folder)
    found = RunExamination()
    try:
        found.examine(folder, said)
        before = dict(found.statuses)
        again = run_once(seed)
        found.examine(folder, [f"completed {again.id}"])
        open_stack().artifact_store.discard(open_stack().artifact_store.open_staging())
        found.faults += [f"not swept: {left}" for left in find_leftovers(folder)]
    except Exception as error:  # noqa: BLE001  # whatever it is, the project is stuck
        found.faults.append(f"stuck: {type(error).__name__}: {error}")
        before = {}
    finally:
        close_stores()
    return {"faults": found.faults, "statuses": sorted(before.values())}


def find_leftovers(folder: Path) -> list[str]:
    """Return what lies where outputs are written, although nobody writes."""
    return [str(left) for left in folder.glob(".whence/artifacts/staging/*/*")]
