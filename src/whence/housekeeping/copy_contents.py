"""The contents of another store: their bytes are here, and right, before any record says so."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from whence.artifact_stores.check_files import check_inline, check_manifest
from whence.artifact_stores.copied_files import check_plain_name
from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.errors import ContentMissingError, IntegrityError
from whence.housekeeping.local_parts import LocalParts
from whence.housekeeping.other_store import OtherStore
from whence.metadata_stores.encoding import decode_content, encode_files, encode_inline
from whence.metadata_stores.foreign_database import Values
from whence.metadata_stores.unite_rows import CONTENTS, unite_rows

COPIED_AT_ONCE = 4
_BATCH = 256


@frozen
class CopiedContents:
    """What came of the contents of another store."""

    copied: int = 0
    size: int = 0  # bytes copied
    missing: tuple[tuple[str, str], ...] = ()  # digest, and why its bytes could not be taken over
    refused: int = 0  # records that were no records of a content

    def __add__(self, more: "CopiedContents") -> "CopiedContents":
        return CopiedContents(
            self.copied + more.copied,
            self.size + more.size,
            (*self.missing, *more.missing),
            self.refused + more.refused,
        )


@frozen
class _Taken:
    """A content of the other store, as it can be recorded here."""

    content: Content
    collected_at: int | None
    copied: bool = False
    damage: str | None = None

    @property
    def row(self) -> Values:
        facts: dict[str, Any] = {
            "digest": self.content.digest,
            "size": self.content.size,
            "files": encode_files(self.content.files),
            "inline": encode_inline(self.content),
            "collected_at": self.collected_at,
        }
        return tuple(facts.get(column.name) for column in CONTENTS.columns)


def copy_contents(
    other: OtherStore, parts: LocalParts, on_progress: Callable[[int], None]
) -> CopiedContents:
    """Copy what is not here yet, then record it; *on_progress* is told of each batch.

    A content whose bytes are gone or wrong there is recorded only if nothing is recorded of it
    here: its artifacts are known, and what needs it computes it again.
    """
    total = CopiedContents()
    with ThreadPoolExecutor(COPIED_AT_ONCE) as pool:
        for rows in other.list_rows(CONTENTS):
            for batch in _split(rows):
                found = [known for row in batch if (known := _decode(row)) is not None]
                taken = list(pool.map(partial(_take, other, parts), found))
                refused = len(batch) - len(found) + _record(taken, parts)
                total += _count(taken, refused)
                on_progress(len(batch))
    return total


def _split(rows: list[Values]) -> Iterator[list[Values]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def _decode(row: Values) -> tuple[Content, int | None] | None:
    """Return the content of a row and when it was collected; None if it is no content."""
    facts = dict(zip((column.name for column in CONTENTS.columns), row, strict=True))
    try:
        content = decode_content(facts["digest"], facts["size"], facts["files"], facts["inline"])
        check_manifest(content)
        for entry in content.files:
            check_plain_name(content, entry.name)
        if content.size != sum(entry.size for entry in content.files):
            return None
    except (IntegrityError, ArithmeticError, AttributeError, TypeError, ValueError, LookupError):
        return None
    return content, facts["collected_at"]


def _take(other: OtherStore, parts: LocalParts, found: tuple[Content, int | None]) -> _Taken:
    content, collected_at = found
    if collected_at is not None:
        return _Taken(content, collected_at)
    try:
        if content.inline is not None:
            check_inline(content)
            return _Taken(content, None)
        source = other.contents.place_of(content.digest)
        return _Taken(content, None, copied=parts.contents.adopt(content, source))
    except (ContentMissingError, IntegrityError) as error:
        said = error.describe()
        bare = Content(content.digest, content.size, content.files)
        return _Taken(bare, None, damage=said["why"] or said["what"])


def _record(taken: Sequence[_Taken], parts: LocalParts) -> int:
    whole = [each.row for each in taken if each.damage is None]
    damaged = [each for each in taken if each.damage is not None]
    with parts.records.database.writing(durable=False) as connection:
        known = "SELECT digest FROM contents WHERE digest IN (SELECT value FROM json_each(?))"
        digests = json.dumps([each.content.digest for each in damaged])
        here = (
            {row[0] for row in connection.exec_driver_sql(known, (digests,))}
            if damaged
            else set[str]()
        )
        rows = whole + [each.row for each in damaged if each.content.digest not in here]
        return unite_rows(connection, CONTENTS, rows)


def _count(taken: Sequence[_Taken], refused: int) -> CopiedContents:
    copied = [each.content for each in taken if each.copied]
    return CopiedContents(
        len(copied),
        sum(content.size for content in copied),
        tuple((each.content.digest, each.damage) for each in taken if each.damage is not None),
        refused,
    )
