"""What is shown of changes that were declared harmless."""

from collections.abc import Sequence

from whence.domain.ids import short_id
from whence.domain.records import AcceptanceRecord
from whence.history.reports.quantities import format_count, format_moment
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table

_COLUMNS = (
    Column("acceptance", keep=True),
    Column("of"),
    Column("who"),
    Column("when", keep=True),
    Column("reason"),
    Column("withdrawn"),
)


def report_acceptances(records: Sequence[AcceptanceRecord], notes: Sequence[str]) -> Report:
    """Return the report of some acceptances, one line each."""
    rows = [
        make_row(
            short_id(each.id),
            f"{each.kind} {each.subject}",
            each.who,
            Cell(format_moment(each.made_at), Tone.QUIET),
            each.reason,
            Cell(_describe_end(each), Tone.BAD),
        )
        for each in records
    ]
    title = format_count(len(records), "accepted change") if rows else "No change is accepted."
    tables = (make_table("", _COLUMNS, rows),) if rows else ()
    return Report((Cell(title, Tone.STRONG),), sections=tables, notes=tuple(notes))


def _describe_end(acceptance: AcceptanceRecord) -> str:
    if acceptance.withdrawn_at is None:
        return ""
    return f"{format_moment(acceptance.withdrawn_at)} by {acceptance.withdrawn_by or '?'}"
