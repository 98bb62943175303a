"""What is shown of the state of a store."""

from pathlib import Path
from typing import Any

from whence.domain.frozen import frozen
from whence.history.reports.quantities import format_count
from whence.history.reports.report import Cell, Column, Report, Section, Tone, make_row, make_table
from whence.history.reports.shown import Shown
from whence.housekeeping.findings import Finding

_MOST_SHOWN = 10  # findings of one kind
_SHOWN_DIGEST = 19  # characters, with the algorithm


@frozen
class Diagnosis(Shown):
    """What `doctor` found."""

    home: Path
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong, or nothing any more."""
        return all(finding.repaired for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "home": str(self.home),
            "healthy": self.is_healthy,
            "findings": [finding.to_dict() for finding in self.findings],
            "notes": list(self.notes),
        }

    def _report(self) -> Report:
        kinds = dict.fromkeys(finding.kind for finding in self.findings)
        sections = tuple(self._section(kind) for kind in kinds)
        return Report(self._title(), str(self.home), sections, self.notes)

    def _title(self) -> tuple[Cell, ...]:
        if not self.findings:
            return (Cell("Nothing is wrong.", Tone.GOOD),)
        left = sum(not finding.repaired for finding in self.findings)
        repaired = len(self.findings) - left
        cells: list[Cell] = []
        if left:
            cells.append(Cell(format_count(left, "problem"), Tone.BAD))
        if repaired:
            cells.append(Cell(f"{repaired} repaired", Tone.GOOD))
        return tuple(cells)

    def _section(self, kind: str) -> Section:
        of_kind = [finding for finding in self.findings if finding.kind == kind]
        rows = [_make_row(finding, self.home) for finding in of_kind[:_MOST_SHOWN]]
        rest = len(of_kind) - len(rows)
        fixes = dict.fromkeys(finding.fix for finding in of_kind if not finding.repaired)
        notes = [f"and {rest} more"] if rest else []
        notes += [f"fix: {fix}" for fix in fixes]
        title = kind[:1].upper() + kind[1:]
        return make_table(title, (Column(keep=True), Column()), rows, "; ".join(notes))


def _make_row(finding: Finding, home: Path) -> tuple[Cell, ...]:
    """Return what is wrong on one line, and below it where, and why."""
    where = finding.where.removeprefix(f"{home}/")
    if where.startswith("blake3:"):
        where = f"{where[:_SHOWN_DIGEST]}…"
    place = f"{finding.of}, {where}" if finding.of else where
    said = "\n".join(filter(None, (finding.what, place, finding.why)))
    return make_row(Cell("repaired" if finding.repaired else "", Tone.GOOD), said)
