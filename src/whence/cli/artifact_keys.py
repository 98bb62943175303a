"""Which artifacts are meant: the end of an id, `RUN.STEP.OUTPUT`, `RUN STEP.OUTPUT` and the like.

One place reads them all, so that every command takes the same words.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from whence.cli.run_keys import find_meant_run, is_relative
from whence.domain.artifacts import Artifact
from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, RunId, short_id
from whence.errors import RecordNotFoundError
from whence.history.references.find import find_result
from whence.history.runs import Run
from whence.stacks.current import open_stack

_FORMS = (
    "Name an artifact by the end of its id, or as RUN.STEP.OUTPUT, RUN.OUTPUT, PIPELINE/OUTPUT "
    "or MODEL@VERSION; or a run."
)


@frozen
class MeantArtifacts:
    """Artifacts that a few words name, and the run through which they are looked at."""

    ids: tuple[ArtifactId, ...]
    run_id: RunId | None


def find_meant_artifacts(key: str, member: str | None = None) -> MeantArtifacts:
    """Return what *key* names, or what *member*, an output, is in the run that it names.

    Raises `RecordNotFoundError` and `AmbiguousNameError`.
    """
    if member is None and ("/" in key or "@" in key):
        return _find_elsewhere(key)
    if member is not None or is_relative(key):
        return _take(find_meant_run(key), member)
    run = _find_run(key)
    if run is not None:
        return _take(run, None)
    found = _find_in_run(key)
    if found is not None:
        return found
    with suppress(RecordNotFoundError):
        return _find_elsewhere(key)
    raise RecordNotFoundError(kind="artifact", name=key, suggestion=_FORMS)


def _find_run(key: str) -> Run[Any] | None:
    try:
        return find_meant_run(key)
    except RecordNotFoundError:
        return None


def _find_in_run(key: str) -> MeantArtifacts | None:
    """Read `RUN.STEP.OUTPUT`; the name of a run may hold dots too."""
    parts = key.split(".")
    for length in range(len(parts) - 1, 0, -1):
        run = _find_run(".".join(parts[:length]))
        if run is not None:
            return _take(run, ".".join(parts[length:]))
    return None


def _find_elsewhere(key: str) -> MeantArtifacts:
    """Read `PIPELINE/OUTPUT`, `MODEL@VERSION`, `MODEL` and the end of an artifact's id."""
    found = find_result(open_stack(), key)
    return MeantArtifacts((found.artifact.id,), found.met_in)


def _take(run: Run[Any], member: str | None) -> MeantArtifacts:
    found = _list_outputs(run) if member is None else [_find_member(run, member)]
    ids = tuple(ArtifactId(str(each.source.fact("id"))) for each in found)
    if not ids:
        name = short_id(run.id)
        raise RecordNotFoundError(kind="artifact of run", name=name, reason="It has made none.")
    return MeantArtifacts(ids, run.id)


def _list_outputs(run: Run[Any]) -> list[Artifact]:
    """Return what the body returned; of a run without that, all that its steps made."""
    returned = [each for name in run.outputs for each in _artifacts_in(run.outputs[name])]
    if returned:
        return returned
    return [step.outputs[name] for step in _steps_of(run) for name in step.outputs]


def _steps_of(run: Run[Any]) -> Iterator[Any]:
    return (run.steps[node] for node in run.steps)


def _artifacts_in(value: Any) -> Iterator[Artifact]:
    if isinstance(value, Artifact):
        yield value
    elif isinstance(value, dict):
        for each in value.values():  # pyright: ignore[reportUnknownVariableType]  # of artifacts, by any key
            yield from _artifacts_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:  # pyright: ignore[reportUnknownVariableType]  # as above
            yield from _artifacts_in(each)


def _find_member(run: Run[Any], member: str) -> Artifact:
    """Return `STEP.OUTPUT`, an output of the run itself, or the only output of `STEP`."""
    if member in run.outputs:
        return _only(list(_artifacts_in(run.outputs[member])), run, member)
    node, _, output = member.rpartition(".")
    if node in run.steps:
        step = run.steps[node]
        return step.outputs[output] if output in step.outputs else step.artifacts[output]
    step = run.steps[member]
    return _only([step.outputs[name] for name in step.outputs], run, member)


def _only(found: list[Artifact], run: Run[Any], member: str) -> Artifact:
    if len(found) == 1:
        return found[0]
    raise RecordNotFoundError(
        kind="single artifact",
        name=f"{short_id(run.id)}.{member}",
        reason=f"It has {len(found)}.",
        suggestion="Name one of them: RUN.STEP.OUTPUT.",
    )
