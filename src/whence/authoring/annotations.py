"""Resolves the annotations of a function, however they are written, and takes them apart."""

import builtins
import contextlib
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from whence.authoring.faults import Faults
from whence.authoring.markers import InputMark, OutputMark, SlotAnnotation
from whence.authoring.places import definition_place, find_user_frame
from whence.errors import DefinitionError, InvalidAnnotationError, UnresolvedAnnotationError
from whence.values.type_forms import replace_forward_references, unwrap
from whence.values.validation import describe_value


def resolve_annotations(
    fn: Callable[..., Any], local_names: Mapping[str, Any], faults: Faults
) -> dict[str, Any]:
    """Return the annotations of *fn* as objects; those that name nothing go to *faults*.

    Works with and without `from __future__ import annotations`; *local_names* are those around a
    function that is defined inside another.
    """
    resolved: dict[str, Any] = {}
    for name, annotation in inspect.get_annotations(fn).items():
        with faults.caught():
            resolved[name] = _resolve(fn, name, annotation, local_names)
    return resolved


def names_around_caller() -> dict[str, Any]:
    """Return the local names where a decorator is used, if that is inside a function."""
    frame = find_user_frame()
    if frame is None or frame.f_locals is frame.f_globals:
        return {}
    return dict(frame.f_locals)


def _resolve(
    fn: Callable[..., Any], argument: str, annotation: Any, local_names: Mapping[str, Any]
) -> Any:
    def evaluate(text: str) -> Any:
        try:
            return eval(text, *_scope(fn, local_names))  # noqa: S307  # the author's own annotation
        except Exception as error:
            raise UnresolvedAnnotationError(
                where=definition_place(fn),
                annotation=text,
                argument=argument,
                name=fn.__name__,
                reason=f"{type(error).__name__}: {error}",
            ) from error

    return replace_forward_references(annotation, evaluate)


def _scope(
    fn: Callable[..., Any], local_names: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    globals_ = {"__builtins__": builtins, **getattr(fn, "__globals__", {})}
    return globals_, {**local_names, **dict(_closure_of(fn))}


def _closure_of(fn: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    code, cells = getattr(fn, "__code__", None), getattr(fn, "__closure__", None) or ()
    for name, cell in zip(code.co_freevars if code is not None else (), cells, strict=False):
        with contextlib.suppress(ValueError):  # not set yet, as the function's own name
            yield name, cell.cell_contents


_NO_TYPES = (
    *(bool, int, float, bytes, list, tuple, dict, set),
    *(types.ModuleType, types.FunctionType, types.BuiltinFunctionType),
)


def metadata_of(annotation: Any) -> tuple[Any, ...]:
    """Return what `Annotated` adds to a type; nothing for any other type."""
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def check_type(fn: Callable[..., Any], argument: str, annotation: Any) -> None:
    """Raise `InvalidAnnotationError` for an annotation that is no type, or hides a mark."""
    bare = unwrap(annotation)
    if hasattr(bare, "_whence_definition"):
        cure = f"Write `Step[{bare.__name__}]` in a pipeline; a step takes values and artifacts."
        raise bad_annotation(fn, argument, f"'{bare.__name__}' is a step, not a type.", cure)
    if isinstance(bare, _NO_TYPES):
        reason = f"{describe_value(bare)} is not a type."
        raise bad_annotation(fn, argument, reason, "Write a type, such as `int` or `list[str]`.")
    if any(isinstance(mark, (InputMark, OutputMark, SlotAnnotation)) for mark in _inner(bare)):
        reason = "`Input`, `Output` and `Step` go around the whole type."
        raise bad_annotation(fn, argument, reason, "Write `Input[list[T]]`, not `list[Input[T]]`.")


def bad_annotation(
    fn: Callable[..., Any], argument: str, reason: str, cure: str
) -> DefinitionError:
    """Return the fault of one annotation of a function."""
    subject = f"The annotation of '{argument}' in '{fn.__name__}'"
    if argument == "return":
        subject = f"The return annotation of '{fn.__name__}'"
    return InvalidAnnotationError(
        where=definition_place(fn), subject=subject, reason=reason, cure=cure
    )


def _inner(annotation: Any) -> Iterator[Any]:
    """Yield the marks that lie inside of a type, at any depth."""
    for part in get_args(annotation):
        if isinstance(part, SlotAnnotation):
            yield part
        yield from metadata_of(part)
        yield from _inner(unwrap(part) if get_origin(part) is Annotated else part)
