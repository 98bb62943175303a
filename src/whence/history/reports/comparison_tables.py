"""The tables of a comparison: a column for each run."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from whence.domain.records import ArtifactRecord, StepRunRecord
from whence.history.comparing.divergence import describe_error
from whence.history.comparing.rows import (
    ComparedRuns,
    ContentChange,
    MetricRow,
    OutputRow,
    StepRow,
    TextRow,
)
from whence.history.plain_values import describe_value, shorten
from whence.history.reports.quantities import (
    NOTHING,
    format_count,
    format_duration,
    format_numbers,
    format_size,
)
from whence.history.reports.report import Cell, Column, Table, Tone, make_row, make_table
from whence.history.reports.status_cells import step_tone
from whence.values.typed_json_differences import find_value_differences

MOST_ROWS = 20
"""Rows of a section that are shown; the rest is counted."""

_MOST_LINES = 3
"""Lines on one content, of which a wide frame has many; `show_equal` shows them all."""

_PAIR = 2
_NOTABLE_MEMORY = 16 * 2**20  # bytes more or less
_MOST_OF_MEMORY = 5  # steps
_NUMBER = re.compile(rf"[-+]?[0-9.]+(e[-+]?[0-9]+)?|nan|[-+]?inf|{NOTHING}")


def columns(
    names: Sequence[str], *last: Column, align: Literal["left", "right"] = "right"
) -> list[Column]:
    """Return a column for what is compared, one for each run, and what follows these."""
    return [Column(keep=True), *(Column(name, align) for name in names), *last]


def _suiting(lines: Sequence[tuple[Cell, ...]]) -> Literal["left", "right"]:
    """Return how values stand best: numbers by their last digit, words by their first letter."""
    texts = [cell.text for line in lines for cell in line[1:]]
    return "right" if all(_NUMBER.fullmatch(text) for text in texts) else "left"


# ------------------------------------------------------------------ causes


def tabulate_parameters(compared: ComparedRuns) -> Iterator[Table]:
    """Yield the parameters that differ, those with fields field by field."""
    rows = _without_echoes(compared)
    differing = [row for row in rows if not row.equal]
    equal = [row for row in rows if row.equal]
    shown = [*differing, *equal] if compared.show_equal else differing[:MOST_ROWS]
    lines = [
        make_row(name, *(Cell(text, Tone.QUIET if row.equal else Tone.PLAIN) for text in texts))
        for row in shown
        for name, texts in _split_fields(row)
    ]
    note = _count_rest(len(differing), len(equal), "parameter", show_equal=compared.show_equal)
    if lines or note:
        align = _suiting(lines)
        yield make_table("Parameters", columns(compared.names, align=align), lines, note)


def _without_echoes(compared: ComparedRuns) -> tuple[TextRow, ...]:
    """Return the parameters, without those of steps that repeat one of the pipeline's own."""
    nodes = {row.node for row in compared.steps}
    own = {(row.name, row.per_run) for row in compared.parameters}
    return tuple(row for row in compared.parameters if row.equal or _echo(row, nodes) not in own)


def _echo(row: TextRow, nodes: set[str]) -> object:
    """Return the parameter of the pipeline that a step's would repeat."""
    node, _, name = row.name.rpartition(".")
    return (name, row.per_run) if node in nodes else None


def _split_fields(row: TextRow) -> Iterator[tuple[str, list[str]]]:
    """Yield what differs inside a parameter that all runs have, else the whole of it."""
    first, *others = row.per_run
    if row.equal or first is None or None in others:
        yield row.name, [NOTHING if text is None else describe_value(text) for text in row.per_run]
        return
    found = [
        {each.path: each for each in find_value_differences(first, text or "")} for text in others
    ]
    paths = list(dict.fromkeys(path for each in found for path in each))
    if paths in ([], [""]):
        yield row.name, [describe_value(text or "") for text in row.per_run]
        return
    for path in paths:
        old = next(each[path].old for each in found if path in each)
        news = [each[path].new if path in each else old for each in found]
        texts = [NOTHING if text is None else shorten(text) for text in (old, *news)]
        yield f"{row.name}{path}", texts


