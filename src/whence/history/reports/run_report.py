"""What is shown of a run."""

from collections.abc import Iterator, Sequence
from functools import partial

from whence.domain.ids import ArtifactId, short_id
from whence.domain.node_names import fold_names, group_items
from whence.domain.output_shape import ArtifactShape, CollectionShape, OutputShape
from whence.domain.records import ArtifactRecord, RunRecord, StepRunRecord
from whence.domain.status import RunStatus, StepStatus
from whence.history.reports.artifact_tables import tabulate_artifacts
from whence.history.reports.fact_tables import tabulate_metrics, tabulate_values
from whence.history.reports.notes import describe_tags, tabulate_notes
from whence.history.reports.quantities import (
    format_count,
    format_duration,
    format_moment,
    format_size,
    shorten_text,
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
from whence.history.reports.status_cells import (
    group_status_cell,
    run_status_cell,
    step_status_cell,
)
from whence.history.reports.usage_tables import sum_up_usage
from whence.history.run_records import RunRecords
from whence.history.small_values import describe_small_value

MOST_STEPS = 1_000
_MOST_OUTPUTS = 10
_MOST_ERRORS = 5
_LONGEST_ERROR = 500  # characters

_STEP_COLUMNS = (
    Column("step", keep=True),
    Column("filled by"),
    Column("status", keep=True),
    Column("time", align="right"),
    Column("outputs"),
)


def report_run(records: RunRecords) -> Report:
    """Return the report of a run: what it was given, its steps, and what came of it."""
    run = records.run
    title = (
        Cell(run.pipeline, Tone.STRONG),
        run_status_cell(run.status),
        Cell(format_duration(run.duration) if run.duration is not None else ""),
    )
    notes = tuple(sum_up_usage(records.steps))
    return Report(title, _describe_run(records), tuple(_sections(records)), notes)


def report_steps(records: RunRecords) -> Report:
    """Return the report of a run's steps alone."""
    title = f"steps of run {short_id(records.run.id)}"
    return Report((Cell(title, Tone.STRONG),), sections=(_tabulate_steps(records, ""),))


def report_outputs(records: RunRecords) -> Report:
    """Return the report of what a run's pipeline returned."""
    title = Cell(f"outputs of run {short_id(records.run.id)}", Tone.STRONG)
    return Report((title,), sections=tuple(_tabulate_outputs(records, "")))


def _describe_run(records: RunRecords) -> str:
    run = records.run
    resumes = f"resumes {short_id(run.resumes)}" if run.resumes else ""
    tags = describe_tags(records.annotations.tags)
    parts = [
        f"run {short_id(run.id)}",
        run.name or "",
        format_moment(run.started_at),
        resumes,
        tags,
    ]
    return " · ".join(part for part in parts if part)


def _sections(records: RunRecords) -> Iterator[Section]:
    yield from tabulate_notes(records.annotations.notes)
    yield from tabulate_values("Parameters", records.run.parameters, "`run.parameters`")
    yield from _tabulate_earlier_results(records)
    yield _tabulate_steps(records, "Steps")
    yield from tabulate_metrics(records.metrics, nodes=True, whole="`run.metrics`")
    yield from _tabulate_outputs(records, "Outputs")
    yield from _tabulate_errors(records)


def _tabulate_earlier_results(records: RunRecords) -> Iterator[Table]:
    """Yield a table of the results of earlier runs that a run took, if it took any."""
    rows = [
        make_row(each.name, each.shown, Cell(short_id(each.artifact.id), Tone.QUIET))
        for each in records.earlier_results
    ]
    if rows:
        columns = (Column(keep=True), Column(), Column())
        yield make_table("Earlier results", columns, rows)


def _tabulate_steps(records: RunRecords, title: str) -> Table:
    by_node = {step.node: step for step in records.steps}
    groups = [[by_node[node] for node in nodes] for nodes in group_items(by_node)]
    shown = groups[:MOST_STEPS]
    rest = sum(len(group) for group in groups[MOST_STEPS:])
    note = f"and {format_count(rest, 'step')} more: `run.steps`" if rest else ""
    return make_table(title, _STEP_COLUMNS, map(partial(_group_row, records), shown), note)


def _group_row(records: RunRecords, group: Sequence[StepRunRecord]) -> tuple[Cell, ...]:
    """Return the row of a step, or of the many items of a map."""
    if len(group) == 1:
        return _step_row(records, group[0])
    first = group[0]
    spent = [step.duration for step in group if step.duration is not None]
    return make_row(
        fold_names([step.node for step in group]),
        Cell("" if is_named_after_step(first) else first.step, Tone.QUIET),
        group_status_cell(group),
        format_duration(sum(spent)) if spent else "",
        Cell(format_count(len(group), "item"), Tone.QUIET),
    )


def _step_row(records: RunRecords, step: StepRunRecord) -> tuple[Cell, ...]:
    outputs = records.artifacts_of(step.id).outputs
    return make_row(
        step.node,
        Cell("" if is_named_after_step(step) else step.step, Tone.QUIET),
        step_status_cell(step),
        format_duration(step.duration) if step.duration is not None else "",
        Cell(", ".join(map(_describe_output, outputs)), Tone.QUIET),
    )


def is_named_after_step(step: StepRunRecord) -> bool:
    """Return whether a node's name says already which step filled it: `fit`, `inner.fit_2`."""
    name = step.node.rpartition(".")[2].partition("[")[0]
    suffix = name.removeprefix(step.step)
    return not suffix or (suffix != name and suffix[0] == "_" and suffix[1:].isdigit())


def _describe_output(artifact: ArtifactRecord) -> str:
    return f"{artifact.name} {format_size(artifact.size)}"


def _tabulate_outputs(records: RunRecords, title: str) -> Iterator[Table]:
    found = {
        name: artifact
        for name, artifact_id in list(_list_outputs(records.shape, ""))[:_MOST_OUTPUTS]
        if (artifact := records.find_artifact(artifact_id))
    }
    store = records.stack.metadata_store
    values = {name: describe_small_value(each, store) for name, each in found.items()}
    if found:
        yield tabulate_artifacts(
            title,
            found,
            values={name: value for name, value in values.items() if value is not None},
            producers={name: _describe_producer(records, each) for name, each in found.items()},
        )


def _list_outputs(shape: OutputShape, name: str) -> Iterator[tuple[str, ArtifactId]]:
    if isinstance(shape, ArtifactShape):
        yield name or "result", shape.artifact_id
    elif isinstance(shape, CollectionShape):
        for key, item in shape.items:
            yield from _list_outputs(item, f"{name}.{key}" if name else str(key))


def _describe_producer(records: RunRecords, artifact: ArtifactRecord) -> str:
    node = records.find_node(artifact.id)
    return f"{node}.{artifact.name}" if node else ""


def _tabulate_errors(records: RunRecords) -> Iterator[Table]:
    failed = [step for step in records.steps if step.status is StepStatus.FAILED and step.error]
    rows = [
        make_row(Cell(step.node, Tone.BAD), _error_line(step)) for step in failed[:_MOST_ERRORS]
    ]
    if not rows and records.run.error is not None:
        rows = [make_row(Cell("run", Tone.BAD), _error_line(records.run))]
    if not rows:
        return
    rest = len(failed) - len(rows)
    note = f"and {format_count(rest, 'step')} more. " if rest > 0 else ""
    columns = (Column(keep=True), Column())
    yield make_table("Errors", columns, rows, f"{note}{_tell_what_next(records.run, failed)}")


def _tell_what_next(run: RunRecord, failed: Sequence[StepRunRecord]) -> str:
    if not failed and run.status is RunStatus.CRASHED:
        return f"Go on from what is done: `whence resume {short_id(run.id)}`"
    place = f'run.steps["{failed[0].node}"].error' if failed else "run.error"
    return f"Traceback: `{place}.traceback`"


def _error_line(owner: RunRecord | StepRunRecord) -> str:
    error = owner.error
    if error is None:
        return ""
    message = error.message.strip().splitlines()
    return shorten_text(f"{error.type}: {message[0]}" if message else error.type, _LONGEST_ERROR)
