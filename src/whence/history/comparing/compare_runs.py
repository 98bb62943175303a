"""Comparing runs: which differences there are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from whence.domain.collector import CollectorHold
from whence.domain.ids import short_id
from whence.domain.records import ArtifactRecord, RunRecord
from whence.errors import InvalidSettingError, RecordNotFoundError
from whence.history.comparing.align_steps import AlignedSteps, align_steps
from whence.history.comparing.comparison import Comparison
from whence.history.comparing.divergence import find_divergences
from whence.history.comparing.metric_differences import compare_metrics
from whence.history.comparing.rows import OutputRow, TextRow
from whence.history.comparing.step_differences import compare_steps
from whence.history.comparing.subjects import ComesFromRun, Subject
from whence.history.lookups import find_run
from whence.history.models.versions import find_model
from whence.history.runs import Run, StepRun
from whence.history.small_values import describe_small_values

_MOST_VALUES = 20  # outputs that are looked into; of others, size and digest are shown

Compared = Run[Any] | StepRun | ComesFromRun | str
"""What can be compared."""


def compare(
    first: Compared, second: Compared, *more: Compared, show_equal: bool = False
) -> Comparison:
    """Return how runs differ: what was changed, what followed from it, and what came of it.

    Runs are given as such, or as `whence.run` finds them. Of a step run, only it and what it
    depends on are compared; of a version of a model, given as such or as `delay@champion`, also
    the steps that took it. Every run is compared with the first. With *show_equal* what is the
    same in all runs is shown as well, not only counted. Raises `RecordNotFoundError`.
    """
    subjects = [_find(each) for each in (first, second, *more)]
    with CollectorHold():  # all that is read stays
        return _compare(subjects, show_equal=show_equal)


def _compare(subjects: Sequence[Subject], *, show_equal: bool) -> Comparison:
    runs = [subject.records for subject in subjects]
    aligned = align_steps([subject.steps for subject in subjects])
    environment = _compare_texts([each.run.environment for each in runs])
    metrics = compare_metrics(runs, aligned)
    steps = compare_steps(runs, aligned, environment)
    outputs = _compare_outputs(subjects, aligned)
    return Comparison(
        runs=tuple(each.run for each in runs),
        names=tuple(_name_runs(subjects)),
        parameters=_compare_texts([_parameters(subject) for subject in subjects]),
        environment=environment,
        metrics=metrics,
        outputs=outputs,
        steps=steps,
        divergences=find_divergences(steps, metrics, len(runs)),
        small_values=_look_into(subjects, outputs),
        show_equal=show_equal,
        stacks=tuple(each.stack for each in runs),
    )


def _find(given: Compared) -> Subject:
    """Return the run that is meant, by whatever names it."""
    if isinstance(given, str):
        return _find_by_name(given)
    if isinstance(given, Run):
        return Subject(given.records)
    if isinstance(given, StepRun):
        return Subject(given.run.records, given.node)
    if not isinstance(given, ComesFromRun):  # pyright: ignore[reportUnnecessaryIsInstance]  # people may give anything
        raise InvalidSettingError(
            setting="compared run",
            value=given,
            reason=f"It is of type {type(given).__qualname__}.",
            cure="Give runs, step runs or versions of a model, or their names.",
        )
    return given.to_subject()


def _find_by_name(name: str) -> Subject:
    """Return the run, or the version of a model, that *name* means."""
    try:
        return Subject(find_run(name).records)
    except RecordNotFoundError:
        if "@" not in name:
            raise
        return find_model(name).to_subject()


def _name_runs(subjects: Sequence[Subject]) -> list[str]:
    """Return a heading for each run: its name where all have different ones, else its short id."""
    names = [subject.name or subject.records.run.name or "" for subject in subjects]
    if all(names) and len(set(names)) == len(names):
        return names
    runs = [subject.records.run for subject in subjects]
    short = [short_id(run.id) for run in runs]
    return short if len(set(short)) == len(short) else _number_runs(runs)


def _number_runs(runs: Sequence[RunRecord]) -> list[str]:
    """Return headings that differ even where one run is given twice, as columns must."""
    whole = [run.id for run in runs]
    if len(set(whole)) == len(whole):
        return list(whole)
    return [f"{short_id(each)} ({number})" for number, each in enumerate(whole, 1)]


def _names(groups: Iterable[Iterable[str]]) -> list[str]:
    """Return every name once, in the order of meeting."""
    return list(dict.fromkeys(name for group in groups for name in group))


def _parameters(subject: Subject) -> Mapping[str, str]:
    """Return the parameters of a run; of a part of it, those of its steps."""
    recorded = subject.records.run.parameters
    if subject.node is None:
        return recorded
    nodes = {step.node for step in subject.steps}
    return {name: text for name, text in recorded.items() if name.rpartition(".")[0] in nodes}


def _compare_texts(recorded: Sequence[Mapping[str, str]]) -> tuple[TextRow, ...]:
    return tuple(
        TextRow(name, tuple(each.get(name) for each in recorded)) for name in _names(recorded)
    )


def _compare_outputs(
    subjects: Sequence[Subject], aligned: Sequence[AlignedSteps]
) -> tuple[OutputRow, ...]:
    rows: list[OutputRow] = []
    for place, steps in enumerate(aligned):
        made: list[Mapping[str, ArtifactRecord]] = [
            {}
            if step is None
            else {a.name: a for a in subject.records.artifacts_of(step.id).outputs}
            for subject, step in zip(subjects, steps, strict=True)
        ]
        node = next(step.node for step in steps if step is not None)
        rows += [
            OutputRow(f"{node}.{name}", tuple(each.get(name) for each in made), place)
            for name in _names(made)
        ]
    return tuple(rows)


def _look_into(subjects: Sequence[Subject], outputs: Sequence[OutputRow]) -> dict[str, str]:
    """Return what the first outputs that differ hold, by digest, where that is small."""
    differing = [row for row in outputs if not row.equal][:_MOST_VALUES]
    found: dict[str, str] = {}
    for number, subject in enumerate(subjects):
        artifacts = [each for row in differing if (each := row.artifacts[number]) is not None]
        new = [each for each in artifacts if each.digest not in found]
        found.update(describe_small_values(new, subject.records.stack.metadata_store))
    return found
