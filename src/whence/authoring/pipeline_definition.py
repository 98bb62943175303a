"""Pipelines as values: a function whose body ties steps, with some arguments bound or not."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

from whence.authoring.annotations import bad_annotation, check_type, resolve_annotations
from whence.authoring.build_pipeline import build_plan, nest_call
from whence.authoring.builder import current_builder
from whence.authoring.earlier_inputs import EarlierInputs
from whence.authoring.faults import Faults
from whence.authoring.map_pipeline import map_pipeline
from whence.authoring.markers import InputMark, OutputMark, SlotAnnotation
from whence.authoring.options import make_pipeline_options
from whence.authoring.pipeline_arguments import name_pipeline_arguments
from whence.authoring.pipeline_interface import PipelineArgument, PipelineSpec
from whence.authoring.places import calling_place, definition_place
from whence.authoring.signature import check_function, check_parameters
from whence.authoring.step_definition import StepDefinition, refuse_inside_step
from whence.domain.collector import CollectorHold
from whence.errors import (
    InvalidFillerError,
    InvalidPipelineError,
    OutsideBodyError,
)
from whence.graph.interface import MISSING
from whence.graph.plan import Plan
from whence.values.validation import describe_value


def read_pipeline(fn: Callable[..., Any], local_names: Mapping[str, Any]) -> PipelineSpec:
    """Return what *fn* takes. Raises a `DefinitionError` for what cannot be a pipeline."""
    check_function(fn, "pipeline")
    faults = Faults()
    annotations = resolve_annotations(fn, local_names, faults)
    arguments: dict[str, PipelineArgument] = {}
    for parameter in check_parameters(fn, "Pipeline", annotations, faults):
        with faults.caught():
            arguments[parameter.name] = _read_argument(fn, parameter, annotations[parameter.name])
    faults.raise_found(f"Pipeline '{fn.__name__}'", definition_place(fn))
    return PipelineSpec(fn.__name__, fn, arguments, definition_place(fn))


def _read_argument(
    fn: Callable[..., Any], parameter: inspect.Parameter, annotation: Any
) -> PipelineArgument:
    marks = getattr(annotation, "__metadata__", ())
    if any(isinstance(mark, (InputMark, OutputMark)) for mark in marks):
        reason = "`Input` and `Output` belong to steps."
        cure = "Take a plain value, or a slot: `Step[...]`."
        raise bad_annotation(fn, parameter.name, reason, cure)
    if not isinstance(annotation, SlotAnnotation):
        check_type(fn, parameter.name, annotation)
    default = MISSING if parameter.default is inspect.Parameter.empty else parameter.default
    if isinstance(annotation, SlotAnnotation):
        _check_default_filler(fn, parameter, annotation)
        return PipelineArgument(parameter.name, annotation, default, annotation.step)
    return PipelineArgument(parameter.name, annotation, default)


def _check_default_filler(
    fn: Callable[..., Any], parameter: inspect.Parameter, annotation: SlotAnnotation
) -> None:
    default = parameter.default
    if default is not inspect.Parameter.empty and not isinstance(default, StepDefinition):
        raise InvalidFillerError(
            where=definition_place(fn),
            slot=parameter.name,
            value=describe_value(default),
            reason="A slot's default is a step; without one, the slot's own step fills it.",
            example=annotation.step.spec.name,
        )


class PipelineDefinition(ABC):
    """A pipeline: it defines how steps are connected; a run supplies the parameters."""

    _whence_definition = True

    def __init__(self, spec: PipelineSpec, bound: Mapping[str, Any] | None = None) -> None:
        self.spec = spec
        self.bound: dict[str, Any] = dict(bound or {})
        self.__name__ = spec.name
        self.__doc__ = spec.fn.__doc__
        self.__module__ = spec.fn.__module__
        self.__qualname__ = spec.fn.__qualname__
        self.__wrapped__ = spec.fn

    @property
    def fn(self) -> Callable[..., Any]:
        """The bare function whose body ties the steps."""
        return self.spec.fn

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Run the pipeline and return the finished run; in another pipeline's body, nest it there.

        Raises `InvalidPipelineError` with every fault before anything runs.
        """
        refuse_inside_step(self.spec.name, "Start it outside of steps, or nest it in a pipeline.")
        builder = current_builder()
        if builder is not None:
            return nest_call(builder, self.spec, self.bound, args, kwargs)
        with CollectorHold():  # until there is something to compute
            return self.start(build_plan(self.spec, self.bound, args, kwargs, self.recall()))

    def map(self, /, *lists: Any, **whole: Any) -> Any:
        """Nest the pipeline once for each item of the lists, side by side as by Python's `map`.

        What is given by keyword goes whole to every item. The result is the list of what the body
        returned for each.
        """
        refuse_inside_step(self.spec.name, "Start it outside of steps, or nest it in a pipeline.")
        builder = current_builder()
        if builder is None:
            raise OutsideBodyError(where=calling_place(), name=f"{self.spec.name}.map")
        return map_pipeline(builder, self.spec, self.bound, lists, whole)

    def recall(self) -> EarlierInputs:
        """Return the earlier results of which it is settled what they mean; of a new run, none."""
        return EarlierInputs()

    @abstractmethod
    def start(self, plan: Plan) -> Any:
        """Run a plan of this pipeline; joined with the means to run where those are known."""

    def plan(self, /, *args: Any, **kwargs: Any) -> Plan:
        """Return what a call with these arguments would do, checked, without running it."""
        return build_plan(self.spec, self.bound, args, kwargs, self.recall())

    def bind(self, /, *args: Any, **kwargs: Any) -> Self:
        """Return this pipeline with some arguments bound; nothing runs.

        A name such as `**{"split.seed": 1}` sets what the body leaves at its default, by node.
        Raises `InvalidPipelineError` for names that the pipeline does not have.
        """
        given, faults = name_pipeline_arguments(self.spec, args, kwargs)
        builder = current_builder()
        if builder is not None:
            builder.faults += faults
        elif faults:
            subject = f"The call of pipeline '{self.spec.name}'"
            raise InvalidPipelineError(subject=subject, where=calling_place(), faults=faults)
        return self._copy(self.spec, {**self.bound, **given})

    def with_options(self, **options: Any) -> Self:
        """Return this pipeline with other options: `name` and `tags` of the run, `steps`, `cache`.

        Raises `InvalidOptionError` or `UnknownOptionError`.
        """
        changed = make_pipeline_options(self.spec.options, options, self.spec.name)
        return self._copy(replace(self.spec, options=changed), self.bound)

    def _copy(self, spec: PipelineSpec, bound: Mapping[str, Any]) -> Self:
        return type(self)(spec, bound)

    def __repr__(self) -> str:
        bound = ", ".join(f"{name}={value!r}" for name, value in self.bound.items())
        return f"<pipeline {self.spec.name}({bound}) ({self.spec.place})>"
