"""What is shown of a comparison: causes first, then what came of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from whence.domain.ids import short_id
from whence.domain.records import ArtifactRecord, RunRecord, StepRunRecord
from whence.history.comparison_rows import ComparedRuns, MetricRow, StepRow, TextRow
from whence.history.plain_values import describe_value
from whence.history.reports.quantities import (
    NOTHING,
    format_count,
    format_duration,
    format_moment,
    format_numbers,
    format_size,
)
from whence.history.reports.report import (
    Cell,
    Column,
    Report,
    Section,
    Table,
    Tone,
    make_row,
    make_table,
)
from whence.history.reports.status_cells import run_status_cell, step_tone

MOST_ROWS = 20
"""Rows of a section that are shown; the rest is counted."""

_PAIR = 2
_NUMBER = re.compile(rf"[-+]?[0-9.]+(e[-+]?[0-9]+)?|nan|[-+]?inf|{NOTHING}")


def report_comparison(compared: ComparedRuns) -> Report:
    """Return the report of a comparison."""
    pipelines = dict.fromkeys(run.pipeline for run in compared.runs)
    title = f"{format_count(len(compared.runs), 'run')} of {', '.join(pipelines)}"
    return Report(
        (Cell(title, Tone.STRONG),),
        _describe_divergence(compared),
        tuple(_sections(compared, name_runs(compared.runs))),
    )


def name_runs(runs: Sequence[RunRecord]) -> list[str]:
    """Return a heading for each run: its name where all have different ones, else its short id."""
    names = [run.name or "" for run in runs]
    if all(names) and len(set(names)) == len(names):
        return names
    short = [short_id(run.id) for run in runs]
    return short if len(set(short)) == len(short) else [run.id for run in runs]


def _describe_divergence(compared: ComparedRuns) -> str:
    found = compared.divergence
    if found is None:
        return "No step differs in parameters, inputs or outputs."
    return f"They part at {found.node}: {'; '.join(found.reasons)}."


def _sections(compared: ComparedRuns, names: list[str]) -> Iterator[Section]:
    yield _tabulate_runs(compared.runs, names)
    yield from _tabulate_texts("Parameters", _without_echoes(compared), names, compared)
    yield from _tabulate_environment(compared, names)
    yield from _tabulate_metrics(compared.metrics, names)
    yield from _tabulate_outputs(compared, names)
    yield from _tabulate_steps(compared, names)


def _columns(
    names: Sequence[str], *last: Column, align: Literal["left", "right"] = "right"
) -> list[Column]:
    return [Column(keep=True), *(Column(name, align) for name in names), *last]


def _suiting(lines: Sequence[tuple[Cell, ...]]) -> Literal["left", "right"]:
    """Return how values stand best: numbers by their last digit, words by their first letter."""
    texts = [cell.text for line in lines for cell in line[1:]]
    return "right" if all(_NUMBER.fullmatch(text) for text in texts) else "left"


def _tabulate_runs(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    pipelines = {run.pipeline for run in runs}
    durations = [format_duration(run.duration) if run.duration is not None else "" for run in runs]
    rows = [
        make_row("run", *(short_id(run.id) for run in runs)),
        make_row("status", *(run_status_cell(run.status) for run in runs)),
        make_row("started", *(Cell(format_moment(run.started_at), Tone.QUIET) for run in runs)),
        make_row("time", *durations),
        make_row("tags", *(Cell(", ".join(run.tags), Tone.QUIET) for run in runs)),
    ]
    if names == [short_id(run.id) for run in runs]:
        rows = [make_row("name", *(run.name or "" for run in runs)), *rows[1:]]
    if len(pipelines) > 1:
        rows.insert(0, make_row("pipeline", *(run.pipeline for run in runs)))
    filled = [row for row in rows if any(cell.text for cell in row[1:])]
    return make_table("", _columns(names, align="left"), filled)


# ------------------------------------------------------------------ causes


def _without_echoes(compared: ComparedRuns) -> tuple[TextRow, ...]:
    """Return the parameters, without those of steps that repeat one of the pipeline's own."""
    nodes = {row.node for row in compared.steps}
    own = {(row.name, row.per_run) for row in compared.parameters}
    return tuple(row for row in compared.parameters if row.equal or _echo(row, nodes) not in own)


def _echo(row: TextRow, nodes: set[str]) -> object:
    """Return the parameter of the pipeline that a step's would repeat."""
    node, _, name = row.name.rpartition(".")
    return (name, row.per_run) if node in nodes else None


def _tabulate_texts(
    title: str, rows: Sequence[TextRow], names: Sequence[str], compared: ComparedRuns
) -> Iterator[Table]:
    differing = [row for row in rows if not row.equal]
    equal = [row for row in rows if row.equal]
    shown = [*differing, *equal] if compared.show_equal else differing[:MOST_ROWS]
    lines = [
        make_row(row.name, *map(_text_cell, row.per_run, [row.equal] * len(names))) for row in shown
    ]
    note = _count_rest(len(differing), len(equal), "parameter", show_equal=compared.show_equal)
    if lines or note:
        yield make_table(title, _columns(names, align=_suiting(lines)), lines, note)


def _text_cell(text: str | None, equal: bool) -> Cell:  # noqa: FBT001  # it is mapped over
    if text is None:
        return Cell(NOTHING, Tone.QUIET)
    return Cell(describe_value(text), Tone.QUIET if equal else Tone.PLAIN)


def _tabulate_environment(compared: ComparedRuns, names: Sequence[str]) -> Iterator[Table]:
    rows = [row for row in compared.environment if compared.show_equal or not row.equal]
    lines = [
        make_row(row.name, *(Cell(NOTHING if text is None else text) for text in row.per_run))
        for row in rows
    ]
    if lines:
        yield make_table("Environment", _columns(names, align="left"), lines)


