"""Turns the inputs of a step into the arguments of its function."""

from typing import TYPE_CHECKING, Any

from whence.domain.artifacts import Artifact
from whence.engine.step_job import (
    ABSENT,
    CollectedInput,
    MissingInput,
    ProducedInput,
    StepInput,
    StepJob,
    StoredInput,
)
from whence.errors import InputNotReadError, WhenceError
from whence.graph.bindings import rebuild
from whence.graph.fit import needs_view
from whence.graph.interface import Argument, artifact_class
from whence.graph.items import item_types
from whence.interfaces.artifact_store import ArtifactStore
from whence.registry.stored_content import StoredContentSource
from whence.values.assignability import is_path_type
from whence.values.type_forms import unwrap

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_inputs(job: StepJob) -> dict[str, Any]:
    """Return the value of every argument that takes an artifact.

    Raises `InputNotReadError` for what cannot be read.
    """
    return {
        name: _read_argument(job, job.node.step.arguments[name], given)
        for name, given in job.inputs.items()
    }


def _read_argument(job: StepJob, argument: Argument, given: StepInput) -> Any:
    try:
        if argument.artifact_type is not None:
            return _as_artifact(given, job.store)
        return _read(given, argument.annotation, job.store)
    except WhenceError as error:
        fault = error.describe()
        raise InputNotReadError(
            argument=argument.name,
            step=job.node.name,
            reason=fault["what"] or "",
            cure=fault["fix"] or "",
        ) from error


def _as_artifact(given: StepInput, store: ArtifactStore) -> Any:
    if isinstance(given, ProducedInput):
        return _artifact_of(given, store)
    if isinstance(given, StoredInput):
        return given.artifact
    if isinstance(given, MissingInput):
        return None
    return rebuild(given.kind, {key: _as_artifact(item, store) for key, item in given.items})


def _artifact_of(given: ProducedInput, store: ArtifactStore) -> Artifact:
    source = StoredContentSource(given.content, given.output.format, store)
    return given.output.artifact_type.from_source(source)


def _read(given: StepInput, annotation: Any, store: ArtifactStore) -> Any:
    if isinstance(given, MissingInput):
        return None
    if artifact_class(annotation) is not None:  # an item that is to stay an artifact
        return _as_artifact(given, store)
    if isinstance(given, CollectedInput):
        types = item_types(annotation, given.kind, [key for key, _ in given.items]) or []
        values: Mapping[Any, Any] = {
            key: _read(item, wanted, store)
            for (key, item), wanted in zip(given.items, types, strict=True)
        }
        return rebuild(given.kind, values)
    if isinstance(given, StoredInput):
        return given.artifact.read(_named_type(given.annotation))
    return _read_produced(given, annotation, store)


def _named_type(annotation: Any) -> Any:
    """Return the type to read as; None where the annotation names none."""
    bare = unwrap(annotation)
    return None if bare is Any or bare is object else annotation


def _read_produced(given: ProducedInput, annotation: Any, store: ArtifactStore) -> Any:
    as_written = not needs_view(given.output, annotation)
    if as_written and given.value is not ABSENT:
        return given.value
    artifact = _artifact_of(given, store)
    materializer = given.output.materializer
    if materializer is None or is_path_type(annotation):
        return artifact.read(annotation)
    wanted = given.output.annotation if as_written else annotation
    return materializer.read(artifact, unwrap(wanted))
