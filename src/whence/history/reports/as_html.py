"""A report in a notebook: escaped HTML that reads well on a light and on a dark page."""

from collections.abc import Iterator
from html import escape

from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.report import Cell, Column, Passage, Report, Section, Table, Tone

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
_PASSAGE = (
    "margin:0;padding:8px 10px;background:rgba(128,128,128,.1);border-radius:4px;color:inherit;"
    "font:12px/1.45 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;"
    "overflow-wrap:anywhere"
)


def render_html(report: Report) -> str:
    """Return a report as one element with its own styles and nothing from elsewhere."""
    return f'<div style="{_PAGE}">{"".join(_write_report(report))}</div>'


def _write_report(report: Report) -> Iterator[str]:
    title = "&ensp;".join(_write_text(cell) for cell in report.title if cell.text)
    yield f'<div style="{_TITLE}">{title}</div>'
    if report.subtitle:
        yield f"<div>{_write_text(Cell(report.subtitle, Tone.QUIET))}</div>"
    for section in report.sections:
        yield from _write_section(section)
    for note in report.notes:
        yield f'<div style="margin-top:10px">{_write_text(Cell(note))}</div>'


def _write_section(section: Section) -> Iterator[str]:
    heading = _HEADING if section.title else _GAP
    yield f'<div style="{heading}">{_write(section.title)}</div>'
    if isinstance(section, Passage):
        yield f'<pre style="{_PASSAGE}">{_write(section.text)}</pre>'
        return
    if section.rows:
        yield from _write_table(section)
    if section.note:
        yield f"<div>{_write_text(Cell(section.note, Tone.QUIET))}</div>"


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
    style = f"{_CELL};text-align:{column.align}{whole}"
    return f'<td style="{style}">{_write_text(cell)}</td>'


def _write_text(cell: Cell) -> str:
    style = _STYLES[cell.tone]
    text = _write(cell.text)
    return f'<span style="{style}">{text}</span>' if style else text


def _write(text: str) -> str:
    return escape(make_harmless(text))
