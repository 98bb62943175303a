"""Turns what a step gave into contents of the artifact store."""

import copy
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from whence.domain.artifacts import Artifact
from whence.domain.contents import INLINE_BYTES, Content, make_inline_content
from whence.engine.step_job import ABSENT, StepJob, StoredOutput
from whence.errors import (
    InvalidOutputFilesError,
    MaterializerNotFoundError,
    OutputNotStoredError,
    OutputNotWrittenError,
    StepFailedError,
    StoreError,
    UnexpectedReturnError,
    WhenceError,
    WrongReturnError,
)
from whence.graph.interface import OutputSpec, ReturnForm
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.materializer import Materializer, SingleFileMaterializer
from whence.registry.materializers import materializer_for
from whence.values.type_forms import runtime_class, type_name, union_members
from whence.values.validation import InvalidValueError, check_value, describe_value, unbox_scalar

_IMMUTABLE = frozenset(
    {int, float, complex, bool, str, bytes, type(None), date, time, timedelta, Decimal, UUID}
)


class OutputFolders:
    """The private folders that a step's `Output` arguments are written to."""

    def __init__(self, job: StepJob) -> None:
        self._store = job.store
        self._place = job.node.step.place
        self._folders: dict[str, Path] = {}
        self._outputs = [each for each in job.node.step.outputs.values() if each.handed_in]
        for output in self._outputs:
            self._folders[output.name] = job.store.open_staging()

    def arguments(self) -> dict[str, Artifact]:
        """Return the artifacts that the step's function receives."""
        return {each.name: each.artifact_type(self._folders[each.name]) for each in self._outputs}

    def commit(self, step: str) -> Iterator[StoredOutput]:
        """Move what was written to the store. Raises `OutputNotWrittenError`."""
        for output in self._outputs:
            folder = self._folders[output.name]
            if not folder.is_dir() or not any(_is_written(each) for each in folder.rglob("*")):
                raise OutputNotWrittenError(where=self._place, step=step, output=output.name)
        for output in self._outputs:
            content = _commit(self._store, self._folders.pop(output.name), step, output.name)
            yield StoredOutput(output, content)

    def discard(self) -> None:
        """Drop what was not committed."""
        for folder in self._folders.values():
            self._store.discard(folder)


def _is_written(path: Path) -> bool:
    """Return whether something lies there: a file, or what the store will refuse by its name."""
    return path.is_symlink() or not path.is_dir()


def split_returned(job: StepJob, returned: Any) -> dict[str, Any]:
    """Return the value of each returned output.

    Raises `WrongReturnError` or `UnexpectedReturnError`, which carry what was returned.
    """
    step = job.node.step
    outputs = [output for output in step.outputs.values() if not output.handed_in]
    if step.return_form is ReturnForm.NOTHING:
        if returned is not None:
            error = UnexpectedReturnError(
                where=step.place, step=job.node.name, value=describe_value(returned)
            )
            raise _carrying(error, returned)
        return {}
    if step.return_form is ReturnForm.SINGLE:
        return {outputs[0].name: _check(job, outputs[0], returned, returned)}
    if not isinstance(returned, tuple) or len(returned) != len(outputs):  # pyright: ignore[reportUnknownArgumentType]  # of unknown items
        wanted = f"a tuple of {len(outputs)}: {', '.join(str(each) for each in outputs)}"
        raise _wrong(
            job, returned, returned, wanted, "It does not have one element for each output."
        )
    return {
        output.name: _check(job, output, value, returned)
        for output, value in zip(outputs, returned, strict=True)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # as above
    }


def store_values(job: StepJob, values: Mapping[str, Any]) -> Iterator[StoredOutput]:
    """Store each returned value by its output's materializer. Raises `OutputNotStoredError`."""
    for name, value in values.items():
        output = job.node.step.outputs[name]
        if (
            output.materializer is None
        ):  # a returned output always has one; kept for the type checker
            continue
        content = _store(job, output.materializer, name, value)
        yield StoredOutput(output, content, value if is_immutable(value) else ABSENT)


