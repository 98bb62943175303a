"""Work for a process that meets faults: one value through the stores, by each materializer.

Bytes, then record: `committed DIGEST` and `recorded STEP` are said when each has returned.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from tests.contract.example_records import finish, make_run, make_step

from whence.artifact_stores.durable_files import hash_files
from whence.artifact_stores.local import LocalArtifactStore
from whence.artifact_stores.output_files import list_output_files
from whence.domain.records import RunFilter, RunStarted
from whence.domain.status import StepStatus
from whence.engine.store_outputs import store_value
from whence.errors import WhenceError
from whence.interfaces.materializer import Materializer
from whence.materializers import (
    ArrowMaterializer,
    BytesMaterializer,
    ContainerMaterializer,
    NumpyMaterializer,
    PathMaterializer,
    SklearnMaterializer,
)
from whence.metadata_stores import read_records, sqlite_database, write_events
from whence.metadata_stores.sqlite import SqliteMetadataStore

LOADED = (read_records, sqlite_database, write_events)  # imported once, before the forks
REFUSED = 3  # the exit code of work that a store refused

_NUMBERS = np.arange(2000.0)
_MODEL = LinearRegression().fit(np.eye(3, 2000), _NUMBERS[:3])

VALUES: dict[str, tuple[type[Materializer], Any]] = {
    "bytes": (BytesMaterializer, b"x" * 9000),
    "array": (NumpyMaterializer, _NUMBERS),
    "frame": (ArrowMaterializer, pd.DataFrame({"x": _NUMBERS})),
    "folder": (PathMaterializer, None),  # made for each work
    "container": (ContainerMaterializer, {"x": [_NUMBERS, _NUMBERS + 1], "y": "z"}),
    "model": (SklearnMaterializer, _MODEL),
}
"""By kind: a materializer, and a value that is too large to be kept inline."""


def open_stores(folder: Path) -> tuple[LocalArtifactStore, SqliteMetadataStore]:
    """Return the stores under *folder*."""
    return LocalArtifactStore(folder / "artifacts"), SqliteMetadataStore(folder / "m.sqlite")


@dataclass(frozen=True, slots=True)
class StoreWork:
    """Stores one value and records it durably, in the folder *folder*."""

    kind: str
    folder: Path

    def prepare(self) -> None:
        """Make what the value is made from."""
        if self.kind == "folder":
            (self._given / "deeper").mkdir(parents=True)
            (self._given / "a.bin").write_bytes(b"a" * 9000)
            (self._given / "deeper/b.bin").write_bytes(b"b")

    def warm_up(self) -> None:
        """Do the work here, so that processes forked from this one need import nothing."""
        self.prepare()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        self(nowhere)
        os.close(nowhere)

    @property
    def _given(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-given")

    def __call__(self, pipe: int) -> None:
        """Do the work; what a store refuses ends the process with `REFUSED`."""
        materializer, value = VALUES[self.kind]
        try:
            self._store(pipe, materializer(), self._given if value is None else value)
        except WhenceError as error:
            os.write(pipe, f"refused {error.code}\n".encode())
            raise SystemExit(REFUSED) from error

    def _store(self, pipe: int, materializer: Any, value: Any) -> None:
        store, records = open_stores(self.folder)
        content = store_value(store, materializer, value)
        os.write(pipe, f"committed {content.digest}\n".encode())
        run = make_run()
        step = make_step(run)
        records.record([RunStarted(run, [step])])
        records.record([finish(run, step, content=content)], durable=True)
        os.write(pipe, f"recorded {step.id}\n".encode())
        records.close()


def begin_store_work(kind: str, folder: Path) -> StoreWork:
    """Return work that can be done."""
    work = StoreWork(kind, folder)
    work.prepare()
    return work


@dataclass(frozen=True, slots=True)
class InlineWork:
    """Records one value that lies in its record, durably, in the folder *folder*."""

    folder: Path

    def prepare(self) -> None:
        """Need nothing."""

    def warm_up(self) -> None:
        """Do the work here, so that processes forked from this one need import nothing."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        self(nowhere)
        os.close(nowhere)

    def __call__(self, pipe: int) -> None:
        """Do the work."""
        _, records = open_stores(self.folder)
        run = make_run()
        step = make_step(run)
        records.record([RunStarted(run, [step])])
        records.record([finish(run, step)], durable=True)
        os.write(pipe, f"recorded {step.id}\n".encode())
        records.close()


@dataclass(slots=True)
class Examination:
    """What stores hold, and what is wrong with it."""

    recorded: set[str] = field(default_factory=set[str])
    faults: list[str] = field(default_factory=list[str])


def examine_stores(folder: Path, said: Iterable[str]) -> Examination:
    """Look at all that is recorded, and whether what was said is true."""
    found = Examination()
    store, records = open_stores(folder)
    try:
        _examine_records(found, store, records)
        for act, name in map(str.split, said):
            if act == "recorded" and name not in found.recorded:
                found.faults.append(f"lost: {name}")
            if act == "committed" and not Path(store.locate(name)[7:]).is_dir():
                found.faults.append(f"lost: {name}")
    except WhenceError as error:
        found.faults.append(f"stuck: {error}")
    finally:
        records.close()
    found.faults += check_database(folder / "m.sqlite")
    found.faults += _find_torn_places(folder / "artifacts")
    return found


def _find_torn_places(artifacts: Path) -> list[str]:
    """Return the contents that do not hold what they are called by.

    Whoever stores the same content next relies on the bytes behind that name, said or not.
    """
    places = [place for place in artifacts.glob("*/*") if len(place.parent.name) == 2]
    digests = {place: hash_files(place, list_output_files(place)).digest for place in places}
    return [
        f"torn: {place}"
        for place, digest in digests.items()
        if digest != f"blake3:{place.parent.name}{place.name}"
    ]


def _examine_records(
    found: Examination, store: LocalArtifactStore, records: SqliteMetadataStore
) -> None:
    for run in records.list_runs(RunFilter(limit=None)):
        around = records.list_artifacts_of_steps(run.id)
        for step in records.list_steps(run.id):
            if step.status is not StepStatus.COMPLETED:
                continue
            found.recorded.add(step.id)
            if len(around[step.id].outputs) != 1:
                found.faults.append(f"dangling: {step.id}")
            for output in around[step.id].outputs:
                _examine_content(found, store, records, output.digest)


def _examine_content(
    found: Examination, store: LocalArtifactStore, records: SqliteMetadataStore, digest: str
) -> None:
    content = records.find_content(digest)
    if content is None:
        found.faults.append(f"dangling: {digest}")
        return
    try:
        store.verify(content, full=True)
    except WhenceError as error:
        found.faults.append(f"torn: {error}")


def check_database(file: Path) -> list[str]:
    """Return what SQLite itself finds wrong with a database."""
    if not file.exists():
        return []  # nothing was recorded yet
    with closing(sqlite3.connect(file)) as connection:
        found = [
            answer
            for check in ("integrity_check", "foreign_key_check")
            for answer in connection.execute(f"PRAGMA {check}").fetchall()
        ]
    return [f"damaged: {answer}" for answer in found if answer != ("ok",)]
