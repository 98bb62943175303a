"""Are the contents of a store there as recorded, and is nothing there that nobody knows?"""

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from whence.artifact_stores.durable_files import FILE_MODE, FOLDER_MODE
from whence.artifact_stores.staging import list_abandoned, sweep
from whence.domain.contents import Content
from whence.errors import ContentMissingError, IntegrityError, StoreError
from whence.housekeeping.findings import Finding
from whence.housekeeping.local_parts import LocalParts
from whence.metadata_stores.collect_contents import find_states
from whence.metadata_stores.encoding import decode_content

_SHARD, _REST = re.compile(r"[0-9a-f]{2}"), re.compile(r"[0-9a-f]{62}")
_REPAIR = "whence doctor --repair"
_RECOMPUTE = f"Let it be computed again where it is needed: {_REPAIR}"
QUARANTINE = "quarantine"
"""The folder, in a home, that damaged contents are moved to."""

_THREADS = 4
_BATCH = 64
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_ROWS = "SELECT digest, size, files, inline, collected_at FROM contents ORDER BY digest"

_LOSSES = {
    "missing content": "Recorded bytes are not in the store.",
    "damaged content": "Stored bytes are not those that were recorded.",
}

OnProgress = Callable[[int, int], None]


def examine_contents(
    parts: LocalParts, on_progress: OnProgress, *, quick: bool
) -> Iterator[Finding]:
    """Yield what is wrong with the contents that are recorded; unless *quick*, all are hashed."""
    rows = _list_rows(parts)
    examine = partial(_examine, parts, quick=quick)
    known: set[str] = {row[0] for row in rows}  # also of records that are damaged
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(rows), _BATCH):
            contents: list[Content] = []
            for row in rows[start : start + _BATCH]:
                try:
                    contents.append(decode_content(*row))
                except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
                    continue  # told with the records
            for found in pool.map(examine, contents):
                yield from found
            on_progress(min(start + _BATCH, len(rows)), len(rows))
    yield from _examine_folders(parts, known)


def _list_rows(parts: LocalParts) -> list[tuple[Any, ...]]:
    with parts.records.database.reading() as connection:
        return (
            [] if connection is None else [tuple(row) for row in connection.exec_driver_sql(_ROWS)]
        )


def _examine(parts: LocalParts, content: Content, *, quick: bool) -> list[Finding]:
    if content.collected_at is not None:
        return _examine_collected(parts, content)
    try:
        if quick and content.inline is None:
            _check_place(parts, content.digest)
        else:
            parts.contents.verify(content, full=True)
    except ContentMissingError as error:
        return [_lost(parts, content, error, "missing content")]
    except IntegrityError as error:
        return [_lost(parts, content, error, "damaged content")]
    return [] if content.inline is not None else _examine_modes(parts, content)


def _check_place(parts: LocalParts, digest: str) -> None:
    place = parts.contents.place_of(digest)
    if not place.is_dir():
        raise ContentMissingError(digest=digest, reason=f"{place} does not exist.")


def _lost(parts: LocalParts, content: Content, error: StoreError, kind: str) -> Finding:
    said = error.describe()
    return Finding(
        kind=kind,
        what=_LOSSES[kind],
        where=content.digest,
        why=said["why"] or "",
        fix=_RECOMPUTE,
        repair=lambda: _give_up(parts, content),
    )


