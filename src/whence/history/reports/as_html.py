"""A report in a notebook: escaped HTML that reads well on a light and on a dark page."""

from base64 import b64encode
from collections.abc import Iterator
from html import escape

from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.report import (
    Cell,
    Column,
    Diff,
    Drawing,
    Fold,
    Passage,
    Report,
    Section,
    Strip,
    Table,
    Tone,
    tone_of_line,
)

_LINE = "1px solid rgba(128,128,128,.25)"
_STYLES = {
    Tone.PLAIN: "",
    Tone.QUIET: "opacity:.6",
    Tone.STRONG: "font-weight:600",
    Tone.GOOD: "color:#2f9e58",
    Tone.BAD: "color:#d9483b;font-weight:600",
    Tone.BUSY: "color:#b7791f",
}
_PAGE = (
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:13px;"
    "line-height:1.45;color:inherit;max-width:100%;overflow-x:auto"
)
_TITLE = "font-size:15px;margin:2px 0"
_HEADING = "font-weight:600;margin:12px 0 2px"
_GAP = "height:8px"
_TABLE = "border-collapse:collapse;border:none;margin:0;background:transparent;color:inherit"
_CELL = (
    "padding:2px 20px 2px 0;vertical-align:top;border:none;background:transparent;color:inherit;"
    "font-size:13px;white-space:pre-wrap;overflow-wrap:anywhere;font-variant-numeric:tabular-nums"
)
_EVEN = (
    "font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;padding-top:0;padding-bottom:0;"
    "white-space:pre"
)
_PASSAGE = (
    "margin:0;padding:8px 10px;background:rgba(128,128,128,.1);border-radius:4px;color:inherit;"
    "font:12px/1.45 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;"
    "overflow-wrap:anywhere"
)
_PICTURE = "max-width:min(100%,720px);max-height:480px;border-radius:4px"
_LINES = {
    Tone.GOOD: "background:rgba(47,158,88,.14)",
    Tone.BAD: "background:rgba(217,72,59,.14)",
    Tone.QUIET: "opacity:.6",
}


def render_html(report: Report) -> str:
    """Return a report as one element with its own styles and nothing from elsewhere."""
    return f'<div style="{_PAGE}">{"".join(_write_report(report))}</div>'


def _write_report(report: Report) -> Iterator[str]:
    yield f'<div style="{_TITLE}">{_write_cells(report.title)}</div>'
    if report.subtitle:
        yield f"<div>{_write_text(Cell(report.subtitle, Tone.QUIET))}</div>"
    for headline in report.headlines:
        yield f'<div style="font-size:14px;font-weight:600">{_write(headline)}</div>'
    for section in report.sections:
        yield from _write_section(section)
    for drawing in report.drawings:
        yield from _write_drawing(drawing)
    for note in report.notes:
        yield f'<div style="margin-top:10px">{_write_text(Cell(note))}</div>'


def _write_section(section: Section) -> Iterator[str]:
    if isinstance(section, Strip):
        yield f'<div style="{_HEADING}">{_write_cells(section.cells)}</div>'
        return
    if isinstance(section, Fold):
        yield f"<details{' open' if section.is_open else ''}>"
        yield f'<summary style="cursor:pointer">{_write_cells(section.title)}</summary>'
        for inner in section.sections:
            yield from _write_section(inner)
        yield "</details>"
        return
    heading = _HEADING if section.title else _GAP
    yield f'<div style="{heading}">{_write(section.title)}</div>'
    if isinstance(section, Passage):
        yield f'<pre style="{_PASSAGE}">{_write(section.text)}</pre>'
        return
    if isinstance(section, Diff):
        yield f'<pre style="{_PASSAGE}">{"".join(map(_write_line, section.lines))}</pre>'
    elif section.rows:
        yield from _write_table(section)
    if section.note:
        yield f"<div>{_write_text(Cell(section.note, Tone.QUIET))}</div>"


def _write_drawing(drawing: Drawing) -> Iterator[str]:
    """Yield a picture as an image, in which nothing runs whatever its bytes are."""
    data = drawing.load()
    if data is not None:
        source = f"data:image/png;base64,{b64encode(data).decode()}"
        yield f'<div style="{_HEADING}">{_write(drawing.title)}</div>'
        yield f'<img alt="{_write(drawing.title)}" style="{_PICTURE}" src="{source}">'


def _write_cells(cells: tuple[Cell, ...]) -> str:
    return "&ensp;".join(_write_text(cell) for cell in cells if cell.text)


def _write_line(line: str) -> str:
    style = _LINES.get(tone_of_line(line), "")
    return f'<span style="display:block;{style}">{_write(line) or " "}</span>'


def _write_table(table: Table) -> Iterator[str]:
    yield f'<table style="{_TABLE}">'
    if any(column.title for column in table.columns):
        yield f'<thead><tr style="border-bottom:{_LINE}">'
        yield from (_write_heading(column) for column in table.columns)
        yield "</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        cells = "".join(map(_write_cell, row, table.columns))
        yield f'<tr style="background:transparent">{cells}</tr>'
    yield "</tbody></table>"


def _write_heading(column: Column) -> str:
    style = f"{_CELL};font-weight:400;text-align:{column.align}"
    return f'<th style="{style}">{_write_text(Cell(column.title, Tone.QUIET))}</th>'


def _write_cell(cell: Cell, column: Column) -> str:
    whole = ";white-space:pre" if column.align == "right" else ""
    even = f";{_EVEN}" if column.even else ""
    style = f"{_CELL};text-align:{column.align}{whole}{even}"
    return f'<td style="{style}">{_write_text(cell)}</td>'


def _write_text(cell: Cell) -> str:
    style = _STYLES[cell.tone]
    text = _write(cell.text)
    return f'<span style="{style}">{text}</span>' if style else text


def _write(text: str) -> str:
    return escape(make_harmless(text))
