"""Records: what a metadata store keeps of runs, step runs, artifacts and metrics.

They are written as a run goes on, through `RunStarted`, `StepFinished` and `RunFinished`, and read
back as the same frozen data. Parameters are typed JSON texts (`whence.values.typed_json`), so that
a record can be read without importing anything of the user's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from whence.domain.annotations import AnnotationRecord
from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.metrics import MetricSeries
from whence.domain.model_records import ModelVersionRecord
from whence.domain.run_filters import NEWEST_FIRST, Condition, RunOrder
from whence.domain.status import RunStatus, StepStatus


@frozen
class ErrorRecord:
    """What is kept of an exception."""

    type: str
    message: str
    traceback: str  # as text, without the frames of Whence itself
    code: str | None = None  # of an error that Whence raised
    fault: Mapping[str, Any] | None = None  # its what, where, why and fix


@frozen
class RunOwner:
    """The process that goes on with a run, so that its death can be told of."""

    host: str
    process: int  # its number there
    boot: str  # names the time from one start of that machine to the next


@frozen
class RunRecord:
    """One run of a pipeline."""

    id: RunId
    pipeline: str
    name: str | None
    status: RunStatus
    started_at: datetime  # aware, UTC
    ended_at: datetime | None = None
    duration: float | None = None  # seconds, by a monotonic clock
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    tags: tuple[str, ...] = ()
    outputs: str | None = None  # the shape that the body returned, as JSON: see `OutputShape`
    error: ErrorRecord | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    resumes: RunId | None = None  # the run that it goes on from
    owner: RunOwner | None = None
    origin: str | None = None  # what it takes to start it again, as JSON: see `RunOrigin`
    earlier_results: Mapping[str, ArtifactId] = field(default_factory=dict[str, ArtifactId])
    """Those that it took, as its body named them: `prepare/means`, `delay@champion`."""


@frozen
class ArtifactRecord:
    """One artifact: a content as the output of one step run, or as a value handed to a run."""

    id: ArtifactId
    digest: str
    size: int  # bytes
    type: str  # `module.QualifiedName` of the artifact type
    family: str  # `model` or `data`: what is known of the type without importing it
    format: str | None  # None where a step wrote the files itself
    value_type: str | None  # the declared type, as shown to people
    name: str  # of the output, or of the argument for a value without a producer
    run_id: RunId
    step_run_id: StepRunId | None
    created_at: datetime
    model: str | None = None  # the name of the model that it is a candidate of


@frozen
class InputRecord:
    """An artifact as it was used by a step run.

    *path* says where in the argument it lies: empty for the argument itself, else keys as in
    `/0` or `/train` for arguments that are lists or dicts of artifacts.
    """

    argument: str
    path: str
    artifact_id: ArtifactId


@frozen
class AttemptRecord:
    """One try at a step run."""

    number: int  # from 1
    started_at: datetime  # aware, UTC
    duration: float  # seconds
    error: ErrorRecord | None = None  # why another one followed, or why the step run failed
    log_digest: str | None = None
    process: int | None = None  # the number of the process that it ran in
    host: str | None = None


@frozen
class StepUsage:
    """What the process of a step used while it ran, as far as the system tells.

    A step that runs in the user's own process has that all to itself but for Whence's recording.
    """

    cpu_seconds: float | None = None  # of all threads and ended subprocesses, also for the system
    peak_memory: int | None = None  # bytes in RAM, at most at any time; see `UsageMeter`
    memory_growth: int | None = None  # bytes in RAM, more at the end than at the beginning
    read_bytes: int | None = None  # from storage
    written_bytes: int | None = None  # to storage


@frozen
class StepRunRecord:
    """One step of one run."""

    id: StepRunId
    run_id: RunId
    node: str
    step: str
    position: int  # in the order of placing, from 0
    status: StepStatus
    cached: bool = False
    started_at: datetime | None = None
    duration: float | None = None  # seconds
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    depends_on: tuple[str, ...] = ()  # names of nodes
    error: ErrorRecord | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    log_digest: str | None = None
    cache_key: str | None = None  # under which its outputs are, or would be, reused
    reused_from: StepRunId | None = None  # of a hit: the step run that computed the outputs
    not_reused: str | None = None  # why its outputs serve no later run
    parent: str | None = None  # the name of the map node whose item it is
    attempts: tuple[AttemptRecord, ...] = ()  # none where the step run itself tells of the only one
    usage: StepUsage | None = None


@frozen
class CacheEntry:
    """The outputs of a completed step run, under its cache key."""

    key: str
    step_run_id: StepRunId
    created_at: datetime
    outputs: tuple[ArtifactRecord, ...]
    contents: Mapping[str, Content]  # of the outputs, by digest
    measured: bool = True  # whether the step run reported metrics, as far as is known


@frozen
class AcceptanceRecord:
    """Somebody's word that a change of code is harmless: results of the old serve the new."""

    id: str
    kind: (
        str  # `step` for a step's whole code, else the kind of the part: `function`, `package`, ...
    )
    subject: str  # what was changed, as people know it: `fit`, `features.scale`, `numpy`
    old: str  # digest before the change
    new: str  # digest after it
    who: str
    reason: str
    made_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


