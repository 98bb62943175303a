"""Signals to a run at its changes of the disk: `signals FOLDER SIGNAL STRIDE`, as JSON."""

import json
import signal
import sys
from functools import partial
from pathlib import Path

from tests.faults.run_work import RunWork, examine_project, make_project, warm_up
from tests.faults.sweeps import Tally, name_ending, sweep
from tests.faults.system_calls import CHANGES
from tests.faults.tracing import Send, reason_not_to_trace
from tests.integration.forked import ask_child

from whence.artifact_stores.durable_files import remove_tree


def send_at_each_change(root: Path, sent: signal.Signals, stride: int) -> tuple[Tally, list[str]]:
    """Send a signal at every *stride*-th change; return how runs are recorded after it, too."""
    tally = Tally()
    pairs: list[str] = []

    def begin(folder: Path) -> RunWork:
        return RunWork(make_project(folder))

    warm_up(root / "warm")
    for hit in sweep(begin, root / "work", Send(sent), CHANGES, stride=stride):
        found = ask_child(partial(examine_project, hit.folder, hit.ending.said))
        tally.add(hit, found["faults"])
        statuses = ",".join(found["statuses"]) or "none"
        pairs.append(f"{name_ending(hit.ending)} {statuses}")
        remove_tree(hit.folder)
    return tally, pairs


def main(root: Path, name: str, stride: int) -> None:
    """Print what became of the runs, as JSON."""
    if reason := reason_not_to_trace():
        print(json.dumps({"skip": reason}))
        return
    tally, pairs = send_at_each_change(root, getattr(signal, name), stride)
    counted = {pair: pairs.count(pair) for pair in sorted(set(pairs))}
    print(json.dumps({**tally.as_json(), "recorded": counted}))  # this is what the script is for


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
