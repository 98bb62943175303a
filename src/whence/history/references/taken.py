"""The results of earlier runs that a run took, and what their names meant."""

from collections.abc import Mapping

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, short_id
from whence.domain.records import ArtifactRecord
from whence.history.models.recorded import RecordedModels
from whence.history.references.forms import ModelReference, parse_reference
from whence.interfaces.metadata_store import MetadataStore


@frozen
class TakenResult:
    """A result of an earlier run, as the body of a pipeline named it."""

    name: str
    shown: str  # `version 3 (run ab12cd34)`
    artifact: ArtifactRecord


def list_taken_results(
    store: MetadataStore, taken: Mapping[str, ArtifactId]
) -> tuple[TakenResult, ...]:
    """Return what a run took, by name; what is no longer recorded is left out."""
    found = {name: store.find_artifact(artifact_id) for name, artifact_id in taken.items()}
    return tuple(
        TakenResult(name, describe_taken(store, name, record), record)
        for name, record in found.items()
        if record is not None
    )


def describe_taken(store: MetadataStore, name: str, record: ArtifactRecord) -> str:
    """Return what a name means where it means this artifact: a version, or an output of a run."""
    run = f"run {short_id(record.run_id)}"
    reference = parse_reference(name)
    model = reference.model if isinstance(reference, ModelReference) else record.model
    known = None if model is None else RecordedModels(store).get(model)
    version = None if known is None else known.numbers.find_by_digest(record.digest)
    if version is not None and "/" not in name:
        return f"version {version.label} ({run})"
    return f"{record.name} ({run})"
