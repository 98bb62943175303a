"""Looks at what power losses leave: `power_loss FOLDER KIND`, as JSON.

KIND is that of a value for the stores, `inline` for a value that lies in its record, or `run` for a
whole run. The work is done once; its system calls say which states of the disk may be left.
"""

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.crash_states import SAID, CrashState, DiskRecorder
from tests.faults.run_work import RunWork, examine_project, make_project, warm_up
from tests.faults.store_work import InlineWork, StoreWork, examine_stores
from tests.faults.system_calls import CHANGES
from tests.faults.tracing import reason_not_to_trace, run_traced
from tests.integration.forked import ask_child

from whence.artifact_stores.durable_files import remove_tree
from whence.domain.records import RunFilter
from whence.domain.status import RunStatus
from whence.metadata_stores.sqlite import SqliteMetadataStore

MOST_STATES_OF_RUNS = 100
"""Of those that a whole run may leave, which are looked at by another run.

Whether what was said is recorded is asked of every one.
"""


def record(root: Path, work: Callable[[int], None]) -> DiskRecorder:
    """Do *work*, which says in a file what is done; return what became of the disk."""
    recorder = DiskRecorder(root)

    def speak(_pipe: int) -> None:
        said = os.open(root / SAID, os.O_WRONLY | os.O_CREAT)
        work(said)

    ending = run_traced(
        speak, lambda _call: None, folder=str(root), names=CHANGES, after=recorder.take
    )
    assert ending.code == 0, ending
    return recorder


def list_states(recorder: DiskRecorder) -> list[CrashState]:
    """Return every state to look at, each once."""
    chance = random.Random(7)
    found = {
        state.fingerprint: state for moment in recorder.finish() for state in moment.states(chance)
    }
    return list(found.values())


def look_at(states: list[CrashState], examine: Callable[[Path, tuple[str, ...]], list[str]]) -> Any:
    """Build each state on a disk; return what is wrong with them."""
    faults: list[str] = []
    for state in states:
        root = Path(tempfile.mkdtemp(prefix="crash-"))
        state.build(root)
        faults += examine(root, state.said)
        remove_tree(root)
    return faults


def examine_work(root: Path, said: tuple[str, ...]) -> list[str]:
    """Return what is wrong with the stores of a state."""
    return examine_stores(root / "work", said).faults


def examine_said(root: Path, said: tuple[str, ...]) -> list[str]:
    """Return which runs a state has lost, going by its records alone."""
    file = root / "work/.whence/metadata.sqlite"
    runs = SqliteMetadataStore(file).list_runs(RunFilter(limit=None))
    completed = {run.id for run in runs if run.status is RunStatus.COMPLETED}
    named = [line.removeprefix("completed ") for line in said]
    return [f"lost: {name}, among {runs}" for name in named if name not in completed]


def examine_run(root: Path, said: tuple[str, ...]) -> list[str]:
    """Return what is wrong with the project of a state."""
    project = root / "work"
    if not project.exists():
        make_project(project)
    (project / "pyproject.toml").touch()
    return ask_child(partial(examine_project, project, said))["faults"]


def lose_power(root: Path, kind: str) -> dict[str, Any]:
    """Return what was looked at, and what is wrong."""
    if kind == "run":
        warm_up(root.with_name("warm"))
        recorder = record(root, RunWork(root / "work", makes_project=True))
        states = list_states(recorder)
        faults = look_at([state for state in states if state.said], examine_said)
        random.Random(7).shuffle(states)
        faults += look_at(states[:MOST_STATES_OF_RUNS], examine_run)
        looked = min(len(states), MOST_STATES_OF_RUNS)
    else:
        make = InlineWork if kind == "inline" else partial(StoreWork, kind)
        make(root.with_name("warm")).warm_up()
        work = make(root / "work")
        work.prepare()
        recorder = record(root, work)
        states = list_states(recorder)
        faults, looked = look_at(states, examine_work), len(states)
    return {
        "said": recorder.said,
        "flushes": recorder.flushes,
        "states": looked,
        "bad": len(faults),
        "faults": faults[:20],
    }


def main(root: Path, kind: str) -> None:
    """Print what power losses leave of one kind of work, as JSON."""
    if reason := reason_not_to_trace():
        print(json.dumps({"skip": reason}))
        return
    if Path("/dev/shm").is_dir():
        tempfile.tempdir = "/dev/shm"  # what is written there is lost, and quickly written
    place = root / "recorded"
    place.mkdir(parents=True)
    print(json.dumps(lose_power(place, kind)))  # this is what the script is for
    shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
