"""What is shown of a sweep: its variants, ranked by a metric."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from whence.domain.ids import short_id
from whence.domain.status import RunStatus
from whence.history.reports.quantities import (
    format_count,
    format_duration,
    format_numbers,
    shorten_text,
)
from whence.history.reports.report import Cell, Column, Report, Tone, make_row, make_table
from whence.history.reports.status_cells import run_status_cell

if TYPE_CHECKING:
    from whence.history.sweeps import SweptVariant

_MOST_SHOWN = 50
_LONGEST_VALUE = 40


def report_sweep(
    name: str,
    ranked: "Sequence[SweptVariant]",
    rest: "Sequence[SweptVariant]",
    metric: str | None,
) -> Report:
    """Return the report of a sweep: the variants that *metric* ranks, best first, then the rest."""
    variants = [*ranked, *rest]
    names = list(dict.fromkeys(each for variant in variants for each in variant.varied))
    columns = [
        Column("rank" if ranked else "", align="right"),
        *(Column(each, keep=True) for each in names),
        Column(metric or "", align="right", keep=True),
        Column("status"),
        Column("reused", align="right"),
        Column("time", align="right"),
        Column("run", keep=True),
    ]
    numbers = format_numbers([each.find_metric(metric) for each in ranked]) if metric else []
    rows = [
        make_row(
            str(place) if place <= len(ranked) else "",
            *(shorten_text(variant.varied.get(each, ""), _LONGEST_VALUE) for each in names),
            Cell(numbers[place - 1], _tone_of(place)) if place <= len(ranked) else "",
            run_status_cell(variant.run.status),
            _count_reused(variant),
            format_duration(variant.run.duration),
            Cell(short_id(variant.run.id), Tone.QUIET),
        )
        for place, variant in enumerate(variants[:_MOST_SHOWN], start=1)
    ]
    hidden = len(variants) - len(rows)
    note = f"and {format_count(hidden, 'other variant')}: see `.frame()`" if hidden else ""
    title = Cell(f"sweep {name}: {format_count(len(variants), 'variant')}", Tone.STRONG)
    table = make_table("", columns, rows, note)
    return Report((title,), sections=(table,), notes=tuple(_notes(rest)))


def _tone_of(place: int) -> Tone:
    return Tone.GOOD if place == 1 else Tone.PLAIN


def _count_reused(variant: "SweptVariant") -> str:
    steps = variant.run.steps
    return f"{sum(steps[name].cached for name in steps)} of {len(steps)}"


def _notes(variants: "Sequence[SweptVariant]") -> Iterator[str]:
    """Yield why variants failed, each reason once."""
    failed = [each.run for each in variants if each.run.status is RunStatus.FAILED]
    reasons = [f"{run.error.type}: {run.error.message}" for run in failed if run.error is not None]
    for reason in dict.fromkeys(reasons):
        first_line = reason.partition("\n")[0]
        yield f"{format_count(reasons.count(reason), 'variant')} failed: {first_line}"
