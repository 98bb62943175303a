"""What people write to name an earlier result: `prepare/means`, `delay@champion`, the end of an id.

`find_result` is the one door: it reads every form, and says what is meant or what there is instead.
"""

import re
from collections.abc import Iterator

from whence.domain.artifacts import Artifact
from whence.domain.earlier_results import EarlierName
from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, RunId, short_id
from whence.domain.output_shape import ArtifactShape, CollectionKind, CollectionShape, OutputShape
from whence.domain.records import ArtifactRecord, RunFilter, RunRecord
from whence.domain.status import RunStatus
from whence.errors import AmbiguousNameError, RecordNotFoundError, list_names, suggest
from whence.history.lookups import SHORTEST_ID, find_run_record
from whence.history.models.recorded import RecordedModels, check_is_text
from whence.history.references.forms import ArtifactReference, ModelReference, parse_reference
from whence.history.run_records import RunRecords
from whence.history.runs import name_outputs, open_step_run
from whence.history.stored_artifact import open_artifact
from whence.interfaces.metadata_store import MetadataStore
from whence.stacks.stack import Stack

_ID = re.compile(rf"[0-9a-f-]{{{SHORTEST_ID},36}}")
_NUMBERED = {CollectionKind.LIST, CollectionKind.TUPLE}
_LOOKED_THROUGH = 200  # recent runs, for a suggestion


@frozen
class EarlierResult:
    """The artifact that a reference means just now."""

    named: EarlierName
    artifact: ArtifactRecord
    met_in: RunId | None = None  # the run that was named, which may have reused it


def find_result(stack: Stack, text: str) -> EarlierResult:
    """Return the artifact that *text* names in whatever form.

    Raises `RecordNotFoundError`, which says what there is, and `AmbiguousNameError`.
    """
    reference = parse_reference(text)
    if isinstance(reference, ArtifactReference):
        return find_output(stack, text, reference)
    if isinstance(reference, ModelReference):
        return find_version(stack, text)
    found = find_by_id(stack.metadata_store, text)
    return found if found is not None else find_version(stack, text)


def find_artifact_result(stack: Stack, text: str) -> EarlierResult:
    """Return the artifact that *text* names, as PIPELINE/OUTPUT or by the end of its id."""
    check_is_text("artifact", text, "delays/result")
    reference = parse_reference(text)
    if isinstance(reference, ArtifactReference):
        return find_output(stack, text, reference)
    found = find_by_id(stack.metadata_store, text)
    if found is not None:
        return found
    cure = "Name an output: `whence.artifact('PIPELINE/OUTPUT')`, or `'PIPELINE/STEP.OUTPUT'`."
    if isinstance(reference, ModelReference):
        cure = f"For a version of a model: `whence.model({text!r})`."
    raise RecordNotFoundError(kind="artifact", name=text, suggestion=cure)


def open_result(stack: Stack, result: EarlierResult) -> Artifact:
    """Return the artifact of a result, which remembers what it was asked for as."""
    return open_artifact(
        result.artifact, stack, open_step_run, result.met_in, earlier_name=result.named
    )


def find_by_id(store: MetadataStore, text: str) -> EarlierResult | None:
    """Return the artifact whose id ends in *text*, if *text* can be that."""
    suffix = text.lower()
    if not _ID.fullmatch(suffix):
        return None
    found = store.list_artifacts(id_suffix=suffix, limit=5)
    if len(found) > 1:
        candidates = ", ".join(f"{each.id} ({each.name})" for each in found)
        raise AmbiguousNameError(
            name=text, kind="artifact", count=len(found), candidates=candidates
        )
    return _as_result(text, found[0], found[0].run_id) if found else None


def find_version(stack: Stack, text: str) -> EarlierResult:
    """Return the artifact of the version of a model that *text* names."""
    models = RecordedModels(stack.metadata_store)
    version = models.find(text)
    record = stack.metadata_store.find_artifact(version.record.artifact_id)
    if record is None:
        raise RecordNotFoundError(kind="artifact", name=version.record.artifact_id)
    shown = f"version {version.label} (run {short_id(record.run_id)})"
    return EarlierResult(EarlierName(text, shown), record)


