"""What a metadata store tells of a lineage: step runs, what they took and made, and reuse."""

from collections.abc import Mapping
from datetime import datetime

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.records import ArtifactRecord, InputRecord, StepRunRecord


@frozen
class RunName:
    """What a run is called."""

    id: RunId
    pipeline: str
    name: str | None
    started_at: datetime


@frozen
class LinkedStep:
    """A step run with the artifacts around it, by their ids: their records may be lost."""

    step: StepRunRecord
    inputs: tuple[InputRecord, ...]
    outputs: tuple[ArtifactId, ...]
    extras: tuple[ArtifactId, ...]  # of `log_artifact`

    @property
    def made(self) -> tuple[ArtifactId, ...]:
        """All that it made."""
        return (*self.outputs, *self.extras)


@frozen
class Reuse:
    """Step runs that took an artifact and were served with what another one had computed."""

    artifact_id: ArtifactId
    step_run_id: StepRunId  # that computed it
    count: int
    last_run: RunId


@frozen
class ModelNumber:
    """The number that an artifact has among the versions of its model."""

    model: str
    number: int


@frozen
class LineageRecords:
    """All that lies behind some artifacts, or ahead of them; what is lost or damaged is absent."""

    steps: Mapping[StepRunId, LinkedStep]
    artifacts: Mapping[ArtifactId, ArtifactRecord]
    runs: Mapping[RunId, RunName]
    models: Mapping[ArtifactId, ModelNumber]
    reuses: tuple[Reuse, ...] = ()  # of what lies ahead
    reused: tuple[StepRunRecord, ...] = ()  # of what lies behind: who was served, in its own runs
