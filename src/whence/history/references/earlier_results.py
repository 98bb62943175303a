"""Earlier results as inputs: what `whence.artifact` gives, and what a resumed run goes on with."""

from whence.authoring.builder import current_builder
from whence.authoring.earlier_inputs import EarlierInputs
from whence.domain.artifacts import Artifact
from whence.domain.earlier_results import EarlierName
from whence.domain.records import ArtifactRecord
from whence.history.lookups import find_run_record
from whence.history.references.find import (
    EarlierResult,
    find_artifact_result,
    open_result,
)
from whence.history.references.taken import describe_taken
from whence.history.run_records import find_content
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack


def find_artifact(reference: str) -> Artifact:
    """Return an output of the latest completed run of a pipeline: `prepare/means`.

    PIPELINE/OUTPUT is what the pipeline returns, PIPELINE/STEP.OUTPUT what one of its steps makes;
    `@RUN` behind it, an id or name, means another run. The end of an artifact's id will do as well.
    In the body of a pipeline, where `.as_input()` gives it to a step, a name means one thing for
    the whole plan. Raises `RecordNotFoundError`, which says what there is instead.
    """
    stack = open_stack()
    settled = find_settled(reference)
    if settled is not None:
        return settled
    return settle(reference, open_result(stack, find_artifact_result(stack, reference)), stack)


def find_settled(reference: str) -> Artifact | None:
    """Return what a name means already in the pipeline whose body runs here, if it does."""
    builder = current_builder()
    return None if builder is None else builder.earlier.find(reference)


def settle(reference: str, artifact: Artifact, stack: Stack) -> Artifact:
    """Let a name mean *artifact* in the pipeline whose body runs here, if one does.

    What a run is to take must be there: raises `ContentMissingError` where it was deleted.
    """
    builder = current_builder()
    if builder is None:
        return artifact
    stack.artifact_store.verify(find_content(stack, artifact.digest))
    return builder.earlier.settle(reference, artifact)


def recall_earlier_results(run_key: str) -> EarlierInputs:
    """Return the earlier results that a run took, for one that goes on from it."""
    stack = open_stack()

    def recall(name: str) -> Artifact | None:
        record = find_run_record(stack.metadata_store, run_key)
        artifact_id = record.earlier_results.get(name)
        found = stack.metadata_store.find_artifact(artifact_id) if artifact_id else None
        return None if found is None else _open_named(stack, name, found)

    return EarlierInputs(recall)


def _open_named(stack: Stack, name: str, record: ArtifactRecord) -> Artifact:
    shown = describe_taken(stack.metadata_store, name, record)
    return open_result(stack, EarlierResult(EarlierName(name, shown), record))
