"""What is shown of a step that is to be replayed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whence.caching.explain import Change
from whence.domain.ids import short_id
from whence.domain.status import StepStatus
from whence.engine.step_job import CollectedInput, StepInput, StoredInput
from whence.history.reports.quantities import format_size
from whence.history.reports.report import Cell, Column, Report, Table, Tone, make_row, make_table
from whence.history.runs import StepRun
from whence.values.validation import describe_value

_COLUMNS = (Column(keep=True), Column(), Column())


def report_replay(
    step_run: StepRun,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, StepInput],
    changes: Sequence[Change],
) -> Report:
    """Return the report of a replay: what goes in, and what changed since."""
    title = (Cell(f"Replay of {step_run.node}", Tone.STRONG),)
    run = step_run.records.run
    told = "its code has changed since" if changes else "its code is as it was"
    subtitle = f"run {short_id(run.id)} of {run.pipeline}, where it {_tell_end(step_run)}; {told}"
    return Report(title, subtitle, tuple(_sections(parameters, inputs, changes)))


def _tell_end(step_run: StepRun) -> str:
    if step_run.cached:
        return "was reused"
    passive = {StepStatus.CANCELLED, StepStatus.RUNNING, StepStatus.PENDING, StepStatus.SKIPPED}
    return f"was {step_run.status}" if step_run.status in passive else f"{step_run.status}"


def _sections(
    parameters: Mapping[str, Any], inputs: Mapping[str, StepInput], changes: Sequence[Change]
) -> Iterator[Table]:
    if changes:
        rows = [make_row(each.sentence) for each in changes]
        yield make_table("Changed since", (Column(),), rows)
    if parameters:
        named = [make_row(name, describe_value(value)) for name, value in parameters.items()]
        yield make_table("Parameters", _COLUMNS[:2], named)
    if inputs:
        taken = [make_row(name, *_describe(each)) for name, each in inputs.items()]
        yield make_table("Inputs", _COLUMNS, taken)


def _describe(given: StepInput) -> tuple[str, Cell]:
    if isinstance(given, StoredInput):
        facts = f"{format_size(given.artifact.size)}, {given.artifact.format or 'files'}"
        producer = given.artifact.producer
        origin = "given to the run" if producer is None else f"from {producer.node}"
        return facts, Cell(origin, Tone.QUIET)
    if isinstance(given, CollectedInput):
        return f"a {given.kind.__name__} of {len(given.items)}", Cell("")
    return "None: it did not come", Cell("")