def _give_up(parts: LocalParts, content: Content) -> None:
    """Put what is damaged aside, and record that it is gone: steps that need it compute it again.

    It is looked at once more where nobody else can record: who stored it anew meanwhile has either
    recorded that already, with bytes that are whole, or will do so afterwards.
    """
    with parts.records.database.writing(durable=True) as connection:
        if _is_whole(parts, content):
            return
        if content.inline is None:
            _quarantine(parts, content)
        connection.exec_driver_sql(
            "UPDATE contents SET collected_at = ?, inline = NULL, condemned_by = NULL"
            " WHERE digest = ? AND collected_at IS NULL",
            (time.time_ns() // 1000, content.digest),
        )


def _is_whole(parts: LocalParts, content: Content) -> bool:
    try:
        parts.contents.verify(content, full=True)
    except (ContentMissingError, IntegrityError):
        return False
    return content.inline is None  # what lies in the record is as it was read


def _quarantine(parts: LocalParts, content: Content) -> None:
    place = parts.contents.place_of(content.digest)
    if not os.path.lexists(place):
        return
    folder = parts.stack.home / QUARANTINE
    folder.mkdir(exist_ok=True)
    if place.is_dir() and not place.is_symlink():
        place.chmod(0o700)  # a folder that is not writable cannot be moved
    place.rename(folder / f"{place.parent.name}{place.name}-{time.time_ns()}")


def _examine_modes(parts: LocalParts, content: Content) -> list[Finding]:
    place = parts.contents.place_of(content.digest)
    paths = [place, *place.rglob("*")]
    open_ones = [path for path in paths if path.lstat().st_mode & _WRITABLE]
    if not open_ones:
        return []
    return [
        Finding(
            kind="writable content",
            what="Stored bytes can be written to.",
            where=content.digest,
            why=f"Contents never change, so they are read-only; {open_ones[0]} is not.",
            fix=f"Take the right to write away: {_REPAIR}",
            repair=lambda: _seal(open_ones),
        )
    ]


def _seal(paths: list[Path]) -> None:
    for path in reversed(paths):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)


def _examine_collected(parts: LocalParts, content: Content) -> list[Finding]:
    """Find bytes that are there although they are said to be gone."""
    place = parts.contents.place_of(content.digest)
    if not place.is_dir() or content.digest in parts.contents.condemned.list_marked():
        return []
    bare = Content(content.digest, content.size, content.files)
    try:
        parts.contents.verify(bare, full=True)
    except (ContentMissingError, IntegrityError):
        return [_orphan(parts, content.digest, place)]
    return [
        Finding(
            kind="content found again",
            what="Bytes that are recorded as deleted are there, and whole.",
            where=content.digest,
            fix=f"Record that they are there: {_REPAIR}",
            repair=lambda: _take_back(parts, content.digest),
        )
    ]


def _take_back(parts: LocalParts, digest: str) -> None:
    with parts.records.database.writing(durable=True) as connection:
        connection.exec_driver_sql(
            "UPDATE contents SET collected_at = NULL WHERE digest = ?", (digest,)
        )


# ---------------------------------------------------------------------- nobody's


def _examine_folders(parts: LocalParts, known: set[str]) -> Iterator[Finding]:
    root = parts.contents.root
    if not root.is_dir():
        return
    for shard in sorted(path for path in root.iterdir() if _SHARD.fullmatch(path.name)):
        for place in sorted(shard.iterdir()):
            digest = f"blake3:{shard.name}{place.name}"
            if _REST.fullmatch(place.name) and digest not in known:
                yield _orphan(parts, digest, place)
    abandoned = list_abandoned(root / "staging")
    if abandoned:
        yield Finding(
            kind="leftovers",
            what=f"{len(abandoned)} processes died and left what they were writing.",
            where=str(root / "staging"),
            fix=f"Remove it: {_REPAIR}, or any run",
            repair=lambda: _sweep(root / "staging"),
        )


def _sweep(area: Path) -> None:
    sweep(area)


def _orphan(parts: LocalParts, digest: str, place: Path) -> Finding:
    return Finding(
        kind="unknown content",
        what="Bytes are there that no record names.",
        where=str(place),
        why="A process died before it recorded them, or the records are of an earlier time.",
        fix="Delete it: whence doctor --repair --yes",
        repair=lambda: _delete_unknown(parts, digest, place),
        deletes=True,
    )


def _delete_unknown(parts: LocalParts, digest: str, place: Path) -> bool:
    """Delete bytes that no record names, unless a run goes on that may be about to record them.

    A run that begins only now, and makes them again, takes the mark away. Return whether they were
    deleted.
    """
    marks = parts.contents.condemned
    marks.condemn([digest])
    if parts.records.list_present_runs() or _is_needed(parts, digest):
        marks.spare([digest])
        return False
    folder = parts.contents.open_staging()
    try:
        return marks.take(digest, folder / place.name)
    finally:
        parts.contents.discard(folder)


def _is_needed(parts: LocalParts, digest: str) -> bool:
    """Return whether a record, even a damaged one, says that the bytes are there."""
    with parts.records.database.reading() as connection:
        states = {} if connection is None else find_states(connection, [digest])
    return states.get(digest, "collected") != "collected"
