"""Deleting contents that nobody needs, while runs go on: condemn, wait, delete.

1. *Condemn.* What may go is marked, in the artifact store and then in the records. From then on no
   lookup serves it; a step that makes it anew takes the mark away and records it anew.
2. *Wait* for every run that was seen to go on just after that. Those runs may have found something
   before it was condemned; all later ones cannot.
3. *Delete.* In one transaction it is found out again what may go. Of what was condemned and still
   may, the records say that it is gone; the rest is spared. Then the files go, each only if its
   mark is still there.

Whoever is killed anywhere leaves marks, which the next collection goes on from.
"""

import fcntl
import os
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from whence.domain.frozen import frozen
from whence.domain.ids import RunId, new_id
from whence.domain.status import RunStatus
from whence.errors import HousekeepingGoesOnError
from whence.housekeeping.local_parts import LocalParts
from whence.metadata_stores.collect_contents import (
    KeepRules,
    Victim,
    collect,
    condemn,
    find_states,
    find_victims,
    list_collections,
    wait_for,
)

_LOCK = "gc.lock"
_SECONDS_BETWEEN_LOOKS = 0.2


@frozen
class Deleted:
    """What one collection has deleted."""

    contents: int = 0
    size: int = 0  # bytes


class Collection:
    """The acts of a collection. Each leaves a sound store, whatever happens between them."""

    def __init__(self, parts: LocalParts, keep: KeepRules) -> None:
        self._parts = parts
        self._keep = keep

    def find(self) -> list[Victim]:
        """Return what may go now."""
        with self._parts.records.database.reading() as connection:
            return [] if connection is None else find_victims(connection, self._keep)

    def condemn(self, victims: Sequence[Victim]) -> None:
        """Let nobody begin to use some contents, and see who may use them already."""
        digests = [victim.digest for victim in victims]
        self._parts.contents.condemned.condemn(digests)
        collection = new_id()
        with self._parts.records.database.writing(durable=True) as connection:
            condemn(connection, collection, digests)
        self.look_around()

    def look_around(self) -> None:
        """Find out for whom collections are to wait, where nobody did."""
        with self._parts.records.database.reading() as connection:
            waiting = {} if connection is None else list_collections(connection)
        going_on = self._list_going_on() if None in waiting.values() else []
        for collection, waits_for in waiting.items():
            if waits_for is None:
                with self._parts.records.database.writing(durable=False) as connection:
                    wait_for(connection, collection, going_on)

    def list_waited_for(self) -> dict[str, list[str]]:
        """Return each collection that is not over, with the runs that it waits for."""
        with self._parts.records.database.reading() as connection:
            waiting = {} if connection is None else list_collections(connection)
        going_on = set(self._list_going_on()) if waiting else set[str]()
        return {
            collection: sorted(going_on if runs is None else going_on.intersection(runs))
            for collection, runs in waiting.items()
        }

    def delete_records(self, collection: str) -> None:
        """Say of what may still go that it is gone, and spare the rest."""
        with self._parts.records.database.writing(durable=True) as connection:
            victims = [victim.digest for victim in find_victims(connection, self._keep)]
            collect(connection, collection, victims, time.time_ns() // 1000)

    def delete_files(self) -> None:
        """Delete the files of all that the records say is gone, and forget other marks."""
        marks = self._parts.contents.condemned
        marked = marks.list_marked()
        with self._parts.records.database.reading() as connection:
            states = {} if connection is None else find_states(connection, marked)
        marks.spare(digest for digest in marked if states.get(digest, "kept") == "kept")
        gone = [digest for digest in marked if states.get(digest) == "collected"]
        if not gone:
            return
        folder = self._parts.contents.open_staging()
        try:
            for number, digest in enumerate(gone):
                marks.take(digest, folder / str(number))
        finally:
            self._parts.contents.discard(folder)

    def _list_going_on(self) -> list[RunId]:
        """Return the runs that may go on, whether or not their processes can be seen here."""
        records = self._parts.records
        records.mark_crashed_runs()
        present = list(records.list_present_runs())
        with records.database.reading() as connection:
            if connection is None:
                return present
            query = f"SELECT id FROM runs WHERE status = '{RunStatus.RUNNING}'"  # noqa: S608  # ours
            return present + [RunId(row[0]) for row in connection.exec_driver_sql(query)]


def carry_out(
    parts: LocalParts, keep: KeepRules, *, waits: bool
) -> tuple[Deleted, dict[str, list[str]]]:
    """Delete what may go; return what was deleted, and collections that still wait for runs."""
    with sole_housekeeper(parts.stack.home):
        collection = Collection(parts, keep)
        before = collection_totals(parts)
        collection.delete_files()  # of one that was cut short
        collection.look_around()
        victims = collection.find()
        if victims:
            collection.condemn(victims)
        waiting = _delete_what_can_be(collection)
        while waiting and waits:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            waiting = _delete_what_can_be(collection)
        after = collection_totals(parts)
        gone = Deleted(before.contents - after.contents, before.size - after.size)
        return gone, waiting


def _delete_what_can_be(collection: Collection) -> dict[str, list[str]]:
    waiting = collection.list_waited_for()
    over = [each for each, runs in waiting.items() if not runs]
    for each in over:
        collection.delete_records(each)
    if over:
        collection.delete_files()
    return {each: runs for each, runs in waiting.items() if runs}


def collection_totals(parts: LocalParts) -> Deleted:
    """Return how many contents have their bytes, and how many these are."""
    query = "SELECT count(*), coalesce(sum(size), 0) FROM contents WHERE collected_at IS NULL"
    with parts.records.database.reading() as connection:
        if connection is None:
            return Deleted()
        count, size = connection.exec_driver_sql(query).one()
        return Deleted(int(count), int(size))


@contextmanager
def sole_housekeeper(home: Path) -> Generator[None]:
    """Let one process at a time delete or repair. Raises `HousekeepingGoesOnError`."""
    path = home / _LOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            raise HousekeepingGoesOnError(location=home, process=holder) from None
        with suppress(OSError):  # only tells people who it is
            os.pwrite(descriptor, b"%-20d" % os.getpid(), 0)
        yield
    finally:
        os.close(descriptor)
