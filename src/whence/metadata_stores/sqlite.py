"""Records in one SQLite file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote

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
    RunCrashed,
    RunFilter,
    RunRecord,
    StepArtifacts,
    StepRunRecord,
)
from whence.domain.run_filters import Quantity
from whence.domain.status import CancelLevel, RunStatus

if TYPE_CHECKING:
    from whence.metadata_stores.presence_files import Presence, PresenceFiles
    from whence.metadata_stores.reservation_table import ReservationTable
    from whence.metadata_stores.sqlite_database import SqliteDatabase

Found = TypeVar("Found")


class SqliteMetadataStore:
    """Keeps records in the file *path*, which is made by the first call of `record`.

    Threads and processes may use it at once, also across a fork. SQLAlchemy is imported when the
    store is first read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @classmethod
    def from_url(cls, url: str) -> "SqliteMetadataStore":
        """Return the store at a `sqlite:///` address; an absolute path makes it four slashes."""
        return cls(Path(unquote(url.removeprefix("sqlite:///"))))

    @property
    def url(self) -> str:
        """The address of the store."""
        return f"sqlite:///{quote(str(self.path))}"

    @cached_property
    def database(self) -> "SqliteDatabase":
        """The database itself."""
        from whence.metadata_stores.sqlite_database import SqliteDatabase  # noqa: PLC0415  # loads SQLAlchemy

        return SqliteDatabase(self.path)

    def record(self, events: Sequence[Event], *, durable: bool = False) -> None:
        """Record *events* in one transaction."""
        from whence.metadata_stores.write_events import Batch  # noqa: PLC0415  # loads SQLAlchemy

        batch = Batch(events)
        with self.database.writing(durable=durable) as connection:
            batch.write(connection)

    def list_runs(self, wanted: RunFilter) -> list[RunRecord]:
        """Return runs, newest first."""
        return self._read(lambda records, at: records.list_runs(at, wanted), [])

    def list_last_metrics(self, run_ids: Sequence[RunId]) -> Mapping[RunId, Sequence[LastMetric]]:
        """Return the last value of each metric of runs that have ended, in one query."""
        return self._read(lambda records, at: records.list_last_metrics(at, run_ids), {})

    def has_quantity(self, quantity: Quantity, name: str) -> bool:
        """Return whether any run has a metric or parameter of this name."""
        return self._read_names(lambda names, at: names.has_quantity(at, quantity, name), False)  # noqa: FBT003  # the answer in an empty store

    def list_quantities(self, quantity: Quantity, limit: int) -> list[str]:
        """Return names of metrics or parameters that runs have, at most *limit* of them."""
        return self._read_names(lambda names, at: names.list_quantities(at, quantity, limit), [])

    def find_run(self, run_id: RunId) -> RunRecord | None:
        """Return one run."""
        return self._read(lambda records, at: records.find_run(at, run_id), None)

    def list_steps(self, run_id: RunId) -> list[StepRunRecord]:
        """Return the step runs of a run, in the order of placing."""
        return self._read(lambda records, at: records.list_steps(at, run_id), [])

    def list_artifacts_of_steps(self, run_id: RunId) -> Mapping[StepRunId, StepArtifacts]:
        """Return the artifacts around every step run of a run, in two queries."""
        return self._read(lambda records, at: records.list_artifacts_of_steps(at, run_id), {})

    def list_metrics(self, run_id: RunId) -> list[MetricRecord]:
        """Return every metric of a run's steps, in short; of a hit, the original's."""
        return self._read_metrics(lambda kept, at: kept.list_metrics(at, run_id), [])

    def list_series(
        self, run_id: RunId, *, name: str | None = None
    ) -> list[tuple[StepRunId, MetricSeries]]:
        """Return the values of a run's metrics, or of those of one name."""
        return self._read_metrics(lambda kept, at: kept.list_series(at, run_id, name), [])

    def find_artifact(self, artifact_id: ArtifactId) -> ArtifactRecord | None:
        """Return one artifact."""
        return self._read(lambda records, at: records.find_artifact(at, artifact_id), None)

    def list_artifacts(
        self,
        *,
        run_id: RunId | None = None,
        id_suffix: str | None = None,
        model: str | None = None,
        limit: int | None = 50,
    ) -> list[ArtifactRecord]:
        """Return artifacts, newest first."""
        return self._read(
            lambda records, at: records.list_artifacts(
                at, run_id=run_id, id_suffix=id_suffix, model=model, limit=limit
            ),
            [],
        )

    def list_consumers(self, artifact_id: ArtifactId) -> list[StepRunRecord]:
        """Return the step runs that took an artifact as an input, oldest first."""
        return self._read(lambda records, at: records.list_consumers(at, artifact_id), [])

    def trace_lineage(
        self, artifact_ids: Collection[ArtifactId], *, down: bool, depth: int | None = None
    ) -> LineageRecords:
        """Return what lies behind artifacts, or ahead of them, in a few queries."""
        if not self.path.exists():
            return LineageRecords({}, {}, {}, {})
        from whence.metadata_stores import read_lineage  # noqa: PLC0415  # loads SQLAlchemy

        trace = read_lineage.trace_ahead if down else read_lineage.trace_back
        with self.database.reading() as connection:
            if connection is None:
                return LineageRecords({}, {}, {}, {})
            return trace(connection, artifact_ids, depth)

    def find_step(self, step_run_id: StepRunId) -> StepRunRecord | None:
        """Return one step run."""
        return self._read(lambda records, at: records.find_step(at, step_run_id), None)

    def find_content(self, digest: str) -> Content | None:
        """Return what is recorded of a content, with its bytes where they are inline."""
        return self._read(lambda records, at: records.find_content(at, digest), None)

    def list_annotations(
        self, subjects: Sequence[str], *, withdrawn: bool = False
    ) -> list[AnnotationRecord]:
        """Return what people said of *subjects*, oldest first, in one query."""
        return self._read(
            lambda records, at: records.list_annotations(at, subjects, withdrawn=withdrawn), []
        )

    def find_contents(self, digests: Sequence[str]) -> Mapping[str, Content]:
        """Return what is recorded of contents, by digest, in one query."""
        return self._read(lambda records, at: records.find_contents(at, digests), {})

    # ------------------------------------------------------------------ models

    def list_model_versions(self, model: str | None = None) -> list[ModelVersionRecord]:
        """Return every row of a model that was given a number, oldest first."""
        return self._read_models(lambda models, at: models.list_model_versions(at, model), [])

    def list_promotions(self, model: str | None = None) -> list[PromotionRecord]:
        """Return every promotion, in the order in which they were made."""
        return self._read_models(lambda models, at: models.list_promotions(at, model), [])

    def promote(
        self, promotion: PromotionRecord, version: ModelVersionRecord
    ) -> PromotionRecord | None:
        """Give a version an alias, unless somebody moved that, in one transaction."""
        from whence.metadata_stores import model_tables  # noqa: PLC0415  # loads SQLAlchemy

        with self.database.writing(durable=True) as connection:
            return model_tables.promote(connection, promotion, version)

    # ------------------------------------------------------------------ the cache

    def find_cache_entries(self, keys: Sequence[str]) -> Mapping[str, CacheEntry]:
        """Return the newest entry of each key that has one, in one query."""
        known = self.database.find_known_keys(keys)
        if not known:
            return {}
        return self._read_cache(lambda cache, at: cache.find_cache_entries(at, known), {})

    def list_cache_entries_like(self, steps: Sequence[str], limit: int) -> Mapping[str, CacheEntry]:
        """Return the newest entries of steps of these names, by key, in one query."""
        return self._read_cache(
            lambda cache, at: cache.list_cache_entries_like(at, steps, limit), {}
        )

    def find_version(self) -> object:
        """Return what changes when another process, or another store object, has written."""
        return self.database.find_version() if self.path.exists() else None

    def find_key_parts(self, key: str) -> str | None:
        """Return what a key was made of, as it was recorded."""
        return self._read_cache(lambda cache, at: cache.find_key_parts(at, key), None)

    def find_keys_parts(self, keys: Collection[str]) -> Mapping[str, str]:
        """Return what each of several keys was made of, in one query."""
        return self._read_cache(lambda cache, at: cache.find_keys_parts(at, keys), {})

    def list_step_runs(
        self, *, step: str | None = None, before: StepRunId | None = None, limit: int | None = 50
    ) -> list[StepRunRecord]:
        """Return step runs that have a cache key, newest first."""
        return self._read(
            lambda records, at: records.list_step_runs(at, step=step, before=before, limit=limit),
            [],
        )

    def find_texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """Return recorded source texts by their digests, in one query."""
        return self._read_cache(lambda cache, at: cache.find_texts(at, digests), {})

    def list_acceptances(self, *, withdrawn: bool = False) -> list[AcceptanceRecord]:
        """Return acceptances, oldest first; withdrawn ones only on demand."""
        return self._read_cache(
            lambda cache, at: cache.list_acceptances(at, withdrawn=withdrawn), []
        )

    def list_durations(self, steps: Sequence[str], limit: int = 5) -> Mapping[str, list[float]]:
        """Return the last durations, in seconds, of computed step runs of each step."""
        return self._read_cache(lambda cache, at: cache.list_durations(at, steps, limit), {})

    @cached_property
    def _reservations(self) -> "ReservationTable":
        from whence.metadata_stores.reservation_table import ReservationTable  # noqa: PLC0415  # not on Windows

        return ReservationTable(self.path.parent / "reservations.table")

    def reserve(self, key: str, holder: str, lease_seconds: float) -> Reservation:
        """Take the sole right to compute *key*, unless a live holder has it."""
        return self._reservations.reserve(key, holder, lease_seconds)

    def renew(self, keys: Sequence[str], holder: str, lease_seconds: float) -> None:
        """Prolong the holder's reservations."""
        self._reservations.renew(keys, holder, lease_seconds)

    def release(self, keys: Sequence[str], holder: str) -> None:
        """Give the holder's reservations back."""
        self._reservations.release(keys, holder)

    # ------------------------------------------------------------------ runs that go on

    @cached_property
    def _presence(self) -> "PresenceFiles":
        from whence.metadata_stores.presence_files import PresenceFiles  # noqa: PLC0415  # not on Windows

        return PresenceFiles(self.path.parent / "presence")

    def attend(self, run_id: RunId, on_cancel: Callable[[CancelLevel], None]) -> "Presence":
        """Say that this process goes on with a run; to be called before the run is recorded."""
        return self._presence.attend(run_id, on_cancel)

    def ask_to_end(self, run_id: RunId, level: CancelLevel) -> None:
        """Ask the process that goes on with a run to end it."""
        self._presence.ask_to_end(run_id, level)

    def list_present_runs(self) -> Sequence[RunId]:
        """Return the runs whose processes live, also those that are not recorded yet."""
        return self._presence.list_present()

    def mark_crashed_runs(self) -> Sequence[RunId]:
        """Record the crash of every run that says it goes on and whose process has died."""
        crashes = self.find_crashes()
        if crashes:
            self.record(crashes)
        for crash in crashes:
            self._presence.forget(crash.run_id)
        return [crash.run_id for crash in crashes]

    def find_crashes(self) -> list[RunCrashed]:
        """Return the crash of every run that says it goes on and whose process has died."""
        going_on = self.list_runs(RunFilter(status=RunStatus.RUNNING, limit=None))
        return self._find_crashes(going_on) if going_on else []

    def _find_crashes(self, going_on: Sequence[RunRecord]) -> list[RunCrashed]:
        from whence.metadata_stores.crashes import find_crash  # noqa: PLC0415  # rarely needed
        from whence.metadata_stores.presence_files import describe_owner  # noqa: PLC0415  # as above

        here, now = describe_owner(), datetime.now(UTC)
        found = (find_crash(run, self._presence.look(run.id), here, now) for run in going_on)
        return [crash for crash in found if crash is not None]

    def close(self) -> None:
        """Release the connection; the store can be opened again."""
        if "database" in self.__dict__:
            self.database.close()

    def _read(self, query: Callable[[ModuleType, Any], Found], nothing: Found) -> Found:
        """Return what *query* finds, or *nothing* in a store that does not exist yet."""
        if not self.path.exists():
            return nothing
        from whence.metadata_stores import read_records  # noqa: PLC0415  # loads SQLAlchemy

        with self.database.reading() as connection:
            return nothing if connection is None else query(read_records, connection)

            return nothing

    def _read_metrics(self, query: Callable[[ModuleType, Any], Found], nothing: Found) -> Found:
        """Return what *query* finds of metrics, or *nothing* in a store that is not there."""
        if not self.path.exists():
            return nothing
        from whence.metadata_stores import read_metrics  # noqa: PLC0415  # loads SQLAlchemy

        with self.database.reading() as connection:
            return nothing if connection is None else query(read_metrics, connection)

    def _read_models(self, query: Callable[[ModuleType, Any], Found], nothing: Found) -> Found:
        """Return what *query* finds of models, or *nothing* in a store that is not there."""
        if not self.path.exists():
            return nothing
        from whence.metadata_stores import model_tables  # noqa: PLC0415  # loads SQLAlchemy

        with self.database.reading() as connection:
            return nothing if connection is None else query(model_tables, connection)

    def _read_names(self, query: Callable[[ModuleType, Any], Found], nothing: Found) -> Found:
        """Return what *query* finds of the names of metrics and parameters, or *nothing*."""
        if not self.path.exists():
            return nothing
        from whence.metadata_stores import quantity_names  # noqa: PLC0415  # loads SQLAlchemy

        with self.database.reading() as connection:
            return nothing if connection is None else query(quantity_names, connection)

    def _read_cache(self, query: Callable[[ModuleType, Any], Found], nothing: Found) -> Found:
        """Return what *query* finds of the cache, or *nothing* in a store that is not there."""
        if not self.path.exists():
            return nothing
        from whence.metadata_stores import read_cache  # noqa: PLC0415  # loads SQLAlchemy

        with self.database.reading() as connection:
            return nothing if connection is None else query(read_cache, connection)
