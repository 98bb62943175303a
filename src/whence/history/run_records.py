"""The records of one run: each kind is loaded at most once, when it is first needed."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from whence.domain.contents import Content
from whence.domain.ids import ArtifactId, StepRunId
from whence.domain.metrics import MetricSeries
from whence.domain.output_shape import NothingShape, OutputShape, parse_shape
from whence.domain.records import (
    ArtifactRecord,
    MetricRecord,
    RunRecord,
    StepArtifacts,
    StepRunRecord,
)
from whence.errors import ContentMissingError
from whence.history.annotations import Annotations
from whence.history.metrics import Metrics
from whence.history.references.taken import TakenResult, list_taken_results
from whence.stacks.stack import Stack

_NO_ARTIFACTS = StepArtifacts((), (), ())


class RunRecords:
    """What is recorded of a run, as it was when first asked for.

    However many steps a run has, they, their artifacts and their metrics cost one call each.
    """

    def __init__(self, run: RunRecord, stack: Stack) -> None:
        self.run = run
        self.stack = stack

    @cached_property
    def annotations(self) -> Annotations:
        """What people said of the run."""
        return Annotations(self.run.id, self.stack, find_tags=self._find_tags, tags=self.run.tags)

    def _find_tags(self) -> Sequence[str]:
        found = self.stack.metadata_store.find_run(self.run.id)
        return self.run.tags if found is None else found.tags

    @cached_property
    def steps(self) -> list[StepRunRecord]:
        """The step runs, in the order of placing."""
        return self.stack.metadata_store.list_steps(self.run.id)

    @cached_property
    def nodes(self) -> Mapping[StepRunId, str]:
        """The node of each step run."""
        return {step.id: step.node for step in self.steps}

    @cached_property
    def metric_records(self) -> list[MetricRecord]:
        """Every metric of the step runs, in short."""
        return self.stack.metadata_store.list_metrics(self.run.id)

    @cached_property
    def metrics(self) -> Metrics:
        """The metrics of the whole run."""
        return self.metrics_of_steps(self.nodes)

    @cached_property
    def earlier_results(self) -> tuple[TakenResult, ...]:
        """The results of earlier runs that it took."""
        return list_taken_results(self.stack.metadata_store, self.run.earlier_results)

    @cached_property
    def shape(self) -> OutputShape:
        """What the pipeline's body returned."""
        return parse_shape(self.run.outputs) if self.run.outputs else NothingShape()

    @cached_property
    def _artifacts(self) -> Mapping[StepRunId, StepArtifacts]:
        return self.stack.metadata_store.list_artifacts_of_steps(self.run.id)

    @cached_property
    def _outputs(self) -> Mapping[ArtifactId, tuple[str, ArtifactRecord]]:
        return {
            record.id: (self.nodes.get(step_run_id, ""), record)
            for step_run_id, around in self._artifacts.items()
            for record in around.outputs
        }

    def artifacts_of(self, step_run_id: StepRunId) -> StepArtifacts:
        """Return the artifacts around a step run."""
        return self._artifacts.get(step_run_id, _NO_ARTIFACTS)

    def find_artifact(self, artifact_id: ArtifactId) -> ArtifactRecord | None:
        """Return an artifact of this run, or of another from which it was served."""
        if artifact_id in self._outputs:
            return self._outputs[artifact_id][1]
        return self.stack.metadata_store.find_artifact(artifact_id)

    def find_node(self, artifact_id: ArtifactId) -> str | None:
        """Return the node of this run whose output an artifact is."""
        return self._outputs[artifact_id][0] if artifact_id in self._outputs else None

    def metrics_of(self, step: StepRunRecord) -> Metrics:
        """Return the metrics of one step run."""
        return self.metrics_of_steps({step.id: step.node})

    def metrics_of_steps(self, nodes: Mapping[StepRunId, str]) -> Metrics:
        """Return the metrics of the step runs that *nodes* names."""
        return Metrics(self.metric_records, nodes, self._load_series)

    def _load_series(self, name: str | None) -> list[tuple[StepRunId, MetricSeries]]:
        return self.stack.metadata_store.list_series(self.run.id, name=name)

    def find_content(self, digest: str) -> Content:
        """Return what is recorded of a content. Raises `ContentMissingError`."""
        return find_content(self.stack, digest)


def find_content(stack: Stack, digest: str) -> Content:
    """Return what is recorded of a content. Raises `ContentMissingError`."""
    content = stack.metadata_store.find_content(digest)
    if content is None:
        raise ContentMissingError(digest=digest, reason="Nothing is recorded of its files.")
    return content