def tabulate_environment(compared: ComparedRuns) -> Iterator[Table]:
    """Yield the facts of the environment that differ."""
    rows = [row for row in compared.environment if compared.show_equal or not row.equal]
    lines = [
        make_row(row.name, *(Cell(NOTHING if text is None else text) for text in row.per_run))
        for row in rows
    ]
    if lines:
        yield make_table("Environment", columns(compared.names, align="left"), lines)


# ------------------------------------------------------------------ effects


def tabulate_metrics(compared: ComparedRuns) -> Iterator[Table]:
    """Yield the last values of metrics, and which are better."""
    names = compared.names
    shown = compared.metrics[:MOST_ROWS]
    rows = [line for row in shown for line in metric_rows(row, names)]
    rest = len(compared.metrics) - len(shown)
    note = f"and {format_count(rest, 'metric')} more: `.to_dict()`" if rest > 0 else ""
    if rows:
        yield make_table("Metrics", metric_columns(names), rows, note)


def metric_columns(names: Sequence[str]) -> list[Column]:
    """Return the columns of a table of metrics."""
    last = [Column("change", align="right"), Column()] if len(names) == _PAIR else [Column("best")]
    return columns(names, *last)


def metric_rows(row: MetricRow, names: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """Yield a metric as a row of its table; of a series that was better before, also that."""
    yield _metric_row(row, names)
    if row.bests is not None and None not in row.bests and row.bests != row.per_run:
        yield _metric_row(MetricRow(f"{row.name}, at best", row.bests, row.mode), names)


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
    if row.change == 0:
        return Cell("0", Tone.QUIET), Cell("")
    signed = change if change.startswith("-") else f"+{change}"
    better = row.is_better_in(1)
    if better is None:
        return Cell(signed), Cell("")
    return Cell(signed), Cell("better", Tone.GOOD) if better else Cell("worse", Tone.BAD)


def tabulate_outputs(compared: ComparedRuns) -> Iterator[Table]:
    """Yield the outputs that differ: small values as such, others by size and digest."""
    differing = [row for row in compared.outputs if not row.equal]
    equal = [row for row in compared.outputs if row.equal]
    shown = [*differing, *equal] if compared.show_equal else differing[:MOST_ROWS]
    rows = [output_row(row, compared) for row in shown]
    note = _count_rest(len(differing), len(equal), "output", show_equal=compared.show_equal)
    if rows or note:
        align = _suiting([row[:-1] for row in rows])
        yield make_table("Outputs", columns(compared.names, Column(), align=align), rows, note)


def output_row(row: OutputRow, compared: ComparedRuns) -> tuple[Cell, ...]:
    """Return an output as a row of its table."""
    return make_row(
        row.name,
        *(_artifact_cell(each, compared.small_values, row.equal) for each in row.artifacts),
        Cell("equal" if row.equal else "", Tone.QUIET),
    )


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


def tabulate_contents(compared: ComparedRuns) -> Iterator[Table]:
    """Yield how the contents of frames and arrays that differ have changed."""
    rows = [
        make_row(*((name, runs) if place == 0 else ("", "")), line)
        for name, changes in compared.contents.items()
        for runs, lines in group_changes(changes, compared.names)
        for place, line in enumerate(lines if compared.show_equal else _shorten_lines(lines))
    ]
    title = "Contents" if len(compared.names) == _PAIR else f"Contents, against {compared.names[0]}"
    if rows:
        yield make_table(title, [Column(keep=True), Column(keep=True), Column()], rows)


def _shorten_lines(lines: Sequence[str]) -> Sequence[str]:
    """Return the first lines on a content, and how many more there are."""
    rest = len(lines) - _MOST_LINES
    if rest <= 1:  # what is one line itself would only say "1 more"
        return lines
    return [*lines[:_MOST_LINES], f"and {rest} more lines: `.to_html()` has them, and --all"]


def group_changes(
    changes: Sequence[ContentChange], names: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what differs from the first run with the names of those runs where it does so."""
    for lines in dict.fromkeys(each.lines for each in changes):
        runs = [names[each.run] for each in changes if each.lines == lines]
        yield "" if len(names) == _PAIR else ", ".join(runs), lines


# ------------------------------------------------------------------ steps


def tabulate_steps(compared: ComparedRuns) -> Iterator[Table]:
    """Yield how long steps took: those that differ in kind, then those whose times differ most."""
    steps, names = compared.steps, compared.names
    remarkable = {
        place for place, row in enumerate(steps) if row.swapped or row.partial or _odd(row)
    }
    by_change = sorted(
        range(len(steps)), key=lambda place: (place not in remarkable, -steps[place].change)
    )
    shown = by_change if compared.show_equal else by_change[:MOST_ROWS]
    rows = [step_row(steps[place], names) for place in sorted(shown)]
    rest = len(steps) - len(rows)
    note = f"and {format_count(rest, 'step')} more whose times differ less" if rest else ""
    yield make_table("Steps", columns(names, Column()), rows, note)


def tabulate_memory(compared: ComparedRuns) -> Iterator[Table]:
    """Yield the steps that needed clearly more or less memory in one of the runs."""
    differing = [row for row in compared.steps if _memory_change(row) >= _NOTABLE_MEMORY]
    rows = [
        make_row(row.title, *map(_memory_cell, row.steps))
        for row in sorted(differing, key=_memory_change, reverse=True)[:_MOST_OF_MEMORY]
    ]
    if rows:
        yield make_table("Memory, at most", columns(compared.names), rows)


def _memory_change(row: StepRow) -> int:
    """Return by how many bytes the memory of a step differs; 0 where that is no tenth of it."""
    known = [step.usage.peak_memory or 0 for step in row.steps if step and step.usage]
    if len(known) < len(row.steps) or 0 in known:
        return 0
    change = max(known) - min(known)
    return change if change * 10 >= max(known) else 0


def _memory_cell(step: StepRunRecord | None) -> Cell:
    peak = step.usage.peak_memory if step is not None and step.usage is not None else None
    return Cell(NOTHING, Tone.QUIET) if peak is None else Cell(format_size(peak))


def usage_rows(row: StepRow) -> Iterator[tuple[Cell, ...]]:
    """Yield what a step used of its machine in each run, as far as that is known."""
    used = [step.usage if step is not None else None for step in row.steps]
    for name, field, show in _USED:
        values = [getattr(each, field) if each is not None else None for each in used]
        if any(value is not None for value in values):
            texts = [NOTHING if value is None else show(value) for value in values]
            yield make_row(name, *texts)


_USED: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("CPU time", "cpu_seconds", format_duration),
    ("memory, at most", "peak_memory", format_size),
    ("read", "read_bytes", format_size),
    ("written", "written_bytes", format_size),
)


def step_row(row: StepRow, names: Sequence[str]) -> tuple[Cell, ...]:
    """Return a step as a row of its table."""
    return make_row(row.title, *map(_step_cell, row.steps), _step_remark(row, names))


def _odd(row: StepRow) -> bool:
    return len({step and (step.status, step.cached) for step in row.steps}) > 1


def _step_cell(step: StepRunRecord | None) -> Cell:
    if step is None:
        return Cell(NOTHING, Tone.QUIET)
    if step.cached:
        return Cell("cached", Tone.QUIET)
    if step.status.value != "completed":
        return Cell(step.status.value, step_tone(step.status))
    return Cell(format_duration(step.duration))


def _step_remark(row: StepRow, names: Sequence[str]) -> Cell:
    """Return in words how a step failed, or what is structurally different about it."""
    errors = (step.error for step in row.steps if step is not None and step.error is not None)
    error = next(errors, None)
    if error is not None:
        return Cell(describe_error(error), Tone.BAD)
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
