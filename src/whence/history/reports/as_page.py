"""A report as one HTML file: nothing from elsewhere, nothing that runs, light and dark."""

import re
from collections.abc import Iterator
from html import escape

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

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_UNBROKEN = 24  # characters of a cell that always stands in one line
_CODE = re.compile(r"`([^`\n]+)`")
_STYLES = """
:root { color-scheme: light dark; --page: #fbfbfa; --card: #fff; --text: #1d2126; --quiet: #69717c;
  --line: #e4e5e7; --soft: #f2f3f4; --good: #1a7f43; --bad: #c0362c; --busy: #8a5a00;
  --good-soft: #e3f5e9; --bad-soft: #fdeae8; --busy-soft: #fdf0d3; --accent: #3b5bdb; }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --card: #1b1f23; --text: #e4e7ea;
  --quiet: #98a1ab; --line: #2e343a; --soft: #23282d; --good: #57c785; --bad: #ff8a7f;
  --busy: #e8b04b; --good-soft: #14311f; --bad-soft: #3b1d1b; --busy-soft: #3a2c10;
  --accent: #8da2fb; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); -webkit-text-size-adjust: 100%;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 36px 24px 64px; }
h1 { font-size: 15px; font-weight: 500; color: var(--quiet); margin: 0 0 10px; }
.headline { font-size: 22px; line-height: 1.35; font-weight: 600; margin: 0 0 14px;
  letter-spacing: -.01em; text-wrap: pretty; overflow-wrap: anywhere; }
.subtitle, .note { color: var(--quiet); }
.note { font-size: 13px; margin: 6px 0 0; }
h2 { font-size: 13px; font-weight: 600; margin: 30px 0 8px; }
h3 { font-size: 12px; font-weight: 600; color: var(--quiet); margin: 16px 0 6px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { font-size: .88em; background: var(--soft); border-radius: 4px; padding: .08em .32em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 4px 28px 4px 0; white-space: pre-wrap;
  overflow-wrap: anywhere; min-width: 3em; }
th { font-weight: 400; font-size: 13px; color: var(--quiet); border-bottom: 1px solid var(--line); }
tr + tr td { border-top: 1px solid var(--line); }
.whole { white-space: pre; }
.right { text-align: right; white-space: pre; }
.headline + .headline, .headline:has(+ .headline) { font-size: 18px; margin-bottom: 6px; }
.headline + div { margin-top: 26px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 6px 16px; overflow-x: auto; }
.strip { display: flex; flex-wrap: wrap; gap: 6px; margin: 30px 0 12px; }
.strip > span { border: 1px solid var(--line); border-radius: 999px; padding: 2px 11px;
  font-size: 13px; background: var(--card); overflow-wrap: anywhere; }
.strip > .quiet { opacity: .7; }
.strip > .good { background: var(--good-soft); border-color: transparent; }
.strip > .bad { background: var(--bad-soft); border-color: transparent; }
.strip > .busy { background: var(--busy-soft); border-color: transparent; font-weight: 600; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  margin: 0 0 8px; }
details > div { padding: 0 16px 14px; overflow-x: auto; }
summary { cursor: pointer; padding: 9px 16px; list-style: none; display: flex; flex-wrap: wrap;
  gap: 2px 14px; align-items: baseline; overflow-wrap: anywhere; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "\\25B8"; color: var(--quiet); width: .7em; }
details[open] > summary::before { content: "\\25BE"; }
summary:focus-visible { outline: 2px solid var(--accent); border-radius: 8px; }
.quiet { color: var(--quiet); } .strong { font-weight: 600; } .good { color: var(--good); }
.bad { color: var(--bad); } .busy { color: var(--busy); }
pre { margin: 0; padding: 8px 0; background: var(--soft); border-radius: 6px; font-size: 12.5px;
  line-height: 1.55; overflow-x: auto; }
pre > span { display: block; padding: 0 12px; white-space: pre; width: max-content;
  min-width: 100%; }
pre > .good { background: var(--good-soft); color: inherit; }
pre > .bad { background: var(--bad-soft); color: inherit; }
footer { margin-top: 40px; color: var(--quiet); font-size: 12px; }
@media (max-width: 600px) { main { padding: 20px 14px; } .headline { font-size: 19px; }
  th, td { padding-right: 16px; } }
@media print { details > div { display: block; } body { background: #fff; } }
"""


