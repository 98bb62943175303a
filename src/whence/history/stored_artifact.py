"""Recorded artifacts: what `run.outputs` and `step_run.inputs` give out."""

import sys
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from whence.domain.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.domain.earlier_results import EarlierName
from whence.domain.ids import RunId, short_id
from whence.domain.records import ArtifactRecord, StepRunRecord
from whence.history.annotations import Annotations
from whence.history.lineage.trace import trace_lineage
from whence.history.run_records import find_content
from whence.registry.stored_content import StoredContentSource
from whence.stacks.stack import Stack

OpenStep = Callable[[StepRunRecord, Stack], Any]
"""Makes the view of a step run; handed down by whoever has that view."""


class RecordedSource:
    """Knows an artifact from its record; its files are looked up when they are asked for."""

    def __init__(
        self,
        record: ArtifactRecord,
        stack: Stack,
        open_step: OpenStep,
        met_in: RunId | None,
        earlier_name: EarlierName | None = None,
    ) -> None:
        self._record = record
        self._earlier_name = earlier_name
        self._met_in = met_in
        self._stack = stack
        self._open_step = open_step
        self._files: StoredContentSource | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return copy_source, (self._content_source(),)  # elsewhere there are no records to ask

    @property
    def uri(self) -> str:
        """The address in the store, or `whence:<digest>` for an inline content."""
        return self._content_source().uri

    def path(self) -> Path:
        """Return a local read-only folder with the files."""
        return self._content_source().path()

    def read_file(self, name: str) -> bytes:
        """Return the bytes of one file."""
        return self._content_source().read_file(name)

    def read(self, artifact: Artifact, as_type: Any) -> Any:
        """Return the value, as *as_type* if given."""
        return self._content_source().read(artifact, as_type)

    def fact(self, name: str) -> Any:
        """Return what is recorded of the artifact, and of what lies around it."""
        match name:
            case "id" | "digest" | "size" | "format" | "value_type":
                return getattr(self._record, name)
            case "earlier_name":
                return self._earlier_name or self._make_name()
            case "producer":
                return self._find_producer()
            case "consumers":
                found = self._stack.metadata_store.list_consumers(self._record.id)
                return tuple(self._open_step(step, self._stack) for step in found)
            case "annotations":
                return self._annotations
            case "lineage":
                store = self._stack.metadata_store
                return partial(trace_lineage, store, [self._record.id], met_in=self._met_in)
            case _:
                raise AttributeError(name)

    @cached_property
    def _annotations(self) -> Annotations:
        return Annotations(self._record.id, self._stack)

    def _make_name(self) -> EarlierName:
        """Return what it is called by where it was given as such: `prepare/fit.model@ab12cd34`."""
        store, record = self._stack.metadata_store, self._record
        run, step = store.find_run(record.run_id), None
        if record.step_run_id is not None:
            step = store.find_step(record.step_run_id)
        pipeline = record.run_id if run is None else run.pipeline
        output = record.name if step is None else f"{step.node}.{record.name}"
        name = f"{pipeline}/{output}@{short_id(record.run_id)}"
        return EarlierName(name, f"{record.name} (run {short_id(record.run_id)})")

    def _find_producer(self) -> Any:
        if self._record.step_run_id is None:
            return None
        step = self._stack.metadata_store.find_step(self._record.step_run_id)
        return None if step is None else self._open_step(step, self._stack)

    def _content_source(self) -> StoredContentSource:
        if self._files is None:
            content = find_content(self._stack, self._record.digest)
            store = self._stack.artifact_store
            self._files = StoredContentSource(content, self._record.format, store)
        return self._files


def copy_source(source: StoredContentSource) -> StoredContentSource:
    """Return *source*, which is all that another process gets of a recorded one."""
    return source


def open_artifact(
    record: ArtifactRecord,
    stack: Stack,
    open_step: OpenStep,
    met_in: RunId | None = None,
    *,
    earlier_name: EarlierName | None = None,
) -> Artifact:
    """Return the artifact of a record, of its own class where that is imported already.

    *met_in* is the run that it was asked of, which may have reused it from another one, and
    *earlier_name* what it was asked for as.
    """
    source = RecordedSource(record, stack, open_step, met_in, earlier_name)
    return artifact_class(record).from_source(source)


def artifact_class(record: ArtifactRecord) -> type[Artifact]:
    """Return the artifact type of a record; a user's own is never imported for it."""
    found = _find_class(record.type)
    if isinstance(found, type) and issubclass(found, Artifact):
        return found
    return ModelArtifact if record.family == "model" else DataArtifact


def _find_class(place: str) -> object:
    """Return what stands at `package.module.Outer.Inner` in the modules that are imported."""
    parts = place.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found: object = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            return _follow(found, parts[length:])
    return None


def _follow(module: object, names: list[str]) -> object:
    found = module
    for name in names:
        found = vars(found).get(name) if hasattr(found, "__dict__") else None
    return found
