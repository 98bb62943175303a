"""Where runs part: the first node that did something else, and why."""

from collections.abc import Iterator, Sequence

from whence.domain.records import ArtifactRecord, StepArtifacts
from whence.history.comparison_rows import Divergence, StepRow
from whence.history.plain_values import describe_value
from whence.history.reports.quantities import NOTHING
from whence.history.run_records import RunRecords

_MOST_REASONS = 3


def find_divergence(runs: Sequence[RunRecords], steps: Sequence[StepRow]) -> Divergence | None:
    """Return the first node that differs while all that it depends on is the same."""
    reasons = {row.node: list(_find_reasons(runs, row)) for row in steps}
    differing = {node for node, found in reasons.items() if found}
    for row in steps:
        if row.node in differing and differing.isdisjoint(_depends_on(row)):
            return Divergence(row.node, tuple(reasons[row.node][:_MOST_REASONS]))
    return None


def _depends_on(row: StepRow) -> set[str]:
    return {node for step in row.steps if step is not None for node in step.depends_on}


def _find_reasons(runs: Sequence[RunRecords], row: StepRow) -> Iterator[str]:
    """Yield what differs at a node: causes where there are any, else only the effect."""
    if row.partial:
        yield "not every run has it"
        return
    if row.swapped:
        names = [step.step for step in row.steps if step is not None]
        yield f"filled by {_then(names)}"
        return
    causes = [*_parameter_reasons(row), *_input_reasons(runs, row)]
    yield from causes
    if not causes:
        yield from _effect_reasons(runs, row)


def _parameter_reasons(row: StepRow) -> Iterator[str]:
    recorded = [step.parameters for step in row.steps if step is not None]
    for name in dict.fromkeys(name for each in recorded for name in each):
        values = [each.get(name) for each in recorded]
        if len(set(values)) > 1:
            shown = [describe_value(value) if value is not None else NOTHING for value in values]
            yield f"parameter {name} {_then(shown)}"


def _input_reasons(runs: Sequence[RunRecords], row: StepRow) -> Iterator[str]:
    taken = [
        {record.argument + record.path: artifact.digest for record, artifact in around.inputs}
        for around in _around(runs, row)
    ]
    for name in dict.fromkeys(name for each in taken for name in each):
        if len({each.get(name) for each in taken}) > 1:
            yield f"input {name} has other content"


def _effect_reasons(runs: Sequence[RunRecords], row: StepRow) -> Iterator[str]:
    statuses = [step.status.value for step in row.steps if step is not None]
    if len(set(statuses)) > 1:
        yield f"status {_then(statuses)}"
        return
    made = [_digests(around.outputs) for around in _around(runs, row)]
    if any(each != made[0] for each in made):
        yield "equal parameters and inputs gave other outputs: code, environment or chance"


def _around(runs: Sequence[RunRecords], row: StepRow) -> Iterator[StepArtifacts]:
    for run, step in zip(runs, row.steps, strict=True):
        if step is not None:
            yield run.artifacts_of(step.id)


def _digests(artifacts: Sequence[ArtifactRecord]) -> dict[str, str]:
    return {artifact.name: artifact.digest for artifact in artifacts}


def _then(values: Sequence[str]) -> str:
    """Return values as they follow each other from run to run, repeated ones once."""
    return " → ".join(dict.fromkeys(values))
