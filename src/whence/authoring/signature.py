"""Reads a step's interface from its function: arguments, outputs, and how each output is stored."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from whence.authoring.annotations import resolve_annotations
from whence.authoring.markers import InputMark, OutputMark, SlotAnnotation
from whence.authoring.places import definition_place
from whence.domain.artifacts import Artifact, DataArtifact
from whence.domain.metrics import Metric
from whence.errors import (
    DefinitionError,
    DuplicateOutputError,
    InvalidAnnotationError,
    InvalidStepError,
    MaterializerNotFoundError,
    MissingAnnotationError,
    UnsupportedArgumentError,
)
from whence.graph.interface import (
    MISSING,
    Argument,
    ArgumentKind,
    OutputSpec,
    ReturnForm,
    StepOptions,
    StepSpec,
)
from whence.interfaces.materializer import Materializer
from whence.registry.materializers import is_materializer, materializer_for, remember
from whence.values.type_forms import is_named_tuple, runtime_class

DEFAULT_OUTPUT = "result"
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
    annotations = resolve_annotations(fn, local_names)
    arguments = {
        parameter.name: _read_argument(fn, parameter, annotations)
        for parameter in check_parameters(fn, "Step")
    }
    handed_in = [
        _read_handed_in(fn, argument, annotations[argument.name])
        for argument in arguments.values()
        if argument.kind is ArgumentKind.OUTPUT
    ]
    form, returned = _read_returned(fn, annotations.get("return"), options)
    outputs = _by_name(fn, [*returned, *handed_in])
    return StepSpec(fn.__name__, fn, arguments, outputs, form, definition_place(fn), options)


def check_function(fn: object, kind: str) -> None:
    """Raise `InvalidStepError` for what is not an ordinary function."""
    reason = None
    if inspect.isclass(fn):
        reason, cure = "It is a class.", "Decorate a function that makes and uses it."
    elif not inspect.isfunction(fn):
        reason, cure = "It is not a function defined with `def`.", "Wrap it in a function."
    elif inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn):
        reason, cure = "It is a generator.", "Return a list, or write to an `Output`."
    elif inspect.iscoroutinefunction(fn):
        reason, cure = (
            "It is an `async def` function.",
            "Define it with `def`, and use `asyncio.run` inside.",
        )
    if reason is not None:
        name = getattr(fn, "__name__", repr(fn))
        raise InvalidStepError(subject=f"'{name}', used as a {kind},", reason=reason, cure=cure)


def check_parameters(fn: Callable[..., Any], kind: str) -> list[inspect.Parameter]:
    """Return the parameters of a function; raise for those without a name or annotation."""
    parameters = list(inspect.signature(fn).parameters.values())
    for parameter in parameters:
        facts = {"argument": parameter.name, "name": fn.__name__, "kind": kind}
        if parameter.kind in _FORMS:
            raise UnsupportedArgumentError(
                where=definition_place(fn), **facts, form=_FORMS[parameter.kind]
            )
        if parameter.annotation is inspect.Parameter.empty:
            facts["kind"] = kind.lower()
            raise MissingAnnotationError(where=definition_place(fn), **facts)
    return parameters


def _read_argument(
    fn: Callable[..., Any], parameter: inspect.Parameter, annotations: Mapping[str, Any]
) -> Argument:
    annotation = annotations[parameter.name]
    if isinstance(annotation, SlotAnnotation):
        raise _bad_annotation(
            fn, parameter.name, "A slot belongs to a pipeline.", "Take a value or an artifact."
        )
    marks = [mark for mark in _metadata(annotation) if isinstance(mark, (InputMark, OutputMark))]
    if not marks:
        return Argument(
            parameter.name,
            annotation,
            ArgumentKind.PLAIN,
            _default(parameter),
            _artifact_type(annotation),
        )
    if len(marks) > 1:
        raise _bad_annotation(fn, parameter.name, "It is marked more than once.", "Keep one mark.")
    if isinstance(marks[0], OutputMark):
        return _output_argument(fn, parameter, annotation)
    if parameter.default is not inspect.Parameter.empty:
        raise _bad_annotation(
            fn,
            parameter.name,
            "An `Input` must be connected, so it has no default.",
            "Leave the default out, or drop `Input[...]`.",
        )
    return Argument(
        parameter.name, annotation, ArgumentKind.INPUT, MISSING, _artifact_type(annotation)
    )


def _output_argument(
    fn: Callable[..., Any], parameter: inspect.Parameter, annotation: Any
) -> Argument:
    artifact_type = _artifact_type(annotation)
    if artifact_type is None:
        raise _bad_annotation(
            fn,
            parameter.name,
            "`Output[...]` names a type of artifact.",
            "Write `Output[DataArtifact]` or `Output[ModelArtifact]`, or return the value.",
        )
    if parameter.default is not inspect.Parameter.empty:
        raise _bad_annotation(
            fn,
            parameter.name,
            "Whence hands in an `Output`, so it has no default.",
            "Leave it out.",
        )
    return Argument(parameter.name, annotation, ArgumentKind.OUTPUT, MISSING, artifact_type)


def _read_handed_in(fn: Callable[..., Any], argument: Argument, annotation: Any) -> OutputSpec:
    metadata = _metadata(annotation)
    return OutputSpec(
        name=argument.name,
        artifact_type=argument.artifact_type or DataArtifact,
        materializer=_named_materializer(fn, argument.name, metadata),
        model_name=next((each for each in metadata if isinstance(each, str)), None),
        handed_in=True,
    )


def _read_returned(
    fn: Callable[..., Any], annotation: Any, options: StepOptions
) -> tuple[ReturnForm, list[OutputSpec]]:
    if annotation is None or annotation is type(None):
        return ReturnForm.NOTHING, []
    if is_named_tuple(annotation):
        hints = get_type_hints(annotation, include_extras=True)
        fields = [(name, hints.get(name, Any)) for name in annotation._fields]
        return ReturnForm.SEVERAL, [_read_output(fn, name, hint, options) for name, hint in fields]
    if names := _named_elements(annotation):
        elements = zip(names, get_args(annotation), strict=True)
        return ReturnForm.SEVERAL, [
            _read_output(fn, name, hint, options) for name, hint in elements
        ]
    name = next((mark for mark in _metadata(annotation) if isinstance(mark, str)), DEFAULT_OUTPUT)
    return ReturnForm.SINGLE, [_read_output(fn, name, annotation, options)]


def _named_elements(annotation: Any) -> list[str]:
    """Return the outputs' names where the annotation is a tuple whose elements are all named."""
    if get_origin(annotation) is not tuple:
        return []
    names = [next(_names_in(element), "") for element in get_args(annotation)]
    return names if names and all(names) else []


