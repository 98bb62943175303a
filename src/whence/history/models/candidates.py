"""Which version is meant when one is promoted: a numbered one, or a candidate without a number."""

from typing import Any

from whence.domain.artifacts import Artifact, FreeSource
from whence.domain.frozen import frozen
from whence.domain.ids import ModelVersionId, new_id, short_id
from whence.domain.model_numbers import NumberedVersion
from whence.domain.model_records import ModelVersionRecord
from whence.domain.records import ArtifactRecord
from whence.errors import NotPromotableError, RecordNotFoundError, list_names
from whence.history.lookups import find_run_record
from whence.history.models.recorded import RecordedModel, RecordedModels
from whence.history.models.versions import ModelVersion
from whence.history.references.find import find_by_id
from whence.history.run_records import RunRecords
from whence.history.runs import Run
from whence.stacks.stack import Stack
from whence.values.validation import describe_value


@frozen
class Candidate:
    """A version that is to be promoted."""

    version: NumberedVersion
    judged_in: RunRecords | None = None  # the run that was named, which may have reused the model


def find_candidate(stack: Stack, model: RecordedModel, given: Any) -> Candidate:
    """Return the version that *given* means: a number, an alias, a run, an artifact or a version.

    Raises `RecordNotFoundError` and `NotPromotableError`.
    """
    if isinstance(given, ModelVersion):
        return Candidate(_of_artifact(model, given.artifact_record))
    if isinstance(given, Artifact):
        return Candidate(_of_artifact(model, _record_of(stack, model, given)))
    if isinstance(given, Run):
        return _of_run(model, given.records)
    if isinstance(given, int) and model.versions:
        return Candidate(model.find(str(given)))  # never a run that is named so
    if given is None or isinstance(given, (int, str)):
        return _by_text(stack, model, None if given is None else str(given))
    raise NotPromotableError(
        given=describe_value(given),
        model=model.name,
        reason="It is no version, run or artifact.",
        cure="Give a number, an alias, a run, or the artifact of a model.",
    )


def _by_text(stack: Stack, model: RecordedModel, text: str | None) -> Candidate:
    """Return a version by number or alias; else a candidate by the end of an id, or its run."""
    if not model.versions and text is None:
        RecordedModels(stack.metadata_store).find_model(model.name)  # raises what can be done
    try:
        return Candidate(model.find(text))
    except (RecordNotFoundError, IndexError):
        found = None if text is None else _find_elsewhere(stack, model, text)
        if found is None:
            RecordedModels(stack.metadata_store).find_model(model.name)  # as above
            raise
        return found


def _find_elsewhere(stack: Stack, model: RecordedModel, text: str) -> Candidate | None:
    found = find_by_id(stack.metadata_store, text)
    if found is not None:
        return Candidate(_of_artifact(model, found.artifact))
    try:
        run = find_run_record(stack.metadata_store, text)
    except RecordNotFoundError:
        return None
    return _of_run(model, RunRecords(run, stack))


def _of_run(model: RecordedModel, records: RunRecords) -> Candidate:
    """Return the one model of this name that a run has."""
    outputs = {
        f"{step.node}.{each.name}": each
        for step in records.steps
        for each in records.artifacts_of(step.id).outputs
        if each.model == model.name
    }
    run = f"Run {records.run.name or short_id(records.run.id)}"
    if not outputs:
        every = [
            each.model
            for step in records.steps
            for each in records.artifacts_of(step.id).outputs
            if each.model is not None
        ]
        raise NotPromotableError(
            given=run,
            model=model.name,
            reason=f"Its models are {list_names(every)}." if every else "It has no models.",
            cure="Give a run in which a step made the model.",
        )
    if len({each.digest for each in outputs.values()}) > 1:
        name = next(iter(outputs))
        raise NotPromotableError(
            given=run,
            model=model.name,
            reason=f"It has several: {list_names(list(outputs))}.",
            cure=f'Give the one that is meant: whence.artifact("{records.run.pipeline}/{name}'
            f'@{short_id(records.run.id)}")',
        )
    return Candidate(_of_artifact(model, next(iter(outputs.values()))), records)


def _record_of(stack: Stack, model: RecordedModel, artifact: Artifact) -> ArtifactRecord:
    found = None
    if not isinstance(artifact.source, FreeSource):
        found = stack.metadata_store.find_artifact(artifact.source.fact("id"))
    if found is None:
        raise NotPromotableError(
            given=repr(artifact),
            model=model.name,
            reason="It is of no run that is recorded here.",
            cure="Let a step output it as a `ModelArtifact`.",
        )
    return found


def _of_artifact(model: RecordedModel, record: ArtifactRecord) -> NumberedVersion:
    """Return the version with the content of an artifact; a new one, if none has it."""
    if record.family != "model":
        raise NotPromotableError(
            given=f"Artifact {record.name} ({short_id(record.id)})",
            model=model.name,
            reason=f"It is a {record.type.rpartition('.')[2]}, not a model.",
            cure="Annotate the output: `Annotated[T, ModelArtifact]`.",
        )
    if record.model != model.name:  # a name that was misspelt must not become a model
        raise NotPromotableError(
            given=f"Artifact {record.name} ({short_id(record.id)})",
            model=model.name,
            reason=f"It is one of model '{record.model}'." if record.model else "No step made it.",
            cure='A step names its models: `Annotated[T, ModelArtifact, "delay"]`.',
        )
    found = model.numbers.find_by_digest(record.digest)
    return found if found is not None else make_candidate(model.name, record)


def make_candidate(model: str, record: ArtifactRecord) -> NumberedVersion:
    """Return a model as a version that has no number yet."""
    version_id = ModelVersionId(new_id())
    version = ModelVersionRecord(version_id, model, 0, record.digest, record.id, record.created_at)
    return NumberedVersion(version, f"candidate {short_id(record.id)}", frozenset({version_id}))
