"""Kills `gc` at every change of the disk: `kill_housekeeping FOLDER STRIDE`."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.gc_world import make_template
from tests.faults.sweeps import Tally, sweep
from tests.faults.system_calls import CHANGES
from tests.faults.tracing import KILL, reason_not_to_trace
from tests.integration.forked import ask_child
from tests.integration.store_dumps import find_damage

from whence.artifact_stores.durable_files import remove_tree
from whence.housekeeping.collect_garbage import collect_garbage
from whence.stacks.current import make_local_stack

FILES = 1  # contents that the newest run of the template has as files


@dataclass(frozen=True, slots=True)
class GcWork:
    """Deletes what the newest run does not need."""

    folder: Path

    def __call__(self, pipe: int) -> None:
        """Do the work."""
        stack = make_local_stack(self.folder)
        collect_garbage(keep_last=1, yes=True, stack=stack)
        stack.close()
        os.write(pipe, b"done\n")


def begin_work(template: Path, folder: Path) -> GcWork:
    """Return work that can be done, on a copy of the template."""
    shutil.copytree(template, folder)
    return GcWork(folder)


def examine(folder: Path) -> list[str]:
    """Return what is wrong with a store after a kill, and after another `gc`."""
    stack = make_local_stack(folder)
    faults = find_damage(stack)
    collect_garbage(keep_last=1, yes=True, stack=stack)
    faults += find_damage(stack)
    if collect_garbage(keep_last=1, stack=stack).contents:
        faults.append("something is left that may go")
    kept = [path for path in folder.glob("artifacts/??/*/*") if path.is_file()]
    if len(kept) != FILES:
        faults.append(f"{len(kept)} files are left")
    faults += [f"left: {path.name}" for path in folder.glob("artifacts/condemned/*")]
    faults += [f"left: {path}" for path in folder.glob("artifacts/staging/*/*")]
    stack.close()
    return faults


def main(root: Path, stride: int) -> None:
    """Print what a sweep over a collection met, as JSON."""
    if reason := reason_not_to_trace():
        print(json.dumps({"skip": reason}))
        return
    make_template(root / "template")
    begin_work(root / "template", root / "warm")(os.open(os.devnull, os.O_WRONLY))
    tally = Tally()
    begin = partial(begin_work, root / "template")
    for hit in sweep(begin, root / "work", KILL, CHANGES, stride=stride):
        faults = ask_child(partial(examine, hit.folder))
        tally.add(hit, faults + ([] if hit.ending.killed else ["it was not killed"]))
        remove_tree(hit.folder)
    print(json.dumps(tally.as_json()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
