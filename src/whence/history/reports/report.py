"""The view-model of everything that is shown: titled tables of cells, free of colours and units."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Literal

from whence.domain.frozen import frozen


class Tone(StrEnum):
    """What a cell says by its looks; a renderer decides how."""

    PLAIN = "plain"
    QUIET = "quiet"  # of less interest than its neighbours
    STRONG = "strong"
    GOOD = "good"
    BAD = "bad"
    BUSY = "busy"  # not yet decided


@frozen
class Cell:
    """A piece of text. It may hold anything: renderers make it harmless."""

    text: str
    tone: Tone = Tone.PLAIN


@frozen
class Column:
    """How the cells under one heading stand."""

    title: str = ""
    align: Literal["left", "right"] = "left"
    keep: bool = False  # its cells are broken only where they alone would fill half the width
    even: bool = False  # all characters are as wide: cells hold lines that meet those below


@frozen
class Table:
    """Rows under a title; headings are shown if any column has one."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""  # what is not shown, or what follows from the rows


@frozen
class Passage:
    """Text that is shown as it is, such as a traceback."""

    title: str
    text: str
    tone: Tone = Tone.PLAIN


@frozen
class Diff:
    """Lines of code, each marked by its first character as unified diffs are."""

    title: str
    lines: tuple[str, ...]
    note: str = ""


@frozen
class Strip:
    """Words in one line, as many as fit."""

    cells: tuple[Cell, ...]


@frozen
class Fold:
    """Sections under a line; on a page the line alone is shown until it is asked for more."""

    title: tuple[Cell, ...]
    sections: "tuple[Section, ...]"
    is_open: bool = False


Section = Table | Passage | Diff | Strip | Fold


@frozen
class Drawing:
    """A picture as PNG; its bytes are asked for where it can be shown, which is in a notebook."""

    title: str
    load: Callable[[], bytes | None]  # None if it cannot be read


@frozen
class Report:
    """What is shown of one thing."""

    title: tuple[Cell, ...]
    subtitle: str = ""
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    headlines: tuple[str, ...] = ()  # what matters most, in sentences
    drawings: tuple[Drawing, ...] = ()


def make_row(*cells: Cell | str) -> tuple[Cell, ...]:
    """Return a row; plain text becomes a plain cell."""
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)


def make_table(
    title: str, columns: Iterable[Column], rows: Iterable[tuple[Cell, ...]], note: str = ""
) -> Table:
    """Return a table without the columns in which nothing stands."""
    every, lines = tuple(columns), tuple(rows)
    used = [any(line[index].text for line in lines) for index in range(len(every))]
    return Table(
        title,
        tuple(column for column, use in zip(every, used, strict=True) if use),
        tuple(tuple(cell for cell, use in zip(line, used, strict=True) if use) for line in lines),
        note,
    )


_TONES = {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.QUIET}


def tone_of_line(line: str) -> Tone:
    """Return how a line of a diff looks."""
    return _TONES.get(line[:1], Tone.PLAIN)
