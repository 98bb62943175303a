"""What is shown of a merge."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from whence.domain.frozen import frozen
from whence.history.reports.quantities import format_count, format_size
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.shown import Shown
from whence.housekeeping.copy_contents import CopiedContents

_MOST_MISSING = 20


@frozen
class Merged(Shown):
    """What was taken over from another store."""

    place: Path
    added: Mapping[str, int]  # rows that were not here, by table
    contents: CopiedContents
    refused: int  # records that were damaged, or referred to nothing
    going_on: int  # runs that had not ended over there
    act: str = "Merged"

    @property
    def is_whole(self) -> bool:
        """Whether everything could be taken over."""
        return not (self.contents.missing or self.contents.refused or self.refused)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "place": str(self.place),
            **self.added,
            "contents": self.contents.copied,
            "bytes": self.contents.size,
            "missing": [
                {"digest": digest, "reason": reason} for digest, reason in self.contents.missing
            ],
            "refused": self.refused + self.contents.refused,
            "going_on": self.going_on,
        }

    def _report(self) -> Report:
        rows = [
            make_row(digest, Cell(reason, Tone.BAD))
            for digest, reason in self.contents.missing[:_MOST_MISSING]
        ]
        rest = len(self.contents.missing) - len(rows)
        table = make_table(
            "Contents without their bytes",
            (Column("content"), Column("why")),
            rows,
            f"and {format_count(rest, 'other')}" if rest else "",
        )
        return Report(
            (Cell(self.act, Tone.GOOD if self.is_whole else Tone.BUSY), Cell(str(self.place))),
            subtitle=self._tell_added(),
            sections=(table,) if rows else (),
            notes=tuple(self._notes()),
        )

    def _tell_added(self) -> str:
        added = [
            format_count(self.added["runs"], "run"),
            format_count(self.added["artifacts"], "artifact"),
            format_count(self.added["model_versions"], "model version"),
        ]
        if not any(self.added.values()) and not self.contents.copied:
            return "Everything was there already."
        size = format_size(self.contents.size)
        copied = format_count(self.contents.copied, "content")
        return f"New: {', '.join(added)}; {copied} copied, {size}."

    def _notes(self) -> list[str]:
        notes: list[str] = []
        if refused := self.refused + self.contents.refused:
            records = format_count(refused, "damaged record")
            notes.append(f"{records} left out: run `whence doctor` over there.")
        if self.contents.missing:
            notes.append("What needs these contents is computed again.")
        if self.going_on:
            runs = format_count(self.going_on, "run")
            notes.append(f"{runs} had not ended over there: merge again afterwards.")
        return notes