def find_output(stack: Stack, text: str, reference: ArtifactReference) -> EarlierResult:
    """Return the artifact that a run has as an output, or that one of its steps made."""
    run = _find_run(stack.metadata_store, reference)
    records = RunRecords(run, stack)
    known = dict(_list_outputs(records))
    artifact_id = known.get(reference.output)
    if artifact_id is None:
        raise _no_output(records, text, reference, list(known))
    record = records.find_artifact(artifact_id)
    if record is None:
        raise RecordNotFoundError(kind="artifact", name=artifact_id)
    return _as_result(text, record, run.id)


def _as_result(text: str, record: ArtifactRecord, run_id: RunId) -> EarlierResult:
    shown = f"{record.name} (run {short_id(run_id)})"
    return EarlierResult(EarlierName(text, shown), record, run_id)


def _find_run(store: MetadataStore, reference: ArtifactReference) -> RunRecord:
    name = reference.pipeline
    if reference.run is not None:
        run = find_run_record(store, reference.run)
        if run.pipeline != name:
            reason = f"Run {reference.run} is one of pipeline '{run.pipeline}'."
            cure = f"Write {run.pipeline}/{reference.output}@{reference.run}."
            raise RecordNotFoundError(kind="run", name=name, reason=reason, suggestion=cure)
        return run
    completed = RunFilter(pipeline=name, status=RunStatus.COMPLETED, limit=1)
    found = store.list_runs(completed)
    if found:
        return found[0]
    others = store.list_runs(RunFilter(pipeline=name, limit=1))
    if not others:
        known = dict.fromkeys(
            run.pipeline for run in store.list_runs(RunFilter(limit=_LOOKED_THROUGH))
        )
        raise RecordNotFoundError(
            kind="pipeline",
            name=name,
            reason="No run of it is recorded here.",
            suggestion=suggest(name, known),
        )
    run = others[0]
    reason = f"The newest, {short_id(run.id)}, is {run.status}."
    cure = f"Run it, or name a run: {name}/{reference.output}@{short_id(run.id)}"
    raise RecordNotFoundError(
        kind="completed run of pipeline", name=name, reason=reason, suggestion=cure
    )


def _list_outputs(records: RunRecords) -> Iterator[tuple[str, ArtifactId]]:
    """Yield all that a run's artifacts can be called; what stands later counts more."""
    for step in records.steps:
        outputs = records.artifacts_of(step.id).outputs
        if len(outputs) == 1:
            yield step.node, outputs[0].id
        for each in outputs:
            yield f"{step.node}.{each.name}", each.id
    for name, shape in name_outputs(records.shape).items():
        yield from _list_within(name, shape)


def _list_within(name: str, shape: OutputShape) -> Iterator[tuple[str, ArtifactId]]:
    """Yield the artifacts of an output; those of a list or dict by `name[0]` or `name.key`."""
    if isinstance(shape, ArtifactShape):
        yield name, shape.artifact_id
    elif isinstance(shape, CollectionShape):
        for key, item in shape.items:
            within = f"{name}[{key}]" if shape.kind in _NUMBERED else f"{name}.{key}"
            yield from _list_within(within, item)


def _no_output(
    records: RunRecords, text: str, reference: ArtifactReference, known: list[str]
) -> RecordNotFoundError:
    run = records.run
    reason = f"Run {short_id(run.id)} of pipeline '{run.pipeline}' has none such."
    within = [
        name for name in known if name.startswith((f"{reference.output}[", f"{reference.output}."))
    ]
    if reference.output and within:
        reason = f"It is several: {list_names(within)}."
        return RecordNotFoundError(
            kind="single output",
            name=text,
            reason=reason,
            suggestion=f"Name one: {run.pipeline}/{within[0]}",
        )
    return RecordNotFoundError(
        kind="output", name=text, reason=reason, suggestion=suggest(reference.output, known)
    )
