"""What is shown of what `gc` would delete, or has deleted."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from whence.domain.frozen import frozen
from whence.domain.ids import short_id
from whence.history.reports.quantities import format_count, format_size
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.shown import Shown
from whence.housekeeping.collection import Deleted
from whence.metadata_stores.collect_contents import Victim

_NO_RUN = "of no run"
_MOST_NAMED = 5


@frozen
class PipelineShare(Shown):
    """What may go of one pipeline's contents."""

    pipeline: str
    contents: int
    size: int

    def _report(self) -> Report:
        return Report((Cell(self.pipeline), Cell(format_size(self.size))))


@frozen
class Garbage(Shown):
    """What may go, and what went."""

    contents: int
    size: int  # bytes
    by_pipeline: tuple[PipelineShare, ...]
    checkpoints: int  # folders of checkpoints that nobody has touched for long
    rules_given: bool
    deleted: Deleted | None = None  # None if it was only looked
    waits_for: tuple[str, ...] = ()  # runs that may still use the rest

    def as_done(self, deleted: Deleted, waits_for: Iterable[str]) -> "Garbage":
        """Return the same, with what was deleted of it."""
        return replace(self, deleted=deleted, waits_for=tuple(waits_for))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "contents": self.contents,
            "bytes": self.size,
            "pipelines": {
                each.pipeline: {"contents": each.contents, "bytes": each.size}
                for each in self.by_pipeline
            },
            "checkpoints": self.checkpoints,
            "deleted": None
            if self.deleted is None
            else {"contents": self.deleted.contents, "bytes": self.deleted.size},
            "waits_for": list(self.waits_for),
        }

    def _report(self) -> Report:
        rows = [
            make_row(each.pipeline, format_count(each.contents, "content"), format_size(each.size))
            for each in self.by_pipeline
        ]
        columns = (Column(keep=True), Column(align="right"), Column(align="right"))
        return Report(
            self._title(),
            sections=(make_table("", columns, rows),) if rows else (),
            notes=tuple(self._notes()),
        )

    def _title(self) -> tuple[Cell, ...]:
        if self.deleted is None:
            if not self.contents:
                return (Cell("Nothing would be deleted.", Tone.STRONG),)
            return (
                Cell("Would delete", Tone.BUSY),
                Cell(format_count(self.contents, "content"), Tone.STRONG),
                Cell(format_size(self.size), Tone.STRONG),
            )
        if not self.deleted.contents:
            return (Cell("Nothing was deleted.", Tone.STRONG),)
        return (
            Cell("Deleted", Tone.GOOD),
            Cell(format_count(self.deleted.contents, "content"), Tone.STRONG),
            Cell(format_size(self.deleted.size), Tone.STRONG),
        )

    def _notes(self) -> list[str]:
        notes: list[str] = []
        if self.checkpoints:
            said = format_count(
                self.checkpoints, "step's old checkpoints", "steps' old checkpoints"
            )
            notes.append(f"{said} {'would go' if self.deleted is None else 'went'} as well.")
        if self.waits_for:
            shown = ", ".join(short_id(run) for run in self.waits_for[:_MOST_NAMED])
            rest = len(self.waits_for) - _MOST_NAMED
            more = f" and {rest} more" if rest > 0 else ""
            notes.append(f"The rest may still be in use by {shown}{more}: it goes with the next")
            notes[-1] += " `whence gc --yes`, or wait for them: --wait."
        if self.deleted is None and not self.rules_given:
            notes.append("Say what may go: --keep-last N, --older-than 30d or --max-size 50GiB.")
        elif self.deleted is None and self.contents:
            notes.append("Records stay: runs, lineage, metrics and code. Do it with --yes.")
        return notes


def count_by_pipeline(victims: Iterable[Victim]) -> tuple[PipelineShare, ...]:
    """Return what may go of each pipeline, the most bytes first."""
    totals: dict[str, tuple[int, int]] = {}
    for victim in victims:
        name = victim.pipeline or _NO_RUN
        contents, size = totals.get(name, (0, 0))
        totals[name] = contents + 1, size + victim.size
    shares = [PipelineShare(name, *total) for name, total in totals.items()]
    return tuple(sorted(shares, key=lambda share: (-share.size, share.pipeline)))
