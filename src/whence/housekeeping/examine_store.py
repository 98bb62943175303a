"""What `whence doctor` does: looks at every record and every byte of a store, and repairs."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from whence.housekeeping.collection import sole_housekeeper
from whence.housekeeping.diagnosis import Diagnosis
from whence.housekeeping.examine_contents import OnProgress, examine_contents
from whence.housekeeping.examine_records import examine_records
from whence.housekeeping.findings import Finding
from whence.housekeeping.local_parts import LocalParts, opened_parts
from whence.housekeeping.name_contents import name_contents
from whence.metadata_stores.network_folders import find_network_file_system
from whence.metadata_stores.write_lock import FIXED_IN, sqlite_needs_lock
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack


def examine_store(
    *,
    repair: bool = False,
    yes: bool = False,
    quick: bool = False,
    stack: Stack | None = None,
    on_progress: OnProgress = lambda _done, _of: None,
) -> Diagnosis:
    """Return what is wrong with the current store, or *stack*; with *repair* mend what can be.

    Nothing is deleted unless *yes* is given as well; damaged contents are put aside. With *quick*
    no file is hashed. Raises `StoreUnavailableError`, `NewerStoreError`, and
    `HousekeepingGoesOnError` where another process deletes or repairs.
    """
    with opened_parts(stack or open_stack()) as parts:
        notes = tuple(_note_surroundings())
        if not parts.records.path.exists():
            return Diagnosis(parts.stack.home, (), ("There is no store yet.", *notes))
        if not repair:
            return Diagnosis(
                parts.stack.home, tuple(_examine(parts, on_progress, quick=quick)), notes
            )
        with sole_housekeeper(parts.stack.home):
            found = list(_examine(parts, on_progress, quick=quick))
            mended = tuple(_mend(finding, yes=yes) for finding in found)
            return Diagnosis(parts.stack.home, mended, notes)


def _examine(parts: LocalParts, on_progress: OnProgress, *, quick: bool) -> Iterator[Finding]:
    yield from _examine_place(parts)
    yield from examine_records(parts, quick=quick)
    yield from name_contents(parts, examine_contents(parts, on_progress, quick=quick))


def _mend(finding: Finding, *, yes: bool) -> Finding:
    if finding.repair is None or (finding.deletes and not yes):
        return finding
    return replace(finding, repaired=finding.repair() is not False)


def _examine_place(parts: LocalParts) -> Iterator[Finding]:
    kind = find_network_file_system(parts.contents.root.parent)
    if kind is not None:
        yield Finding(
            kind="network file system",
            what=f"The store lies on a network file system ({kind}).",
            where=str(parts.stack.home),
            why="SQLite loses data there.",
            fix="Move it to a local disk.",
        )


def _note_surroundings() -> Iterator[str]:
    if sqlite_needs_lock():
        fixed = ".".join(map(str, FIXED_IN))
        yield (
            f"SQLite {sqlite3.sqlite_version} can lose pages when two processes tidy up its log at "
            f"once; Whence lets only one write at a time. {fixed} and newer need no such care."
        )
