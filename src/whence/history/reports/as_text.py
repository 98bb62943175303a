"""A report in a terminal: aligned columns, quiet colours, nothing cut off."""

import shutil
from io import StringIO
from typing import TYPE_CHECKING

from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.report import (
    Cell,
    Column,
    Diff,
    Fold,
    Passage,
    Report,
    Section,
    Strip,
    Table,
    Tone,
    tone_of_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table as RichTable
    from rich.text import Text

WIDTH_WITHOUT_TERMINAL = 100
"""Columns of a text that is written to a file or a pipe."""

_STYLES = {
    Tone.PLAIN: "",
    Tone.QUIET: "dim",
    Tone.STRONG: "bold",
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.BUSY: "yellow",
}
_INDENT = 2
_MARGIN = (0, 0, 0, _INDENT)  # top, right, bottom, left


def render_text(report: Report, width: int | None = None) -> str:
    """Return a report as text without colours, as wide as the terminal if *width* is not given."""
    from rich.console import Console  # noqa: PLC0415  # slow to load: only when something is shown

    columns = width or shutil.get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
    file = StringIO()
    console = Console(file=file, width=columns, color_system=None, force_terminal=False)
    console.print(TerminalReport(report))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


class TerminalReport:
    """A report as rich draws it."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        yield from _draw_report(self._report, options.max_width)


def _draw_report(report: Report, width: int) -> "Iterator[RenderableType]":
    yield _draw_title(report.title)
    if report.subtitle:
        yield _draw(report.subtitle, Tone.QUIET)
    for headline in report.headlines:
        yield _draw(headline, Tone.STRONG)
    for section in report.sections:
        yield ""
        yield from _draw_section(section, width)
    if report.notes:
        yield ""
    for note in report.notes:
        yield _draw(note)


def _draw_title(cells: tuple[Cell, ...]) -> "Text":
    from rich.text import Text  # noqa: PLC0415  # as above

    parts = [_draw(cell.text, cell.tone) for cell in cells if cell.text]
    return Text("  ").join(parts)


def _draw_section(section: Section, width: int) -> "Iterator[RenderableType]":
    from rich.padding import Padding  # noqa: PLC0415  # as above

    if isinstance(section, Strip):
        yield _draw_title(section.cells)
        return
    yield from _draw_heading(section)
    for drawn in _draw_body(section, width - _INDENT):
        yield Padding(drawn, _MARGIN, expand=False)


def _draw_heading(section: Table | Passage | Diff | Fold) -> "Iterator[Text]":
    if isinstance(section, Fold):
        yield _draw_title(section.title)
    elif section.title:
        yield _draw(section.title, Tone.STRONG)


def _draw_body(section: Table | Passage | Diff | Fold, width: int) -> "Iterator[RenderableType]":
    if isinstance(section, Fold):
        for inner in section.sections:
            yield from _draw_section(inner, width)
        return
    if isinstance(section, Passage):
        yield _draw(section.text, section.tone)
        return
    if isinstance(section, Diff):
        yield from (_draw(line, tone_of_line(line)) for line in section.lines)
    elif section.rows:
        yield _draw_table(section, width)
    if section.note:
        yield _draw(section.note, Tone.QUIET)


def _draw_table(table: Table, width: int) -> "RichTable":
    from rich.table import Table as RichTable  # noqa: PLC0415  # as above

    drawn = RichTable(
        box=None,
        padding=(0, 2, 0, 0),
        pad_edge=False,
        header_style="dim",
        show_header=any(column.title for column in table.columns),
    )
    for index, column in enumerate(table.columns):
        drawn.add_column(
            _draw(column.title),
            justify=column.align,
            overflow="fold",
            no_wrap=_stays_whole(column, [row[index] for row in table.rows], width),
        )
    for row in table.rows:
        drawn.add_row(*(_draw(cell.text, cell.tone) for cell in row))
    return drawn


def _stays_whole(column: Column, cells: list[Cell], width: int) -> bool:
    """Return whether a column's cells are never broken into several lines."""
    from rich.cells import cell_len  # noqa: PLC0415  # as above

    if not (column.keep or column.align == "right"):
        return False
    lines = (line for cell in cells for line in cell.text.split("\n"))
    return max(map(cell_len, lines), default=0) <= width // 2


def _draw(text: str, tone: Tone = Tone.PLAIN) -> "Text":
    from rich.text import Text  # noqa: PLC0415  # as above

    return Text(make_harmless(text), _STYLES[tone], overflow="fold")
