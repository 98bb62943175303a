"""Reads a step's interface from its function: what it takes; `step_outputs` reads what it gives."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from whence.authoring.annotations import (
    bad_annotation,
    check_type,
    metadata_of,
    resolve_annotations,
)
from whence.authoring.faults import Faults
from whence.authoring.markers import InputMark, OutputMark, SlotAnnotation
from whence.authoring.places import calling_place, definition_place
from whence.authoring.step_outputs import OutputReader
from whence.errors import InvalidStepError, MissingAnnotationError, UnsupportedArgumentError
from whence.graph.interface import (
    MISSING,
    Argument,
    ArgumentKind,
    StepOptions,
    StepSpec,
    artifact_class,
)
from whence.values.type_forms import is_named_tuple

_FORMS = {
    inspect.Parameter.VAR_POSITIONAL: "a variable number of positional arguments",
    inspect.Parameter.VAR_KEYWORD: "a variable number of keyword arguments",
    inspect.Parameter.POSITIONAL_ONLY: "positional-only",
}


def read_step(
    fn: Callable[..., Any], options: StepOptions, local_names: Mapping[str, Any]
) -> StepSpec:
    """Return the interface of *fn*. Raises a `DefinitionError` for what cannot be a step."""
    check_function(fn, "step")
    faults = Faults()
    annotations = resolve_annotations(fn, local_names, faults)
    arguments: dict[str, Argument] = {}
    for parameter in check_parameters(fn, "Step", annotations, faults):
        with faults.caught():
            arguments[parameter.name] = _read_argument(fn, parameter, annotations[parameter.name])
    reader = OutputReader(fn, options, local_names, faults)
    handed_in = reader.read_handed_in(
        each for each in arguments.values() if each.kind is ArgumentKind.OUTPUT
    )
    returns = annotations.get("return")
    form, returned = reader.read_returned(returns)
    outputs = reader.by_name([*returned, *handed_in])
    place = definition_place(fn)
    faults.raise_found(f"Step '{fn.__name__}'", place)
    named_tuple = returns if is_named_tuple(returns) else None
    return StepSpec(fn.__name__, fn, arguments, outputs, form, place, options, named_tuple)


def check_function(fn: object, kind: str) -> None:
    """Raise `InvalidStepError` for what is not an ordinary function."""
    found = _why_unfit(fn, kind)
    if found is not None:
        reason, cure = found
        name = repr(getattr(fn, "__name__", None) or fn)
        raise InvalidStepError(
            where=definition_place(fn) or calling_place(),
            name=name,
            kind=kind,
            reason=reason,
            cure=cure,
        )


def _why_unfit(fn: object, kind: str) -> tuple[str, str] | None:
    if hasattr(fn, "_whence_definition"):
        return "It is decorated already.", "Keep one decorator."
    if not inspect.isfunction(fn):
        form = "a class" if inspect.isclass(fn) else "not a function defined with `def`"
        return f"It is {form}.", "Decorate a function that makes and uses it."
    if fn.__name__ == "<lambda>":
        return "A lambda has no name and no annotations.", "Define it with `def`."
    if inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn):
        return "It is a generator.", "Return a list, or write to an `Output`."
    if kind == "pipeline" and inspect.iscoroutinefunction(fn):
        return "It is an `async def` function.", "Define it with `def`: it only connects steps."
    return None


def check_parameters(
    fn: Callable[..., Any], kind: str, annotations: Mapping[str, Any], faults: Faults
) -> list[inspect.Parameter]:
    """Return the parameters that can be read; those without a name or annotation are faults."""
    usable: list[inspect.Parameter] = []
    for parameter in inspect.signature(fn).parameters.values():
        where, argument, name = definition_place(fn), parameter.name, fn.__name__
        if parameter.kind in _FORMS:
            form = _FORMS[parameter.kind]
            faults.found.append(
                UnsupportedArgumentError(
                    where=where, argument=argument, name=name, kind=kind, form=form
                )
            )
        elif parameter.annotation is inspect.Parameter.empty:
            faults.found.append(
                MissingAnnotationError(where=where, argument=argument, name=name, kind=kind.lower())
            )
        elif parameter.name in annotations:
            usable.append(parameter)
    return usable


def _read_argument(
    fn: Callable[..., Any], parameter: inspect.Parameter, annotation: Any
) -> Argument:
    if isinstance(annotation, SlotAnnotation):
        reason = "A slot belongs to a pipeline."
        raise bad_annotation(fn, parameter.name, reason, "Take a value or an artifact.")
    check_type(fn, parameter.name, annotation)
    marks = [mark for mark in metadata_of(annotation) if isinstance(mark, (InputMark, OutputMark))]
    if len(marks) > 1:
        raise bad_annotation(fn, parameter.name, "It is marked more than once.", "Keep one mark.")
    if not marks:
        default = MISSING if parameter.default is inspect.Parameter.empty else parameter.default
        return _argument(parameter, annotation, ArgumentKind.PLAIN, default)
    if isinstance(marks[0], OutputMark):
        return _output_argument(fn, parameter, annotation)
    if parameter.default is not inspect.Parameter.empty:
        reason = "An `Input` must be connected, so it has no default."
        cure = "Leave the default out, or drop `Input[...]`."
        raise bad_annotation(fn, parameter.name, reason, cure)
    return _argument(parameter, annotation, ArgumentKind.INPUT)


def _output_argument(
    fn: Callable[..., Any], parameter: inspect.Parameter, annotation: Any
) -> Argument:
    if artifact_class(annotation) is None:
        reason = "`Output[...]` names a type of artifact."
        cure = "Write `Output[DataArtifact]` or `Output[ModelArtifact]`, or return the value."
        raise bad_annotation(fn, parameter.name, reason, cure)
    if parameter.default is not inspect.Parameter.empty:
        reason = "Whence hands in an `Output`, so it has no default."
        raise bad_annotation(fn, parameter.name, reason, "Leave the default out.")
    return _argument(parameter, annotation, ArgumentKind.OUTPUT)


def _argument(
    parameter: inspect.Parameter, annotation: Any, kind: ArgumentKind, default: Any = MISSING
) -> Argument:
    return Argument(parameter.name, annotation, kind, default, artifact_class(annotation))
