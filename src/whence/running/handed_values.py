"""Values and artifacts that are handed to a run: stored once, whoever takes them."""

import functools
import shutil
from collections.abc import Callable
from typing import Any

from whence.domain.artifacts import Artifact, FreeSource
from whence.domain.ids import ArtifactId
from whence.domain.records import Event, RunRecord, ValueStored
from whence.engine.step_job import StoredInput
from whence.engine.store_outputs import store_value
from whence.graph.interface import OutputSpec
from whence.graph.settle import stored_type
from whence.interfaces.artifact_store import ArtifactStore
from whence.registry.materializers import materializer_for
from whence.registry.stored_content import StoredContentSource
from whence.running.run_records import handed_artifact


class HandedValues:
    """Makes artifacts without a producer of what a caller handed to a run."""

    def __init__(
        self,
        run: RunRecord,
        store: ArtifactStore,
        record: Callable[[Event], None],
        secure: Callable[[str], None] = lambda _digest: None,
    ) -> None:
        self._run = run
        self._secure = functools.cache(
            secure
        )  # told the digest of each earlier result that is taken
        self._store = store
        self._record = record
        self._known: dict[tuple[int, str], tuple[Artifact, ArtifactId, Any]] = {}

    def take_value(self, name: str, value: Any, annotation: Any) -> tuple[StoredInput, ArtifactId]:
        """Store a value by its type's materializer, once for all steps that take it."""
        wanted = stored_type(annotation, value)
        materializer = materializer_for(wanted)
        key = (id(value), materializer.format)
        if key not in self._known:
            output = OutputSpec(name, materializer.artifact_type, wanted, materializer)
            content = store_value(self._store, materializer, value)
            artifact, artifact_id = self._keep(output, content)
            self._known[key] = (
                artifact,
                artifact_id,
                value,
            )  # the value is held, so its id stays its own
        artifact, artifact_id, _ = self._known[key]
        return StoredInput(artifact, annotation), artifact_id

    def take_artifact(
        self, name: str, artifact: Artifact, annotation: Any
    ) -> tuple[StoredInput, ArtifactId]:
        """Take an artifact of an earlier run as it is; copy the user's own files into the store."""
        if not isinstance(artifact.source, FreeSource):
            self._secure(str(artifact.source.fact("digest")))
            return StoredInput(artifact, annotation), ArtifactId(str(artifact.source.fact("id")))
        key = (id(artifact), "")
        if key not in self._known:
            folder = self._store.open_staging()
            shutil.copytree(artifact.path, folder, dirs_exist_ok=True)
            output = OutputSpec(name, type(artifact), handed_in=True)
            stored, artifact_id = self._keep(output, self._store.commit(folder))
            self._known[key] = stored, artifact_id, artifact
        stored, artifact_id, _ = self._known[key]
        return StoredInput(stored, annotation), artifact_id

    def _keep(self, output: OutputSpec, content: Any) -> tuple[Artifact, ArtifactId]:
        record = handed_artifact(self._run, output, content)
        self._record(ValueStored(record, content))
        source = StoredContentSource(content, output.format, self._store)
        return output.artifact_type.from_source(source), record.id
