"""Kills work at every change of the disk: `kill_points FOLDER KIND STRIDE`.

KIND is that of a value for the stores, or `run` for a whole run of a pipeline. Every STRIDE-th
change of the disk is met.
"""

import json
import sys
from functools import partial
from pathlib import Path

from tests.faults.run_work import RunWork, examine_project, make_project, warm_up
from tests.faults.store_work import VALUES, StoreWork, begin_store_work, examine_stores
from tests.faults.sweeps import Hit, Tally, sweep
from tests.faults.system_calls import CHANGES
from tests.faults.tracing import KILL, reason_not_to_trace, run_traced
from tests.integration.forked import ask_child

from whence.artifact_stores.durable_files import remove_tree

CHECKED_AGAIN = 4  # every so many kills, the same work is done once more in what is left


def kill_store_work(root: Path, kind: str, stride: int) -> Tally:
    """Kill the storing of a value of *kind* at each of its changes of the disk.

    What is recorded of it is the same for every kind, so it is met once, with the first one.
    """
    below = "" if kind == next(iter(VALUES)) else "/artifacts"
    tally = Tally()
    StoreWork(kind, root / "warm").warm_up()
    for hit in sweep(
        partial(begin_store_work, kind), root / "work", KILL, CHANGES, stride=stride, below=below
    ):
        found = examine_stores(hit.folder, hit.ending.said)
        faults = found.faults + ([] if hit.ending.killed else ["it was not killed"])
        if hit.number % CHECKED_AGAIN == 1:
            faults += _check_again(kind, hit)
        tally.add(hit, faults)
        remove_tree(hit.folder)
    return tally


def _check_again(kind: str, hit: Hit) -> list[str]:
    ending = run_traced(
        StoreWork(kind, hit.folder), lambda _call: None, folder=str(hit.folder), names=CHANGES
    )
    if ending.code or len(ending.said) != 2:
        return [f"stuck: {ending}"]
    staged = hit.folder.glob("artifacts/staging/*")
    return [
        *examine_stores(hit.folder, ending.said).faults,
        *(f"not swept: {left}" for left in staged),
    ]


def kill_runs(root: Path, stride: int) -> Tally:
    """Kill a first run in a new project at each of its changes of the disk."""
    tally = Tally()

    def begin(folder: Path) -> RunWork:
        return RunWork(make_project(folder))

    warm_up(root / "warm")
    for hit in sweep(begin, root / "work", KILL, CHANGES, stride=stride):
        found = ask_child(partial(examine_project, hit.folder, hit.ending.said))
        tally.add(hit, found["faults"] + ([] if hit.ending.killed else ["it was not killed"]))
        remove_tree(hit.folder)
    return tally


def main(root: Path, kind: str, stride: int) -> None:
    """Print what a sweep over one kind of work met, as JSON."""
    if reason := reason_not_to_trace():
        print(json.dumps({"skip": reason}))
        return
    tally = kill_runs(root, stride) if kind == "run" else kill_store_work(root, kind, stride)
    print(json.dumps(tally.as_json()))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
