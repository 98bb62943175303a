"""Metadata stores: what is recorded of runs, and how it is found again."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from whence.domain.annotations import AnnotationRecord
from whence.domain.contents import Content
from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.lineage_records import LineageRecords
from whence.domain.metrics import MetricSeries
from whence.domain.model_records import ModelVersionRecord, PromotionRecord
from whence.domain.records import (
    AcceptanceRecord,
    ArtifactRecord,
    CacheEntry,
    Event,
    LastMetric,
    MetricRecord,
    Reservation,
    RunFilter,
    RunOwner,
    RunRecord,
    StepArtifacts,
    StepRunRecord,
)
from whence.domain.run_filters import Quantity
from whence.domain.status import CancelLevel


class RunPresence(Protocol):
    """Says that the process of a run lives, until it is closed or that process ends."""

    @property
    def owner(self) -> RunOwner:
        """The process."""
        ...

    def close(self, *, ended: bool) -> None:
        """Say no more; *ended* says that the end of the run is recorded."""
        ...


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
        """Return runs, newest first unless *wanted* says otherwise."""
        ...

    def list_last_metrics(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Sequence[LastMetric]]:
        """Return the last value of each metric of runs that have ended, in one query."""
        ...

    def has_quantity(self, quantity: Quantity, name: str) -> bool:
        """Return whether any run has a metric or parameter of this name."""
        ...

    def list_quantities(self, quantity: Quantity, limit: int) -> list[str]:
        """Return names of metrics or parameters that runs have, at most *limit* of them."""
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
        """Return every metric of a run's steps, in short; of a hit, the original's.

        They come in the order of the steps, and of their first values. A long series costs no more
        than a short one.
        """
        ...

    def list_series(
        self, run_id: RunId, *, name: str | None = None
    ) -> list[tuple[StepRunId, MetricSeries]]:
        """Return the values of a run's metrics, or of those of one name, each in its order.

        What is damaged is left out, with a warning.
        """
        ...

    def find_artifact(self, artifact_id: ArtifactId) -> ArtifactRecord | None:
        """Return one artifact."""
        ...

    def list_artifacts(
        self,
        *,
        run_id: RunId | None = None,
        id_suffix: str | None = None,
        model: str | None = None,
        limit: int | None = 50,
    ) -> list[ArtifactRecord]:
        """Return artifacts, newest first; of a *model*, its candidates, numbered or not."""
        ...

    def list_consumers(self, artifact_id: ArtifactId) -> list[StepRunRecord]:
        """Return the step runs that took an artifact as an input."""
        ...

    def trace_lineage(
        self, artifact_ids: Collection[ArtifactId], *, down: bool, depth: int | None = None
    ) -> LineageRecords:
        """Return what artifacts were made from, or what was made from them.

        *depth* says how many step runs far. The number of queries does not depend on how many
        there are; records that are lost or damaged are absent.
        """
        ...

    def find_step(self, step_run_id: StepRunId) -> StepRunRecord | None:
        """Return one step run."""
        ...

    def find_content(self, digest: str) -> Content | None:
        """Return what is recorded of a content, with its bytes where they are inline."""
        ...

    def find_contents(self, digests: Sequence[str]) -> Mapping[str, Content]:
        """Return what is recorded of contents, by digest, in a bounded number of queries."""
        ...

    def find_cache_entries(self, keys: Sequence[str]) -> Mapping[str, CacheEntry]:
        """Return the newest entry of each key that has one, with a bounded number of queries."""
        ...

    def list_cache_entries_like(self, steps: Sequence[str], limit: int) -> Mapping[str, CacheEntry]:
        """Return the newest entries of steps of these names, by key: likely hits, in one look."""
        ...

    def find_version(self) -> object:
        """Return what changes whenever others than this store object have written.

        What was read stays true, but for what this object wrote, while the version is the same.
        None where that cannot be told.
        """
        ...

    def find_key_parts(self, key: str) -> str | None:
        """Return what a key was made of, as it was recorded."""
        ...

    def find_keys_parts(self, keys: Collection[str]) -> Mapping[str, str]:
        """Return what each of several keys was made of, with a bounded number of queries."""
        ...

    def list_step_runs(
        self, *, step: str | None = None, before: StepRunId | None = None, limit: int | None = 50
    ) -> list[StepRunRecord]:
        """Return step runs that have a cache key, newest first."""
        ...

    def find_texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """Return recorded source texts by their digests."""
        ...

    def list_acceptances(self, *, withdrawn: bool = False) -> list[AcceptanceRecord]:
        """Return acceptances, oldest first; withdrawn ones only on demand."""
        ...

    def list_annotations(
        self, subjects: Sequence[str], *, withdrawn: bool = False
    ) -> list[AnnotationRecord]:
        """Return what people said of *subjects*, oldest first; what was withdrawn on demand."""
        ...

    def list_model_versions(self, model: str | None = None) -> list[ModelVersionRecord]:
        """Return every row of a model that was given a number; `ModelNumbers` says what they mean.

        In one store a model and content has one row, and no two rows of a model share a number.
        """
        ...

    def list_promotions(self, model: str | None = None) -> list[PromotionRecord]:
        """Return every promotion, in the order in which they were made."""
        ...

    def promote(
        self, promotion: PromotionRecord, version: ModelVersionRecord
    ) -> PromotionRecord | None:
        """Give *version* an alias, and a number if it has none, in one durable transaction.

        Return None, with nothing written, unless `promotion.previous_id` bears the alias just then.
        What is returned names the version's row and is later than all promotions to the alias.
        """
        ...

    def list_durations(self, steps: Sequence[str], limit: int = 5) -> Mapping[str, list[float]]:
        """Return the last durations, in seconds, of computed step runs of each step."""
        ...

    def reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        """Take the sole right to compute *key*, unless a live holder has it.

        An expired reservation is taken over. Time is the store's own.
        """
        ...

    def renew(self, keys: Sequence[str], holder: str, lease_seconds: float) -> None:
        """Prolong the holder's reservations."""
        ...

    def release(self, keys: Sequence[str], holder: str) -> None:
        """Give the holder's reservations back."""
        ...

    def attend(self, run_id: RunId, on_cancel: Callable[[CancelLevel], None]) -> RunPresence:
        """Say that this process goes on with a run; to be called before the run is recorded.

        *on_cancel* is called, in another thread, when somebody asks for the run to end.
        """
        ...

    def ask_to_end(self, run_id: RunId, level: CancelLevel) -> None:
        """Ask the process that goes on with a run to end it; it hears so within a second."""
        ...

    def mark_crashed_runs(self) -> Sequence[RunId]:
        """Record the crash of every run that says it goes on and whose process has died.

        Where several do so at once one of them does it; a run that has its end keeps it.
        """
        ...

    def close(self) -> None:
        """Release the connection; the store can be opened again."""
        ...