# ------------------------------------------------------------------ effects


def _tabulate_metrics(metrics: Sequence[MetricRow], names: Sequence[str]) -> Iterator[Table]:
    rows = [_metric_row(row, names) for row in metrics[:MOST_ROWS]]
    rest = len(metrics) - len(rows)
    note = f"and {format_count(rest, 'metric')} more: `.to_dict()`" if rest > 0 else ""
    last = [Column("change", align="right"), Column()] if len(names) == _PAIR else [Column("best")]
    if rows:
        yield make_table("Metrics", _columns(names, *last), rows, note)


def _metric_row(row: MetricRow, names: Sequence[str]) -> tuple[Cell, ...]:
    *values, change = format_numbers([*row.per_run, row.change])
    cells = [
        Cell(value, Tone.GOOD if index == row.best else Tone.PLAIN)
        for index, value in enumerate(values)
    ]
    if len(names) == _PAIR:
        return make_row(row.name, *cells, *_change_cells(row, change))
    return make_row(row.name, *cells, "" if row.best is None else names[row.best])


def _change_cells(row: MetricRow, change: str) -> tuple[Cell, Cell]:
    if row.change is None:
        return Cell(""), Cell("")
    signed = change if change.startswith("-") else f"+{change}"
    if row.change == 0:
        return Cell("0", Tone.QUIET), Cell("")
    if row.best is None:
        return Cell(signed), Cell("")
    return (
        (Cell(signed), Cell("better", Tone.GOOD))
        if row.best
        else (Cell(signed), Cell("worse", Tone.BAD))
    )


def _tabulate_outputs(compared: ComparedRuns, names: Sequence[str]) -> Iterator[Table]:
    differing = [row for row in compared.outputs if not row.equal]
    equal = [row for row in compared.outputs if row.equal]
    shown = [*differing, *equal] if compared.show_equal else differing[:MOST_ROWS]
    rows = [
        make_row(
            row.name,
            *(_artifact_cell(each, compared.small_values, row.equal) for each in row.artifacts),
            Cell("equal" if row.equal else "", Tone.QUIET),
        )
        for row in shown
    ]
    note = _count_rest(len(differing), len(equal), "output", show_equal=compared.show_equal)
    if rows or note:
        align = _suiting([row[:-1] for row in rows])
        yield make_table("Outputs", _columns(names, Column(), align=align), rows, note)


def _artifact_cell(
    artifact: ArtifactRecord | None,
    values: Mapping[str, str],
    equal: bool,  # noqa: FBT001  # a row's
) -> Cell:
    if artifact is None:
        return Cell(NOTHING, Tone.QUIET)
    if artifact.digest in values:
        return Cell(values[artifact.digest])
    digest = artifact.digest.rpartition(":")[2][:8]
    return Cell(f"{format_size(artifact.size)}  {digest}", Tone.QUIET if equal else Tone.PLAIN)


def _tabulate_steps(compared: ComparedRuns, names: Sequence[str]) -> Iterator[Table]:
    remarkable = [row for row in compared.steps if row.swapped or row.partial or _odd(row)]
    known = {row.node for row in remarkable}
    others = sorted((row for row in compared.steps if row.node not in known), key=_by_change)
    shown = [*remarkable, *others]
    if not compared.show_equal:
        shown = shown[:MOST_ROWS]
    order = {row.node: index for index, row in enumerate(compared.steps)}
    shown.sort(key=lambda row: order[row.node])
    rows = [
        make_row(row.node, *map(_step_cell, row.steps), _step_remark(row, names)) for row in shown
    ]
    rest = len(compared.steps) - len(rows)
    note = f"and {format_count(rest, 'step')} more whose times differ less" if rest else ""
    yield make_table("Steps", _columns(names, Column()), rows, note)


def _odd(row: StepRow) -> bool:
    return len({step and (step.status, step.cached) for step in row.steps}) > 1


def _by_change(row: StepRow) -> float:
    return -row.change


def _step_cell(step: StepRunRecord | None) -> Cell:
    if step is None:
        return Cell(NOTHING, Tone.QUIET)
    if step.cached:
        return Cell("cached", Tone.QUIET)
    if step.status.value != "completed":
        return Cell(step.status.value, step_tone(step.status))
    return Cell(format_duration(step.duration))


def _step_remark(row: StepRow, names: Sequence[str]) -> Cell:
    """Return in words what is structurally different about a node."""
    if row.swapped:
        return Cell(f"filled by {'; '.join(_list_fillers(row, names))}")
    if row.partial:
        having = [name for step, name in zip(row.steps, names, strict=True) if step]
        return Cell(f"only in {', '.join(having)}")
    return Cell("")


def _list_fillers(row: StepRow, names: Sequence[str]) -> Iterator[str]:
    found = [(step.step, name) for step, name in zip(row.steps, names, strict=True) if step]
    for filler in dict.fromkeys(step for step, _ in found):
        yield f"{filler} in {', '.join(name for step, name in found if step == filler)}"


def _count_rest(differing: int, equal: int, noun: str, *, show_equal: bool) -> str:
    if show_equal:
        return ""
    parts: list[str] = []
    if differing > MOST_ROWS:
        parts.append(f"and {differing - MOST_ROWS} more that differ")
    if equal:
        others = f"other {noun}s are" if equal > 1 else f"other {noun} is"
        whole = f"{noun}s are" if equal > 1 else f"{noun} is"
        parts.append(f"{equal} {others if differing else whole} equal")
    return "; ".join(parts)
