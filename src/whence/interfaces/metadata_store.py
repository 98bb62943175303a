"""Metadata stores: what is recorded of runs, and how it is found again."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from whence.domain.contents import Content
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.records import (
    ArtifactRecord,
    Event,
    MetricRecord,
    RunFilter,
    RunRecord,
    StepArtifacts,
    StepRunRecord,
)


class MetadataStore(Protocol):
    """Keeps records. What was recorded by a call that returned is there for every later reader."""

    @property
    def url(self) -> str:
        """The address of the store."""
        ...

    def record(self, events: Sequence[Event], *, durable: bool = False) -> None:
        """Record *events* in one transaction, in their order.

        With *durable* the commit survives power loss too. Recording the same event twice changes
        nothing. Raises `StoreUnavailableError`.
        """
        ...

    def list_runs(self, wanted: RunFilter) -> list[RunRecord]:
        """Return runs, newest first."""
        ...

    def find_run(self, run_id: RunId) -> RunRecord | None:
        """Return one run."""
        ...

    def list_steps(self, run_id: RunId) -> list[StepRunRecord]:
        """Return the step runs of a run, in the order of placing."""
        ...

    def list_artifacts_of_steps(self, run_id: RunId) -> Mapping[StepRunId, StepArtifacts]:
        """Return the artifacts around every step run of a run, in a bounded number of queries."""
        ...

    def list_metrics(self, run_id: RunId) -> list[MetricRecord]:
        """Return every metric value of a run, in the order of reporting."""
        ...

    def find_artifact(self, artifact_id: ArtifactId) -> ArtifactRecord | None:
        """Return one artifact."""
        ...

    def list_artifacts(
        self, *, run_id: RunId | None = None, id_suffix: str | None = None, limit: int | None = 50
    ) -> list[ArtifactRecord]:
        """Return artifacts, newest first."""
        ...

    def list_consumers(self, artifact_id: ArtifactId) -> list[StepRunRecord]:
        """Return the step runs that took an artifact as an input."""
        ...

    def find_step(self, step_run_id: StepRunId) -> StepRunRecord | None:
        """Return one step run."""
        ...

    def find_content(self, digest: str) -> Content | None:
        """Return what is recorded of a content, with its bytes where they are inline."""
        ...

    def close(self) -> None:
        """Release the connection; the store can be opened again."""
        ...
