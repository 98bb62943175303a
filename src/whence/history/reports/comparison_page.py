"""A comparison as a page: every step that differs, with its causes, its code and its effects."""

from collections.abc import Iterator, Sequence

from whence.domain.node_names import list_folded
from whence.domain.version import __version__
from whence.history.comparing.rows import ComparedRuns, StepDifference, StepRow
from whence.history.reports.comparison_report import (
    describe_divergences,
    describe_runs,
    list_notes,
    show_cause_diff,
    tabulate_runs,
)
from whence.history.reports.comparison_tables import (
    columns,
    group_changes,
    metric_columns,
    metric_rows,
    output_row,
    step_row,
    tabulate_environment,
    tabulate_metrics,
    tabulate_parameters,
    usage_rows,
)
from whence.history.reports.quantities import format_count
from whence.history.reports.report import (
    Cell,
    Column,
    Fold,
    Report,
    Section,
    Strip,
    Table,
    Tone,
    make_row,
    make_table,
)

_PAIR = 2
_MOST_PILLS, _MOST_FOLDS = 60, 200


def report_comparison_page(compared: ComparedRuns) -> Report:
    """Return the report of a comparison as a page shows it."""
    return Report(
        title=(Cell(describe_runs(compared)),),
        headlines=describe_divergences(compared),
        sections=tuple(_sections(compared)),
        notes=(*list_notes(compared), f"Compared by Whence {__version__}."),
    )


def _sections(compared: ComparedRuns) -> Iterator[Section]:
    yield tabulate_runs(compared.runs, compared.names)
    yield from tabulate_metrics(compared)
    yield _draw_steps(compared.steps)
    yield from _fold_steps(compared)
    yield from tabulate_parameters(compared)
    yield from tabulate_environment(compared)


def _draw_steps(steps: Sequence[StepRow]) -> Strip:
    """Return every step in the order of placing: changed, differing because of these, or equal."""
    cells = [Cell(row.title, _tone_of(row)) for row in steps[:_MOST_PILLS]]
    rest = len(steps) - len(cells)
    more = [Cell(f"and {format_count(rest, 'step')} more", Tone.QUIET)] if rest > 0 else []
    return Strip((*cells, *more))


def _tone_of(row: StepRow) -> Tone:
    if row.changed:
        return Tone.BUSY
    return Tone.PLAIN if row.differs else Tone.QUIET


def _fold_steps(compared: ComparedRuns) -> Iterator[Section]:
    differing = [place for place, row in enumerate(compared.steps) if row.differs]
    equal = [row for row in compared.steps if not row.differs]
    parted = {each.step for each in compared.divergences}
    for place in differing[:_MOST_FOLDS]:
        yield _fold_step(compared, place, is_open=place in parted)
    if len(differing) > _MOST_FOLDS:
        rest = format_count(len(differing) - _MOST_FOLDS, "step")
        yield Table("", (), (), f"and {rest} more that differ: `.to_dict()`")
    if equal:
        title = Cell(f"{format_count(len(equal), 'step')} without a difference", Tone.QUIET)
        rows = [step_row(row, compared.names) for row in equal[:_MOST_FOLDS]]
        yield Fold((title,), (make_table("", columns(compared.names, Column()), rows),))


def _fold_step(compared: ComparedRuns, place: int, *, is_open: bool) -> Fold:
    row = compared.steps[place]
    return Fold(
        (Cell(row.title, Tone.STRONG), _badge(row), Cell(_summarise(row), Tone.QUIET)),
        tuple(_sections_of_step(compared, place)),
        is_open=is_open,
    )


def _badge(row: StepRow) -> Cell:
    if not row.changed:
        return Cell("follows", Tone.QUIET)
    return Cell("changed" if any(each.causes for each in row.differences) else "chance", Tone.BUSY)


def _summarise(row: StepRow) -> str:
    """Return in a few words what a step differs in."""
    words = [cause.words for each in row.differences for cause in each.causes]
    words += [each.unexplained for each in row.differences if each.unexplained is not None]
    if not words:
        words = [text for each in row.differences for text in _list_consequences(each)]
    first, *others = dict.fromkeys(words) or [""]
    return f"{first} (and {len(others)} more)" if others else first


def _list_consequences(difference: StepDifference) -> Iterator[str]:
    for each in difference.consequences:
        yield f"input {each.argument} differs, from {list_folded(each.rows)}"
    if difference.status is not None:
        yield " → ".join(difference.status)


def _sections_of_step(compared: ComparedRuns, place: int) -> Iterator[Section]:
    row = compared.steps[place]
    yield from _tabulate_reasons(row, compared.names)
    diffs = {
        cause.change.diff: cause
        for each in row.differences
        for cause in each.causes
        if cause.change.diff
    }
    for cause in diffs.values():
        yield show_cause_diff(cause, ())
    names = compared.names
    metrics = [
        line for each in compared.metrics if each.step == place for line in metric_rows(each, names)
    ]
    if metrics:
        yield make_table("Metrics", metric_columns(names), metrics)
    outputs = [each for each in compared.outputs if each.step == place]
    if outputs:
        lines = [output_row(each, compared) for each in outputs]
        yield make_table("Outputs", columns(names, Column(), align="left"), lines)
    for output in outputs:
        for runs, lines in group_changes(compared.contents.get(output.name, ()), names):
            title = f"{output.name} in {runs}" if runs else output.name
            yield make_table(title, [Column()], [make_row(line) for line in lines])
    _, *times = step_row(row, names)
    rows = [make_row("time", *times), *(make_row(*each, "") for each in usage_rows(row))]
    yield make_table("Effort", columns(names, Column()), rows)


def _tabulate_reasons(row: StepRow, names: Sequence[str]) -> Iterator[Table]:
    lines = [
        make_row(Cell("" if len(names) == _PAIR else name, Tone.QUIET), kind, words)
        for name, each in zip(names[1:], row.differences, strict=True)
        for kind, words in _list_reasons(each)
    ]
    if len(lines) > 1:  # one alone stands in the line above
        yield make_table("", [Column(keep=True), Column(keep=True), Column()], lines)


def _list_reasons(difference: StepDifference) -> Iterator[tuple[Cell, Cell]]:
    for cause in difference.causes:
        yield Cell("changed", Tone.BUSY), Cell(cause.words)
    if difference.unexplained is not None:
        yield Cell("chance", Tone.BUSY), Cell(difference.unexplained)
    for words in _list_consequences(difference):
        yield Cell("follows", Tone.QUIET), Cell(words)
    if (difference.causes or difference.consequences) and not difference.has_effect:
        yield Cell("effect", Tone.QUIET), Cell("none: its outputs are equal")
