"""Tags and notes as they are shown."""

from collections.abc import Iterator, Sequence

from whence.domain.annotations import AnnotationRecord
from whence.history.reports.quantities import format_moment
from whence.history.reports.report import Cell, Column, Table, Tone, make_row, make_table


def describe_tags(tags: Sequence[str]) -> str:
    """Return tags as part of a line; nothing for none."""
    return f"tags: {', '.join(tags)}" if tags else ""


def tabulate_notes(notes: Sequence[AnnotationRecord]) -> Iterator[Table]:
    """Yield a table of notes, if there are any: what was said, by whom and when."""
    if not notes:
        return
    rows = [
        make_row(
            each.text,
            Cell(f"{each.who}, {format_moment(each.made_at)}", Tone.QUIET),
        )
        for each in notes
    ]
    yield make_table("Notes", (Column(), Column(align="right")), rows)
