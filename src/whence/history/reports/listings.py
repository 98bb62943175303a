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
    Column("name"),
    Column("status", keep=True),
    Column("started", keep=True),
    Column("time", align="right"),
)


def report_runs(runs: Sequence[RunRecord], values: Mapping[str, Sequence[str]]) -> Report:
    """Return the report of some runs, one line each, with what *values* has by heading."""
    rows = [
        make_row(
            short_id(run.id),
            run.pipeline,
            run.name or "",
            run_status_cell(run.status),
            Cell(format_start(run.started_at), Tone.QUIET),
            format_duration(run.duration) if run.duration is not None else "",
            *(Cell(texts[place], Tone.STRONG) for texts in values.values()),
            Cell(", ".join(run.tags), Tone.QUIET),
        )
        for place, run in enumerate(runs)
    ]
    columns = (*_COLUMNS, *(Column(name, align="right") for name in values), Column("tags"))
    title = Cell(format_count(len(runs), "run") if runs else "There are no such runs.", Tone.STRONG)
    return Report((title,), sections=(make_table("", columns, rows),) if rows else ())
