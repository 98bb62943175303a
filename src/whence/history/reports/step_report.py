"""What is shown of a step run."""

from collections.abc import Iterator

from whence.domain.ids import short_id
from whence.domain.records import StepRunRecord
from whence.history.pictures import find_pictures
from whence.history.reports.artifact_tables import tabulate_artifacts
from whence.history.reports.fact_tables import tabulate_metrics, tabulate_values
from whence.history.reports.quantities import format_duration, format_moment, shorten_text
from whence.history.reports.report import Cell, Passage, Report, Section, Tone
from whence.history.reports.run_report import is_named_after_step
from whence.history.reports.status_cells import step_status_cell
from whence.history.reports.usage_tables import tabulate_usage
from whence.history.run_records import RunRecords

_LONGEST_TRACEBACK = 20_000  # characters


def report_step(step: StepRunRecord, records: RunRecords) -> Report:
    """Return the report of a step run: its inputs, what it gave, and why it failed."""
    title = (
        Cell(step.node, Tone.STRONG),
        step_status_cell(step),
        Cell(format_duration(step.duration) if step.duration is not None else ""),
    )
    around = records.artifacts_of(step.id)
    drawings = find_pictures([*around.outputs, *around.extras], records.stack)
    sections = tuple(_sections(step, records))
    return Report(title, _describe_step(step, records), sections, drawings=drawings)


def _describe_step(step: StepRunRecord, records: RunRecords) -> str:
    parts = [
        "" if is_named_after_step(step) else f"step {step.step}",
        f"run {short_id(step.run_id)} of {records.run.pipeline}",
        format_moment(step.started_at) if step.started_at else "",
    ]
    return " · ".join(part for part in parts if part)


def _sections(step: StepRunRecord, records: RunRecords) -> Iterator[Section]:
    around = records.artifacts_of(step.id)
    yield from tabulate_values("Parameters", step.parameters, "`step_run.parameters`")
    if around.inputs:
        taken = {record.argument + record.path: artifact for record, artifact in around.inputs}
        yield tabulate_artifacts("Inputs", taken)
    for title, artifacts in (("Outputs", around.outputs), ("Kept beside them", around.extras)):
        if artifacts:
            yield tabulate_artifacts(title, {artifact.name: artifact for artifact in artifacts})
    metrics = records.metrics_of(step)
    yield from tabulate_metrics(metrics, nodes=False, whole="`step_run.metrics`")
    yield from tabulate_usage(step.usage)
    yield from tabulate_values("Metadata", step.metadata, "`step_run.metadata`")
    if step.error is not None:
        traceback = step.error.traceback.rstrip()
        yield Passage("Error", shorten_text(traceback, _LONGEST_TRACEBACK))
