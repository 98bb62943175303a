"""Reads what a step gives: its outputs, and how each of them is stored."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from whence.authoring.annotations import bad_annotation, check_type, metadata_of
from whence.authoring.faults import Faults
from whence.authoring.markers import InputMark, OutputMark
from whence.authoring.places import definition_place
from whence.domain.artifacts import Artifact, DataArtifact
from whence.domain.frozen import frozen
from whence.domain.metrics import Metric
from whence.errors import (
    DuplicateOutputError,
    MaterializerNotFoundError,
    UnresolvedAnnotationError,
)
from whence.graph.interface import (
    Argument,
    OutputSpec,
    ReturnForm,
    StepOptions,
    artifact_class,
)
from whence.interfaces.materializer import Materializer
from whence.registry.materializers import is_materializer, materializer_for, remember
from whence.values.type_forms import is_named_tuple

DEFAULT_OUTPUT = "result"


@frozen
class OutputReader:
    """Reads the outputs of one function; what is wrong with them goes to `faults`."""

    fn: Callable[..., Any]
    options: StepOptions
    local_names: Mapping[str, Any]
    faults: Faults

    def read_handed_in(self, arguments: Iterable[Argument]) -> list[OutputSpec]:
        """Return the outputs that the step is handed as arguments."""
        found: list[OutputSpec] = []
        for argument in arguments:
            with self.faults.caught():
                metadata = metadata_of(argument.annotation)
                found.append(
                    OutputSpec(
                        name=argument.name,
                        artifact_type=argument.artifact_type or DataArtifact,
                        materializer=self._named_materializer(argument.name, metadata),
                        model_name=next((each for each in metadata if isinstance(each, str)), None),
                        handed_in=True,
                    )
                )
        return found

    def read_returned(self, annotation: Any) -> tuple[ReturnForm, list[OutputSpec]]:
        """Return the form of the return value, and the outputs that it holds."""
        if annotation is None or annotation is type(None):
            return ReturnForm.NOTHING, []
        with self.faults.caught():
            if is_named_tuple(annotation):
                return ReturnForm.SEVERAL, self._read_each(self._fields_of(annotation))
            if names := _named_elements(annotation):
                elements = zip(names, get_args(annotation), strict=True)
                return ReturnForm.SEVERAL, self._read_each(elements)
            named = (mark for mark in metadata_of(annotation) if isinstance(mark, str))
            only = (next(named, DEFAULT_OUTPUT), annotation)
            return ReturnForm.SINGLE, self._read_each([only])
        return ReturnForm.NOTHING, []

    def by_name(self, outputs: Iterable[OutputSpec]) -> dict[str, OutputSpec]:
        """Return the outputs by name; two of one name are a fault."""
        by_name: dict[str, OutputSpec] = {}
        for output in outputs:
            if output.name in by_name:
                where, name = definition_place(self.fn), self.fn.__name__
                fault = DuplicateOutputError(where=where, name=name, output=output.name)
                self.faults.found.append(fault)
            by_name[output.name] = output
        return by_name

    def _fields_of(self, named_tuple: Any) -> list[tuple[str, Any]]:
        try:
            hints = get_type_hints(named_tuple, localns=dict(self.local_names), include_extras=True)
        except NameError as error:
            raise UnresolvedAnnotationError(
                where=definition_place(self.fn),
                annotation=named_tuple.__name__,
                argument="return",
                name=self.fn.__name__,
                reason=f"{type(error).__name__}: {error}",
            ) from error
        return [(name, hints.get(name, Any)) for name in named_tuple._fields]

    def _read_each(self, named: Iterable[tuple[str, Any]]) -> list[OutputSpec]:
        found: list[OutputSpec] = []
        for name, annotation in named:
            with self.faults.caught():
                found.append(self._read(name, annotation))
        return found

    def _read(self, name: str, annotation: Any) -> OutputSpec:
        self._check(name, annotation)
        metadata = metadata_of(annotation)
        texts = [each for each in metadata if isinstance(each, str)]
        materializer = self._named_materializer(name, metadata)
        if materializer is None:
            materializer = self._registered_materializer(name, annotation)
        return OutputSpec(
            name=name,
            artifact_type=_named_artifact_type(metadata) or materializer.artifact_type,
            annotation=annotation,
            materializer=materializer,
            metric=next((each for each in metadata if isinstance(each, Metric)), None),
            model_name=self.options.register or next(iter(texts), None),
        )

    def _check(self, name: str, annotation: Any) -> None:
        check_type(self.fn, "return", annotation)
        if not name.isidentifier() or name.startswith("_"):
            reason = f"{name!r} cannot name an output."
            raise bad_annotation(self.fn, "return", reason, "Use a name such as 'model' or 'rmse'.")
        marked = any(isinstance(mark, (InputMark, OutputMark)) for mark in metadata_of(annotation))
        if marked or artifact_class(annotation) is not None:
            reason = "A step returns values, not artifacts."
            cure = "Return the value itself, or take an argument `Output[...]` and write to it."
            raise bad_annotation(self.fn, "return", reason, cure)

    def _registered_materializer(self, name: str, annotation: Any) -> Materializer:
        try:
            return materializer_for(annotation)
        except MaterializerNotFoundError as error:
            place = definition_place(self.fn)
            error.where = f"output '{name}' of step '{self.fn.__name__}' ({place})"
            raise

    def _named_materializer(self, name: str, metadata: tuple[Any, ...]) -> Materializer | None:
        named = [each for each in metadata if is_materializer(each)]
        if len(named) > 1:
            raise bad_annotation(self.fn, name, "It names two materializers.", "Keep one of them.")
        if not named:
            return None
        materializer = _instance(named[0])
        remember(materializer)
        return materializer


def _named_elements(annotation: Any) -> list[str]:
    """Return the outputs' names where the annotation is a tuple whose elements are all named."""
    if get_origin(annotation) is not tuple:
        return []
    names = [next(_names_in(element), "") for element in get_args(annotation)]
    return names if names and all(names) else []


def _names_in(annotation: Any) -> Iterator[str]:
    """Yield the names that an element of a tuple has: its own, else that of its metric."""
    for mark in metadata_of(annotation):
        if isinstance(mark, str):
            yield mark
        elif isinstance(mark, Metric):
            yield mark.name


def _instance(named: Any) -> Materializer:
    return named() if isinstance(named, type) else named


def _named_artifact_type(metadata: tuple[Any, ...]) -> type[Artifact] | None:
    named = (each for each in metadata if inspect.isclass(each) and issubclass(each, Artifact))
    return next(named, None)
