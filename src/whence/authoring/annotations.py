"""Resolves the annotations of a function, however they are written."""

import builtins
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from whence.authoring.places import definition_place, find_user_frame
from whence.errors import UnresolvedAnnotationError
from whence.values.type_forms import replace_forward_references


def resolve_annotations(fn: Callable[..., Any], local_names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the annotations of *fn* as objects.

    Works with and without `from __future__ import annotations`; *local_names* are those around a
    function that is defined inside another. Raises `UnresolvedAnnotationError`.
    """
    return {
        name: _resolve(fn, name, annotation, local_names)
        for name, annotation in inspect.get_annotations(fn).items()
    }


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
    closure = inspect.getclosurevars(fn).nonlocals if getattr(fn, "__closure__", None) else {}
    globals_ = {"__builtins__": builtins, **getattr(fn, "__globals__", {})}
    return globals_, {**local_names, **closure}
