"""Kills housekeeping at every change of the disk: `kill_housekeeping FOLDER gc|repair|merge`."""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.gc_world import make_template
from tests.faults.sweeps import Tally, sweep
from tests.faults.system_calls import CHANGES
from tests.faults.tracing import KILL, reason_not_to_trace
from tests.integration.forked import ask_child
from tests.integration.store_dumps import dump_rows, find_damage

from whence.artifact_stores.durable_files import remove_tree
from whence.housekeeping.collect_garbage import collect_garbage
from whence.housekeeping.examine_store import examine_store
from whence.housekeeping.merge_stores import merge_store
from whence.stacks.current import make_local_stack
from whence.stacks.stack import Stack

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


@dataclass(frozen=True, slots=True)
class RepairWork:
    """Repairs a store of every kind of fault that can be repaired."""

    folder: Path

    def __call__(self, pipe: int) -> None:
        """Do the work."""
        stack = make_local_stack(self.folder)
        examine_store(repair=True, stack=stack)
        stack.close()
        os.write(pipe, b"done\n")


@dataclass(frozen=True, slots=True)
class MergeWork:
    """Takes over everything of another store."""

    folder: Path

    def __call__(self, pipe: int) -> None:
        """Do the work."""
        stack = make_local_stack(self.folder)
        merge_store(other_store(self.folder), stack)
        stack.close()
        os.write(pipe, b"done\n")


def other_store(folder: Path) -> Path:
    """Return the store that is merged into the one in a folder of a sweep."""
    root = folder.parents[1] if folder.parent.name == "work" else folder.parent
    return root / "other"


def examine_merge(folder: Path) -> list[str]:
    """Return what is wrong with a store after a kill in the middle of a merge, and another one."""
    stack, whole = make_local_stack(folder), make_local_stack(folder.with_name("whole"))
    faults = [f"broken: {each.kind}" for each in examine_store(stack=stack).findings]
    faults = [fault for fault in faults if fault not in EXPECTED]
    merge_store(other_store(folder), stack)
    if not (whole.home / "metadata.sqlite").exists():
        shutil.copytree(other_store(folder).with_name("template"), whole.home)
        merge_store(other_store(folder), whole)
    if dump_rows(stack) != dump_rows(whole):
        faults.append("it is another store than after one merge")
    faults += find_damage(stack)
    faults += [f"left: {path}" for path in folder.glob("artifacts/staging/*/*")]
    stack.close()
    whole.close()
    return faults


EXPECTED = {"broken: unknown content", "broken: leftovers", "broken: stale table"}
"""Bytes come before their records, and the last metrics of runs after all other records."""


def damage(folder: Path) -> None:
    """Damage one content, open another to writing, and let tables disagree."""
    first, second, *_ = sorted(folder.glob("artifacts/??/*/*"))
    for path in (first, second):
        path.chmod(0o644)
    first.write_bytes(b"y" * first.stat().st_size)
    with closing(sqlite3.connect(folder / "metadata.sqlite")) as connection:
        connection.execute("DELETE FROM cache_entries")
        connection.execute("UPDATE runs SET status = 'running'")
        connection.commit()


def examine_repair(folder: Path) -> list[str]:
    """Return what is wrong with a store after a kill in the middle of a repair, and another one."""
    stack = make_local_stack(folder)
    faults = [f"not repaired: {each}" for each in find_unrepaired(stack)]
    faults += [f"found again: {each.kind}" for each in examine_store(stack=stack).findings]
    if len(list(folder.glob("quarantine/*"))) != 1:
        faults.append("what was damaged is not aside")
    stack.close()
    return faults


def find_unrepaired(stack: Stack) -> list[str]:
    """Repair a store; return what could not be."""
    found = examine_store(repair=True, stack=stack).findings
    return [each.kind for each in found if not each.repaired]


def begin_work(
    make_work: Callable[[Path], Callable[[int], None]], template: Path, folder: Path
) -> Callable[[int], None]:
    """Return work that can be done, on a copy of the template."""
    shutil.copytree(template, folder)
    return make_work(folder)


def examine_gc(folder: Path) -> list[str]:
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


KINDS = {
    "gc": (GcWork, examine_gc),
    "repair": (RepairWork, examine_repair),
    "merge": (MergeWork, examine_merge),
}


def main(root: Path, kind: str) -> None:
    """Print what a sweep over one kind of housekeeping met, as JSON."""
    if reason := reason_not_to_trace():
        print(json.dumps({"skip": reason}))
        return
    work, examine = KINDS[kind]
    make_template(root / "template")
    if kind == "repair":
        damage(root / "template")
    make_template(root / "other")
    begin = partial(begin_work, work, root / "template")
    begin(root / "warm")(os.open(os.devnull, os.O_WRONLY))
    tally = Tally()
    for hit in sweep(begin, root / "work", KILL, CHANGES):
        faults = ask_child(partial(examine, hit.folder))
        tally.add(hit, faults + ([] if hit.ending.killed else ["it was not killed"]))
        remove_tree(hit.folder)
    print(json.dumps(tally.as_json()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
