"""Which outputs of a step are models, what they are called, and which of them get a number."""

from collections.abc import Sequence
from dataclasses import replace

from whence.authoring.step_outputs import DEFAULT_OUTPUT
from whence.domain.annotations import SWEEP_TAG
from whence.domain.ids import ModelVersionId, new_id
from whence.domain.model_records import ModelVersionRecord
from whence.domain.node_names import is_item
from whence.domain.records import ArtifactRecord, RunRecord, StepFinished
from whence.domain.status import StepStatus
from whence.graph.plan import PlannedNode


def name_models(finished: StepFinished, node: PlannedNode, run: RunRecord) -> StepFinished:
    """Return the end of a step that was computed, its models named and, if need be, numbered.

    Items of maps and variants of sweeps are candidates: one of many is numbered when it is
    promoted.
    """
    if all(artifact.family != "model" for artifact in finished.outputs):
        return finished
    outputs = [
        replace(each, model=_name_of(each, node, run)) if each.family == "model" else each
        for each in finished.outputs
    ]
    is_one_of_many = is_item(node.name) or any(tag.startswith(SWEEP_TAG) for tag in run.tags)
    if is_one_of_many or finished.step.status is not StepStatus.COMPLETED:
        return replace(finished, outputs=outputs)
    return replace(finished, outputs=outputs, versions=new_versions(outputs))


def _name_of(artifact: ArtifactRecord, node: PlannedNode, run: RunRecord) -> str:
    """Return what a model is called: as its step says, else as its output, else as the pipeline."""
    output = node.step.outputs[artifact.name]
    named = node.options.register or output.model_name
    return named or (run.pipeline if artifact.name == DEFAULT_OUTPUT else artifact.name)


def new_versions(artifacts: Sequence[ArtifactRecord]) -> list[ModelVersionRecord]:
    """Return models as versions that a store is to number."""
    return [
        ModelVersionRecord(
            ModelVersionId(new_id()), each.model, 0, each.digest, each.id, each.created_at
        )
        for each in artifacts
        if each.model is not None
    ]
