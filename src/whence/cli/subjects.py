"""What is tagged or noted: a run, an artifact, a model or a version of one, as it is called."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from whence.cli.run_keys import find_meant_run
from whence.domain.annotations import AnnotationRecord
from whence.domain.ids import short_id
from whence.errors import RecordNotFoundError
from whence.history.models.lists import list_models
from whence.history.models.versions import find_model
from whence.history.references.find import find_artifact_result, open_result
from whence.stacks.current import open_stack


class Subject(Protocol):
    """Something that has tags and notes."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that hold."""
        ...

    @property
    def notes(self) -> Sequence[AnnotationRecord]:
        """What was noted, oldest first."""
        ...

    def tag(self, *tags: str, who: str | None = None) -> None:
        """Give it tags."""
        ...

    def untag(self, *tags: str, who: str | None = None) -> None:
        """Take tags away."""
        ...

    def note(self, text: str, *, who: str | None = None) -> None:
        """Add a note."""
        ...


def find_subject(key: str) -> tuple[str, Subject]:
    """Return what *key* names, and how to call it.

    It is a run, as every command takes one; else an artifact by the end of its id, or as
    PIPELINE/OUTPUT; else a model, or a version of one as MODEL@VERSION. Raises
    `RecordNotFoundError`, which says what runs there are, and `AmbiguousNameError`.
    """
    if "/" in key:
        return _find_artifact(key)
    if "@" in key:
        return _find_version(key)
    try:
        return _find_run(key)
    except RecordNotFoundError:
        for find in (_find_artifact, _find_model):
            with suppress(RecordNotFoundError):
                return find(key)
        raise


def _find_run(key: str) -> tuple[str, Subject]:
    run = find_meant_run(key)
    return f"run {short_id(run.id)} of {run.pipeline}", run


def _find_artifact(key: str) -> tuple[str, Subject]:
    stack = open_stack()
    found = find_artifact_result(stack, key)
    return f"artifact {short_id(found.artifact.id)}, {found.artifact.name}", open_result(
        stack, found
    )


def _find_version(key: str) -> tuple[str, Subject]:
    version = find_model(key)
    return f"model {version.title}", version


def _find_model(key: str) -> tuple[str, Subject]:
    known = list_models()
    if key not in known:
        raise RecordNotFoundError(kind="model", name=key)
    return f"model {key}", known[key]
