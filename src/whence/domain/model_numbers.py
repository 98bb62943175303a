"""Which version of a model bears which number, also after stores were merged.

Every store numbers on its own, so that after a merge two rows may share a number, and one content
may have two. No row ever changes; what they mean together is decided here, from all rows of one
model and in whatever order they come.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from whence.domain.frozen import frozen
from whence.domain.ids import ModelVersionId
from whence.domain.model_records import ModelVersionRecord

SHORTEST_SUFFIX = 4
"""How many of an id's last characters, at least, tell versions apart that share a number."""

MARK = "~"
"""Stands between a number that another version bears, and the end of an id: `3~ab12`."""


@frozen
class NumberedVersion:
    """One version: all rows of one content, of which that with the smallest id stands."""

    record: ModelVersionRecord
    label: str  # its number, or `3~ab12` where another version bears that
    ids: frozenset[ModelVersionId]  # of all its rows

    @property
    def number(self) -> int | None:
        """The number that it bears alone, if it bears one."""
        return int(self.label) if self.label.isdecimal() else None


class ModelNumbers:
    """The versions of one model, oldest first, and what finds each.

    A number belongs to the row with the smallest id that has it, so rows that come later never take
    one away. Rows with one digest are one version, which each of its numbers finds.
    """

    def __init__(self, rows: Iterable[ModelVersionRecord]) -> None:
        groups = _group_by_digest(sorted(set(rows), key=lambda row: row.id))
        self._bearers = _find_bearers(groups.values())
        self.versions = [
            NumberedVersion(
                group[0], self._label(group, groups.values()), frozenset(row.id for row in group)
            )
            for group in sorted(groups.values(), key=lambda group: group[0].id)
        ]
        self._rows = [
            (row, version) for version in self.versions for row in groups[version.record.digest]
        ]
        self._by_id = {row.id: version for row, version in self._rows}
        self._by_digest = {version.record.digest: version for version in self.versions}

    def find(self, text: str) -> list[NumberedVersion]:
        """Return the versions that a number, or what is shown in its place, may mean."""
        number, mark, suffix = text.partition(MARK)
        if not (number.isascii() and number.isdecimal()):
            return []
        if not mark:
            bearer = self._bearers.get(int(number))
            return [] if bearer is None else [self._by_id[bearer]]
        if len(suffix) < SHORTEST_SUFFIX:
            return []
        found = [
            version
            for row, version in self._rows
            if row.number == int(number) and row.id.endswith(suffix.lower())
        ]
        return [version for version in self.versions if version in found]

    def find_by_id(self, version_id: ModelVersionId) -> NumberedVersion | None:
        """Return the version that a row belongs to."""
        return self._by_id.get(version_id)

    def find_by_digest(self, digest: str) -> NumberedVersion | None:
        """Return the version with a content."""
        return self._by_digest.get(digest)

    def _label(
        self, group: Sequence[ModelVersionRecord], groups: Collection[Sequence[ModelVersionRecord]]
    ) -> str:
        for row in group:
            if self._bearers[row.number] == row.id:
                return str(row.number)
        row = group[0]
        others = [
            each.id
            for other in groups
            if other is not group
            for each in other
            if each.number == row.number
        ]
        return f"{row.number}{MARK}{_tell_apart(row.id, others)}"


def _group_by_digest(
    rows: Iterable[ModelVersionRecord],
) -> Mapping[str, list[ModelVersionRecord]]:
    groups: dict[str, list[ModelVersionRecord]] = {}
    for row in rows:
        groups.setdefault(row.digest, []).append(row)
    return groups


def _find_bearers(
    groups: Iterable[Iterable[ModelVersionRecord]],
) -> Mapping[int, ModelVersionId]:
    bearers: dict[int, ModelVersionId] = {}
    for row in (row for group in groups for row in group):
        bearers[row.number] = min(row.id, bearers.get(row.number, row.id))
    return bearers


def _tell_apart(identifier: str, others: Collection[str]) -> str:
    """Return the shortest end of an id that no other one has."""
    for length in range(SHORTEST_SUFFIX, len(identifier)):
        if not any(other.endswith(identifier[-length:]) for other in others):
            return identifier[-length:]
    return identifier
