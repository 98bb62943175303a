"""What is shown of a comparison: where runs part, what was changed, then what came of it."""

from collections.abc import Iterator, Sequence

from whence.domain.ids import short_id
from whence.domain.node_names import list_folded
from whence.domain.records import RunRecord
from whence.history.comparing.cause_words import name_shortly, shorten_place
from whence.history.comparing.rows import Category, Cause, ComparedRuns
from whence.history.comparing.sentences import describe_divergence
from whence.history.reports.comparison_tables import (
    columns,
    tabulate_contents,
    tabulate_environment,
    tabulate_memory,
    tabulate_metrics,
    tabulate_outputs,
    tabulate_parameters,
    tabulate_steps,
)
from whence.history.reports.quantities import format_count, format_duration, format_moment
from whence.history.reports.report import (
    Cell,
    Column,
    Diff,
    Report,
    Section,
    Table,
    Tone,
    make_row,
    make_table,
)
from whence.history.reports.status_cells import run_status_cell
from whence.history.reports.why_report import show_diff

_PAIR = 2
_MOST_HEADLINES, _MOST_CHANGES, _MOST_DIFFS = 6, 20, 5


def report_comparison(compared: ComparedRuns) -> Report:
    """Return the report of a comparison."""
    return Report(
        title=(Cell(describe_runs(compared)),),
        headlines=describe_divergences(compared),
        sections=tuple(_sections(compared)),
        notes=tuple(list_notes(compared)),
    )


def describe_runs(compared: ComparedRuns) -> str:
    """Return what is compared."""
    pipelines = dict.fromkeys(run.pipeline for run in compared.runs)
    return f"{format_count(len(compared.runs), 'run')} of {', '.join(pipelines)}"


def describe_divergences(compared: ComparedRuns) -> tuple[str, ...]:
    """Return where runs part from the first, a sentence for each that does."""
    if not compared.divergences:
        return ("No step differs in code, parameters, inputs or outputs.",)
    found = [describe_divergence(each, compared) for each in compared.divergences]
    rest = len(found) - _MOST_HEADLINES
    return tuple(found) if rest <= 1 else (*found[:_MOST_HEADLINES], f"{rest} more runs differ.")


def list_notes(compared: ComparedRuns) -> Iterator[str]:
    """Yield what a comparison could not see."""
    unknown = [
        row.node for row in compared.steps if any(not each.code_known for each in row.differences)
    ]
    if unknown:
        yield (f"Not every run recorded the code of {list_folded(unknown)}: changes are not seen.")


def _sections(compared: ComparedRuns) -> Iterator[Section]:
    yield tabulate_runs(compared.runs, compared.names)
    yield from _tabulate_changes(compared)
    yield from show_diffs(compared)
    yield from tabulate_parameters(compared)
    yield from tabulate_environment(compared)
    yield from tabulate_metrics(compared)
    yield from tabulate_outputs(compared)
    yield from tabulate_contents(compared)
    yield from tabulate_steps(compared)
    yield from tabulate_memory(compared)


def tabulate_runs(runs: Sequence[RunRecord], names: Sequence[str]) -> Table:
    """Return the runs side by side."""
    pipelines = {run.pipeline for run in runs}
    durations = [format_duration(run.duration) if run.duration is not None else "" for run in runs]
    rows = [
        make_row("run", *(short_id(run.id) for run in runs)),
        make_row("status", *(run_status_cell(run.status) for run in runs)),
        make_row("started", *(Cell(format_moment(run.started_at), Tone.QUIET) for run in runs)),
        make_row("time", *durations),
        make_row("tags", *(Cell(", ".join(run.tags), Tone.QUIET) for run in runs)),
    ]
    if list(names) == [short_id(run.id) for run in runs]:
        rows = [make_row("name", *(run.name or "" for run in runs)), *rows[1:]]
    if len(pipelines) > 1:
        rows.insert(0, make_row("pipeline", *(run.pipeline for run in runs)))
    filled = [row for row in rows if any(cell.text for cell in row[1:])]
    return make_table("", columns(names, align="left"), filled)


# ------------------------------------------------------------------ what was changed


def _tabulate_changes(compared: ComparedRuns) -> Iterator[Table]:
    """Yield what was changed in steps, but for the parameters, which have their own table."""
    found: dict[str, tuple[list[str], list[int]]] = {}
    for row in compared.steps:
        for run, difference in enumerate(row.differences, 1):
            for words in _list_changes(difference.causes, difference.unexplained, row.swapped):
                nodes, runs = found.setdefault(words, ([], []))
                nodes.append(row.node)
                runs.append(run)
    rows = [
        make_row(
            list_folded(dict.fromkeys(nodes)),
            words,
            Cell(_name_some(runs, compared.names), Tone.QUIET),
        )
        for words, (nodes, runs) in list(found.items())[:_MOST_CHANGES]
    ]
    rest = len(found) - len(rows)
    note = f"and {format_count(rest, 'change')} more: `.to_dict()`" if rest > 0 else ""
    if rows:
        heading = [Column(keep=True), Column(), Column()]
        yield make_table("What was changed", heading, rows, note)


def _list_changes(
    causes: Sequence[Cause],
    unexplained: str | None,
    swapped: bool,  # noqa: FBT001  # a row's
) -> Iterator[str]:
    for cause in causes:
        if cause.category is not Category.PARAMETER and not (
            swapped and cause.category is not Category.STEP
        ):
            yield cause.words
    if unexplained is not None:
        yield unexplained


def _name_some(runs: Sequence[int], names: Sequence[str]) -> str:
    """Return the runs that a change is of, where it is not obvious."""
    if len(names) == _PAIR:
        return ""
    return ", ".join(names[run] for run in dict.fromkeys(runs))


def show_diffs(compared: ComparedRuns) -> Iterator[Section]:
    """Yield the diffs of changed code, each once, with the steps that reach it."""
    found: dict[str, tuple[Cause, list[str]]] = {}
    for row in compared.steps:
        for difference in row.differences:
            for cause in difference.causes:
                if cause.change.diff:
                    known = found.setdefault(cause.change.diff, (cause, []))
                    known[1].append(row.node)
    for cause, nodes in list(found.values())[:_MOST_DIFFS]:
        yield show_cause_diff(cause, nodes)
    if len(found) > _MOST_DIFFS:
        rest = format_count(len(found) - _MOST_DIFFS, "diff")
        yield Table("", (), (), f"and {rest} more: `.to_html(path)` and `.to_dict()` have all")


def show_cause_diff(cause: Cause, nodes: Sequence[str]) -> Diff:
    """Return the diff of a cause, under the name of what was changed."""
    change = cause.change
    place = f", {shorten_place(change.place)}" if change.place else ""
    at = f" · reached by {list_folded(dict.fromkeys(nodes))}" if nodes else ""
    diff = show_diff(change, f"{name_shortly(change)}{place}{at}")
    return Diff(diff.title, _without_numbers(diff.lines), diff.note)


def _without_numbers(lines: Sequence[str]) -> tuple[str, ...]:
    """Return a diff without the line numbers of its parts, which count from where each begins."""
    marked = ("@ …" if line.startswith("@@") else line for line in lines)
    return tuple(line for place, line in enumerate(marked) if place or not line.startswith("@"))