@frozen
class AcceptanceChanged:
    """An acceptance was made, or withdrawn."""

    acceptance: AcceptanceRecord


@frozen
class AnnotationChanged:
    """Something was tagged or noted, or that was taken back."""

    annotation: AnnotationRecord


@frozen
class Reservation:
    """Who computes a key just now."""

    key: str
    holder: str  # names one process of one run
    is_mine: bool  # whether it was given to who asked
    seconds_left: float  # of the lease, by the store's clock


@frozen
class RunStarted:
    """A run begins; *steps* are those of its nodes that are told of at once, still pending."""

    run: RunRecord
    steps: Sequence[StepRunRecord] = ()


@frozen
class StepsAdded:
    """A run that goes on has more steps than was told before, still pending."""

    steps: Sequence[StepRunRecord]


@frozen
class StepRetried:
    """An attempt at a step failed and another one follows; *attempts* are all so far."""

    step_run_id: StepRunId
    attempts: tuple[AttemptRecord, ...]
    contents: Sequence[Content] = ()  # of the logs of attempts


@frozen
class StepStarted:
    """A step begins."""

    step_run_id: StepRunId
    started_at: datetime


@frozen
class StepFinished:
    """A step has ended, however it ended; *contents* are in their store already."""

    step: StepRunRecord
    inputs: Sequence[InputRecord] = ()
    outputs: Sequence[ArtifactRecord] = ()
    extras: Sequence[ArtifactRecord] = ()  # of `log_artifact`
    contents: Sequence[Content] = ()
    metrics: Sequence[MetricSeries] = ()
    key_parts: str | None = None  # what `step.cache_key` was made of, as JSON: see `CacheKey`
    texts: Mapping[str, str] = field(default_factory=dict[str, str])  # source texts, by digest
    reusable: bool = False  # whether later runs may reuse its outputs
    is_first: bool = False  # whether nothing was told of the step before
    versions: Sequence[ModelVersionRecord] = ()  # of models among the outputs, to be numbered


@frozen
class ValueStored:
    """A value that was handed to a run has become an artifact without a producer."""

    artifact: ArtifactRecord
    content: Content


@frozen
class RunFinished:
    """A run has ended; this is its last record."""

    run: RunRecord
    measured: Sequence[StepRunId] = ()  # its step runs that show metrics, perhaps some that do not


@frozen
class RunCrashed:
    """The process of a run died before it could say how the run ended.

    Steps that were running have crashed with it, those that were pending are skipped. A run that
    has its end keeps it.
    """

    run_id: RunId
    ended_at: datetime  # when it was last heard of
    duration: float  # seconds until then
    error: ErrorRecord


@frozen
class ContentNeeded:
    """A run is about to use a content that was recorded before it began."""

    digest: str


Event = (
    RunStarted
    | StepsAdded
    | StepStarted
    | StepRetried
    | StepFinished
    | ValueStored
    | ContentNeeded
    | RunFinished
    | RunCrashed
    | AcceptanceChanged
    | AnnotationChanged
)


@frozen
class MetricRecord:
    """What is kept of one metric of a step run, in short: the last of its values, and its extent.

    Of a reused step run it is what the one that computed it reported.
    """

    step_run_id: StepRunId
    name: str
    value: float  # the last
    step: int | None
    mode: str | None
    reported_at: datetime
    count: int = 1
    minimum: float | None = None  # of the values that are numbers
    maximum: float | None = None
    outline: Sequence[float] = ()  # the course of the values: means of stretches


@frozen
class LastMetric:
    """The last value of a metric of a run that has ended."""

    node: str  # that shows it
    name: str
    value: float
    mode: str | None  # `min` or `max`: which way is better


@frozen
class StepArtifacts:
    """The artifacts around one step run."""

    inputs: tuple[tuple[InputRecord, ArtifactRecord], ...]
    outputs: tuple[ArtifactRecord, ...]
    extras: tuple[ArtifactRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs a listing shows; what is None does not restrict."""

    pipeline: str | None = None
    status: RunStatus | None = None
    tags: tuple[str, ...] = ()  # all of them
    name: str | None = None
    model: str | None = None  # that it made
    model_digests: tuple[str, ...] = ()  # the contents of the model that count; empty for all
    note: str | None = None  # a part of the text of one of its notes
    since: datetime | None = None  # when it started, at the earliest
    until: datetime | None = None  # before when it started
    conditions: tuple[Condition, ...] = ()
    id_suffix: str | None = None
    order: RunOrder = NEWEST_FIRST
    limit: int | None = 50
    before: RunId | None = None  # only runs that come after this one in that order: the next page
