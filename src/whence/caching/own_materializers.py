"""Which materializers of the user's own a step runs with: their code is part of its own."""

from collections.abc import Collection, Iterator
from typing import Any, get_args

from whence.errors import (
    MaterializerNotFoundError,
    MissingPackageError,
    UnknownFormatError,
    UnresolvedAnnotationError,
)
from whence.graph.interface import StepSpec
from whence.interfaces.materializer import Materializer
from whence.registry.materializers import materializer_for, materializer_for_format
from whence.values.class_parts import field_types, has_fields
from whence.values.type_forms import runtime_class, unwrap


def find_own_materializers(step: StepSpec) -> list[Materializer]:
    """Return what stores a step's outputs and, by their types, reads its inputs."""
    return _own_of(_find_all(step))


def find_own_readers(formats: Collection[str | None]) -> list[Materializer]:
    """Return what reads inputs that are stored in *formats*."""
    return _own_of(_find_readers(formats))


def _own_of(materializers: Iterator[Materializer]) -> list[Materializer]:
    """Return each once, without Whence's own: those count by their formats."""
    found = {id(each): each for each in materializers}
    return [each for each in found.values() if type(each).__module__.partition(".")[0] != "whence"]


def _find_readers(formats: Collection[str | None]) -> Iterator[Materializer]:
    for name in dict.fromkeys(formats):
        if name is not None:
            try:
                yield materializer_for_format(name)
            except (UnknownFormatError, MissingPackageError):
                continue  # the step fails by it, if it reads that input at all


def _find_all(step: StepSpec) -> Iterator[Materializer]:
    for output in step.outputs.values():
        if output.materializer is not None:
            yield output.materializer
        yield from _materializers_of(output.annotation)
    for argument in step.arguments.values():
        yield from _materializers_of(argument.annotation)


def _materializers_of(annotation: Any) -> Iterator[Materializer]:
    """Yield what stores a type, and the types that it is made of."""
    types, seen = [annotation], list[Any]()
    while types:
        bare = unwrap(types.pop())
        if bare is None or bare in seen:
            continue
        seen.append(bare)
        try:
            yield materializer_for(bare)
        except (MaterializerNotFoundError, MissingPackageError):
            continue
        types += _types_in(bare)


def _types_in(bare: Any) -> list[Any]:
    cls = runtime_class(bare)
    if cls is None or not has_fields(cls):
        return list(get_args(bare))
    try:
        return [*get_args(bare), *field_types(bare).values()]
    except UnresolvedAnnotationError:
        return list(get_args(bare))
