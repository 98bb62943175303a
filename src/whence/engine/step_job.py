"""One attempt of one step, as data: what it is handed and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.metrics import MetricSeries
from whence.domain.records import StepUsage
from whence.domain.resources import Resources
from whence.domain.status import StepStatus
from whence.graph.interface import OutputSpec
from whence.graph.plan import PlannedNode
from whence.interfaces.artifact_store import ArtifactStore
from whence.registry.materializers import REGISTRATIONS


class Absent:
    """Stands for a value that is not in memory; there is one in each process."""

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@frozen
class ProducedInput:
    """An output of another step of this run."""

    node: str
    output: OutputSpec
    content: Content
    value: Any = ABSENT  # where it is immutable, and so can be handed on as it is


@frozen
class StoredInput:
    """A value that was handed to the run, or an artifact of an earlier one."""

    artifact: Artifact
    annotation: Any  # of the argument or item; the type to read it as
    shown: str = "a value given to the run"  # where it comes from, for people


@frozen
class CollectedInput:
    """A list, tuple, dict or NamedTuple of inputs."""

    kind: type
    items: tuple[tuple[Any, "StepInput"], ...]


@frozen
class MissingInput:
    """An output that never came, in whose place a step accepts None."""


StepInput = ProducedInput | StoredInput | CollectedInput | MissingInput


@frozen
class StepJob:
    """All that one attempt of a step needs."""

    node: PlannedNode
    inputs: Mapping[str, StepInput]
    store: ArtifactStore
    log_file: Path  # where a long log grows while the step runs
    checkpoints: str | None = None  # the name under which the store keeps its checkpoints

    @property
    def can_be_stopped(self) -> bool:
        """Whether the attempt may have to be ended while it runs."""
        return self.node.options.timeout is not None

    @property
    def resources(self) -> Resources:
        """What the attempt needs of a machine."""
        return self.node.options.resources

    @property
    def shared(self) -> Sequence[tuple[object, ...]]:
        """What jobs have in common: materializers, the store, and the step with its outputs."""
        step = self.node.step
        return (REGISTRATIONS,), (self.store,), (step, self.node.options, *step.outputs.values())

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave behind what only the run needs of the node, such as values that are stored."""
        node = replace(self.node, recorded={}, inputs={}, depends_on=())
        return StepJob, (node, dict(self.inputs), self.store, self.log_file, self.checkpoints)


@frozen
class StoredOutput:
    """An output whose content is in its store."""

    output: OutputSpec
    content: Content
    value: Any = ABSENT


@frozen
class StepResult:
    """How an attempt of a step ended."""

    status: StepStatus
    started_at: datetime
    duration: float  # seconds
    outputs: tuple[StoredOutput, ...] = ()
    extras: tuple[StoredOutput, ...] = ()  # of `log_artifact`
    metrics: tuple[MetricSeries, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    log: Content | None = None
    error: BaseException | None = None
    usage: StepUsage | None = None
