"""Lets calls fail, one after the other: `failing_disk FOLDER WHAT`, as JSON.

WHAT is an error such as `EIO`, for the calls of a whole run, which is started once more when the
disk works again; or the kind of a value, of which each write fails; or `flushes`.
"""

import errno
import json
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.run_work import FAILED, RunWork, examine_project, make_project, warm_up
from tests.faults.store_work import (
    REFUSED,
    VALUES,
    StoreWork,
    begin_store_work,
    examine_stores,
)
from tests.faults.sweeps import Hit, Tally, sweep
from tests.faults.system_calls import WRITES, Call
from tests.faults.tracing import Fail, Fate, reason_not_to_trace, run_traced
from tests.integration.forked import ask_child

from whence.artifact_stores.durable_files import remove_tree

BROKEN = {
    errno.EIO: (
        *("read", "write", "pwrite64", "pread64", "fsync", "fdatasync", "ftruncate", "openat"),
        *("close", "rename", "unlink", "rmdir", "mkdir", "chmod", "utimensat"),
    ),
    errno.ENOSPC: ("write", "pwrite64", "ftruncate", "openat", "rename", "mkdir"),
    errno.EDQUOT: ("write", "pwrite64", "mkdir"),
    errno.EMFILE: ("openat",),
    errno.ENOLCK: ("flock",),
}
"""Which calls fail with what."""

STRIDES = {"pwrite64": 11, "openat": 2, "close": 3, "read": 2, "pread64": 2}
"""Of calls that a run makes often and alike, only every so many fail."""


class Refusal:
    """Watches whether a flush that failed is tried again on the same file."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._count = 0
        self.met: Call | None = None
        self.flushed_again: list[str] = []

    def __call__(self, call: Call) -> Fate:
        """Let the flush of this number fail."""
        if call.name != "fsync":
            return None
        self._count += 1
        if self._count == self._number:
            self.met = call
            return Fail(errno.EIO)
        if self.met is not None and call.path == self.met.path and os.path.isfile(call.path):  # noqa: PTH113  # text
            self.flushed_again.append(call.path)
        return None


def make_template(root: Path) -> Path:
    """Return a project in which another run has completed."""
    warm_up(root / "warm")
    project = make_project(root / "template")
    ending = run_traced(
        RunWork(project, seed=0), lambda _call: None, folder=str(root), names={"fsync"}
    )
    assert ending.code == 0
    return project


def fail_each(root: Path, template: Path, number: int, name: str) -> Tally:
    """Let each call of this name fail once with this error."""
    tally = Tally()

    def begin(folder: Path) -> RunWork:
        shutil.copytree(template, folder)
        return RunWork(folder)

    place = root / f"{name}-{errno.errorcode[number]}"
    for hit in sweep(begin, place, Fail(number), {name}, stride=STRIDES.get(name, 1)):
        found = ask_child(partial(examine_project, hit.folder, hit.ending.said))
        tally.add(hit, [*found["faults"], *_check_ending(hit)])
        remove_tree(hit.folder)
    return tally


def _check_ending(hit: Hit) -> list[str]:
    """Return what is wrong: a run completes and says so, or is refused with an error of ours."""
    said = [line.split()[0] for line in hit.ending.said]
    if (said, hit.ending.code) in (
        (["completed"], 0),
        (["refused"], REFUSED),
        (["failed"], FAILED),
    ):
        return []
    return [f"ended oddly: {hit.ending.code} {said}"]


def fail_value(root: Path, kind: str) -> dict[str, Tally]:
    """Let each write of a value of *kind* fail; what is kept in spite of it is whole."""
    StoreWork(kind, root / "warm").warm_up()
    whole = _said_digest(root, kind)
    return {
        name: _fail_writes(root / name, kind, name, whole) for name in sorted({*WRITES, "close"})
    }


def _said_digest(root: Path, kind: str) -> str:
    work = begin_store_work(kind, root / "whole")
    return run_traced(work, lambda _call: None, folder=str(root), names={"fsync"}).said[0]


def _fail_writes(root: Path, kind: str, name: str, whole: str) -> Tally:
    tally = Tally()
    begin = partial(begin_store_work, kind)
    for hit in sweep(begin, root, Fail(errno.ENOSPC), {name}, below="/artifacts/"):
        faults = examine_stores(hit.folder, hit.ending.said).faults
        if hit.ending.said and hit.ending.said[0] not in {whole, "refused WH503"}:
            faults.append(f"kept in part: {hit.ending.said}")
        tally.add(hit, faults)
        remove_tree(hit.folder)
    return tally


def flush_each(root: Path) -> dict[str, Any]:
    """Let each flush of a run fail; say which files were flushed again afterwards."""
    template = make_template(root)
    again: list[str] = []
    number = 0
    while True:
        number += 1
        folder = root / f"flush-{number}"
        shutil.copytree(template, folder)
        refusal = Refusal(number)
        run_traced(RunWork(folder), refusal, folder=str(folder), names={"fsync"})
        if refusal.met is None:
            return {"hits": number - 1, "again": again}
        again += refusal.flushed_again


def fail_runs(root: Path, number: int) -> dict[str, Tally]:
    """Let the calls of whole runs fail with this error."""
    template = make_template(root)
    return {name: fail_each(root, template, number, name) for name in BROKEN[number]}


def main(root: Path, what: str) -> None:
    """Print what became of the work, as JSON."""
    if reason := reason_not_to_trace():
        print(json.dumps({"skip": reason}))
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where failing children say what they met
    if what == "flushes":
        found: dict[str, Any] = flush_each(root)
    elif what in VALUES:
        found = {name: tally.as_json() for name, tally in fail_value(root, what).items()}
    else:
        number = getattr(errno, what)
        found = {name: tally.as_json() for name, tally in fail_runs(root, number).items()}
    print(json.dumps(found))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