def _names_in(annotation: Any) -> Iterator[str]:
    """Yield the names that an element of a tuple has: its own, else that of its metric."""
    for mark in _metadata(annotation):
        if isinstance(mark, str):
            yield mark
        elif isinstance(mark, Metric):
            yield mark.name


def _read_output(
    fn: Callable[..., Any], name: str, annotation: Any, options: StepOptions
) -> OutputSpec:
    metadata = _metadata(annotation)
    materializer = _named_materializer(fn, name, metadata)
    if materializer is None:
        try:
            materializer = materializer_for(annotation)
        except MaterializerNotFoundError as error:
            error.where = f"output '{name}' of step '{fn.__name__}' ({definition_place(fn)})"
            raise
    _check_output_name(fn, name)
    return OutputSpec(
        name=name,
        artifact_type=_named_artifact_type(metadata) or materializer.artifact_type,
        annotation=annotation,
        materializer=materializer,
        metric=next((each for each in metadata if isinstance(each, Metric)), None),
        model_name=options.register
        or next((each for each in metadata if isinstance(each, str)), None),
    )


def _check_output_name(fn: Callable[..., Any], name: str) -> None:
    if not name.isidentifier() or name.startswith("_"):
        raise _bad_annotation(
            fn,
            "return",
            f"{name!r} cannot name an output.",
            "Use a name such as 'model' or 'rmse'.",
        )


def _by_name(fn: Callable[..., Any], outputs: list[OutputSpec]) -> dict[str, OutputSpec]:
    by_name: dict[str, OutputSpec] = {}
    for output in outputs:
        if output.name in by_name:
            raise DuplicateOutputError(
                where=definition_place(fn), name=fn.__name__, output=output.name
            )
        by_name[output.name] = output
    return by_name


def _named_materializer(
    fn: Callable[..., Any], name: str, metadata: tuple[Any, ...]
) -> Materializer | None:
    named = [each for each in metadata if is_materializer(each)]
    if len(named) > 1:
        raise _bad_annotation(fn, name, "It names two materializers.", "Keep one of them.")
    if not named:
        return None
    materializer = named[0]() if inspect.isclass(named[0]) else named[0]
    remember(materializer)
    return materializer


def _named_artifact_type(metadata: tuple[Any, ...]) -> type[Artifact] | None:
    return next(
        (each for each in metadata if inspect.isclass(each) and issubclass(each, Artifact)), None
    )


def _artifact_type(annotation: Any) -> type[Artifact] | None:
    cls = runtime_class(annotation)
    return cls if cls is not None and issubclass(cls, Artifact) else None


def _metadata(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def _default(parameter: inspect.Parameter) -> Any:
    return MISSING if parameter.default is inspect.Parameter.empty else parameter.default


def _bad_annotation(
    fn: Callable[..., Any], argument: str, reason: str, cure: str
) -> DefinitionError:
    return InvalidAnnotationError(
        where=definition_place(fn), argument=argument, name=fn.__name__, reason=reason, cure=cure
    )
