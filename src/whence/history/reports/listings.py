"""What is shown of a list of runs."""

from collections.abc import Mapping, Sequence

from whence.domain.ids import short_id
from whence.domain.records import RunRecord
from whence.history.reports.quantities import format_count, format_duration, format_start
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.status_cells import run_status_cell

_COLUMNS = (
    Column("run", keep=True),
    Column("pipeline", keep=True),
    Column("name", keep=True),
    Column("status", keep=True),
    Column("started", keep=True),
)


def report_runs(runs: Sequence[RunRecord], values: Mapping[str, Sequence[str]]) -> Report:
    """Return the report of some runs, one line each, with what *values* has by heading.

    These take the place of the duration, and each tag has a line of its own beside them.
    """
    between = ",\n" if values else ", "
    spent = {"time": [_write_duration(run) for run in runs]}
    rows = [
        make_row(
            short_id(run.id),
            run.pipeline,
            run.name or "",
            run_status_cell(run.status),
            Cell(format_start(run.started_at), Tone.QUIET),
            *(Cell(texts[place]) for texts in (values or spent).values()),
            Cell(between.join(run.tags), Tone.QUIET),
        )
        for place, run in enumerate(runs)
    ]
    shown = [Column(name, align="right") for name in values or spent]
    columns = (*_COLUMNS, *shown, Column("tags"))
    title = Cell(format_count(len(runs), "run") if runs else "There are no such runs.", Tone.STRONG)
    return Report((title,), sections=(make_table("", columns, rows),) if rows else ())


def _write_duration(run: RunRecord) -> str:
    return format_duration(run.duration) if run.duration is not None else ""