def render_page(report: Report) -> str:
    """Return a report as a whole document; a browser that shows it fetches and runs nothing."""
    title = " ".join(cell.text for cell in report.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_write(title)}</title>\n<style>{_STYLES}</style>\n</head>\n<body>\n<main>\n"
        f"{''.join(_write_report(report))}\n</main>\n</body>\n</html>\n"
    )


def _write_report(report: Report) -> Iterator[str]:
    yield f"<h1>{_write_cells(report.title)}</h1>\n"
    for headline in report.headlines:
        yield f'<p class="headline">{_write_prose(headline)}</p>\n'
    if report.subtitle:
        yield f'<p class="subtitle">{_write_prose(report.subtitle)}</p>\n'
    for section in report.sections:
        yield from _write_section(section, "h2")
    for note in report.notes:
        yield f"<footer>{_write_prose(note)}</footer>\n"


def _write_section(section: Section, heading: str) -> Iterator[str]:
    if isinstance(section, Strip):
        yield f'<div class="strip">{"".join(map(_write_pill, section.cells))}</div>\n'
        return
    if isinstance(section, Fold):
        yield from _write_fold(section)
        return
    if section.title:
        yield f"<{heading}>{_write_prose(section.title)}</{heading}>\n"
    if isinstance(section, Passage):
        yield f"<pre><span>{_write(section.text)}</span></pre>\n"
        return
    if isinstance(section, Diff):
        yield f"<pre>{''.join(map(_write_line, section.lines))}</pre>\n"
    elif section.rows:
        frame = "card" if heading == "h2" else "scroll"
        yield f'<div class="{frame}">{"".join(_write_table(section))}</div>\n'
    if section.note:
        yield f'<p class="note">{_write_prose(section.note)}</p>\n'


def _write_fold(fold: Fold) -> Iterator[str]:
    yield f"<details{' open' if fold.is_open else ''}>"
    yield f"<summary>{_write_cells(fold.title)}</summary><div>"
    for section in fold.sections:
        yield from _write_section(section, "h3")
    yield "</div></details>\n"


def _write_table(table: Table) -> Iterator[str]:
    yield "<table>"
    if any(column.title for column in table.columns):
        yield f"<thead><tr>{''.join(map(_write_heading, table.columns))}</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(map(_write_cell, row, table.columns))}</tr>"
    yield "</tbody></table>"


def _write_heading(column: Column) -> str:
    return f"<th{_place(column, column.title)}>{_write(column.title)}</th>"


def _write_cell(cell: Cell, column: Column) -> str:
    return f"<td{_place(column, cell.text)}>{_write_text(cell)}</td>"


def _place(column: Column, text: str) -> str:
    """Return how a cell stands: on the right, or unbroken where that takes little room."""
    if column.align == "right":
        return ' class="right"'
    return ' class="whole"' if len(text) <= _UNBROKEN else ""


def _write_cells(cells: tuple[Cell, ...]) -> str:
    return " ".join(f"<span>{_write_text(cell)}</span>" for cell in cells if cell.text)


def _write_pill(cell: Cell) -> str:
    return f'<span class="{cell.tone.value}">{_write(cell.text)}</span>'


def _write_text(cell: Cell) -> str:
    text = _write_prose(cell.text)
    return text if cell.tone is Tone.PLAIN else f'<span class="{cell.tone.value}">{text}</span>'


def _write_line(line: str) -> str:
    return f'<span class="{tone_of_line(line).value}">{_write(line) or " "}</span>'


def _write_prose(text: str) -> str:
    """Return text with what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", _write(text))


def _write(text: str) -> str:
    return escape(make_harmless(text))