def store_extras(job: StepJob, values: Mapping[str, Any]) -> Iterator[StoredOutput]:
    """Store what the step kept by `log_artifact`, by the materializer of each value's type."""
    for name, value in values.items():
        try:
            materializer = materializer_for(type(value))
        except MaterializerNotFoundError as error:
            raise _not_stored(job, name, value, error) from error
        output = OutputSpec(name, materializer.artifact_type, type(value), materializer)
        yield StoredOutput(output, _store(job, materializer, name, value))


def store_value(store: ArtifactStore, materializer: Materializer, value: Any) -> Content:
    """Write *value* and return its content; small ones that are one file stay in memory."""
    if isinstance(materializer, SingleFileMaterializer):
        data = materializer.encode(value)
        if len(data) <= INLINE_BYTES:
            return make_inline_content({materializer.file_name: data})
    folder = store.open_staging()
    try:
        materializer.write(value, materializer.artifact_type(folder))
        return store.commit(folder)
    except BaseException:
        store.discard(folder)
        raise


def is_immutable(value: Any) -> bool:
    """Return whether a value can be handed on as it is, since nobody can change it."""
    return type(value) in _IMMUTABLE or isinstance(value, (Enum, PurePath))


def own_copies(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each parameter so that the step may change it: nobody else gets the same object."""
    for name, value in parameters.items():
        yield name, value if is_immutable(value) else copy.deepcopy(value)


def _store(job: StepJob, materializer: Materializer, name: str, value: Any) -> Content:
    try:
        return store_value(job.store, materializer, value)
    except StoreError:
        raise
    except Exception as error:
        raise _not_stored(job, name, value, error) from error


def _not_stored(job: StepJob, name: str, value: Any, error: Exception) -> StepFailedError:
    reason, cure = f"{type(error).__name__}: {error}", ""
    if isinstance(error, WhenceError):
        said = error.describe()
        reason = " ".join(filter(None, [said["what"], said["why"]]))
        cure = said["fix"] or ""
    failure = OutputNotStoredError(
        where=job.node.step.place,
        step=job.node.name,
        output=name,
        reason=reason,
        cure=cure or _cure_for(error),
    )
    return _carrying(failure, value)


def _cure_for(error: Exception) -> str:
    if isinstance(error, OSError):
        return "Check the disk and its space."
    return "Name another materializer: `Annotated[T, SomeMaterializer()]`."


def _commit(store: ArtifactStore, folder: Path, step: str, name: str) -> Content:
    try:
        return store.commit(folder)
    except InvalidOutputFilesError as error:
        raise InvalidOutputFilesError(
            where=error.where, **{**error.facts, "step": step, "output": name}
        ) from None


def _check(job: StepJob, output: OutputSpec, value: Any, returned: Any) -> Any:
    plain = _without_numpy(output, value)
    try:
        check_value(plain, output.annotation)
    except InvalidValueError as error:
        raise _wrong(job, returned, value, type_name(output.annotation), error.reason) from None
    return plain


def _without_numpy(output: OutputSpec, value: Any) -> Any:
    """Return a NumPy scalar as its Python kin, unless the output is declared to be NumPy's."""
    declared = [runtime_class(member) for member in union_members(output.annotation)]
    if any(cls.__module__ == "numpy" and isinstance(value, cls) for cls in declared if cls):
        return value
    return unbox_scalar(value)


def _wrong(job: StepJob, returned: Any, value: Any, wanted: str, reason: str) -> StepFailedError:
    error = WrongReturnError(
        where=job.node.step.place,
        step=job.node.name,
        value=describe_value(value),
        wanted=wanted,
        reason=reason,
    )
    return _carrying(error, returned)


def _carrying(error: StepFailedError, value: Any) -> StepFailedError:
    error.value = value
    return error
