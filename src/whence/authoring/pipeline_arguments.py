"""What a pipeline was given: values, fillers of slots, and settings of nodes."""

import copy
from collections.abc import Mapping
from typing import Any

from whence.authoring.arguments import join_arguments, unknown_argument
from whence.authoring.builder import PipelineBuilder, holds_nodes
from whence.authoring.handles import (
    ItemHandle,
    NodeHandle,
    OutputHandle,
    Outputs,
    SlotHandle,
    handle_of,
    node_of,
    output_names,
)
from whence.authoring.pipeline_interface import PipelineArgument, PipelineSpec
from whence.authoring.places import calling_place
from whence.authoring.step_definition import StepDefinition
from whence.domain.artifacts import Artifact, ArtifactHolder
from whence.errors import (
    DefinitionError,
    IncompatibleTypesError,
    InvalidFillerError,
    InvalidParameterError,
    MissingArgumentError,
)
from whence.graph.bindings import Reference
from whence.graph.fit import describe_output, value_misfit
from whence.values.type_forms import type_name
from whence.values.validation import InvalidValueError, describe_value, validate_parameter


def name_pipeline_arguments(
    spec: PipelineSpec, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[DefinitionError]]:
    """Return what was given, by argument or by node and argument, and the faults of names."""
    names = list(spec.arguments)
    given, faults = join_arguments("Pipeline", spec.name, names, args, kwargs)
    for name in list(given):
        if name not in spec.arguments and "." not in name:
            faults.append(unknown_argument("Pipeline", spec.name, name, names, calling_place()))
            del given[name]
    return given, faults


def settle_arguments(
    builder: PipelineBuilder, spec: PipelineSpec, given: Mapping[str, Any], name: str | None = None
) -> dict[str, Any]:
    """Return the value of every argument that has one.

    Faulty values stay, so that the body can run and show its own faults. These call the pipeline by
    its own name, or by the *name* under which it is nested.
    """
    owner = name or spec.name
    values: dict[str, Any] = {}
    for argument in spec.arguments.values():
        if argument.slot is not None:
            values[argument.name] = _find_filler(builder, argument, given)
        elif argument.name in given:
            values[argument.name] = _settle_value(builder, owner, argument, given[argument.name])
        elif argument.required:
            builder.faults.append(_missing(spec, argument))
        else:
            values[argument.name] = _own_copy(argument.default)
    return values


def _own_copy(default: Any) -> Any:
    """Return a default so that a body may change it, and the next call gets it as it was."""
    return copy.deepcopy(default) if issubclass(type(default), (list, dict, set)) else default


def _missing(spec: PipelineSpec, argument: PipelineArgument) -> DefinitionError:
    return MissingArgumentError(
        where=calling_place(),
        argument=argument.name,
        owner=f"pipeline '{spec.name}'",
        reason="It has no default.",
        cure=f"Give it in the call: `{spec.name}({argument.name}=...)`.",
    )


def _find_filler(
    builder: PipelineBuilder, argument: PipelineArgument, given: Mapping[str, Any]
) -> Any:
    filler = given.get(argument.name, argument.default_filler)
    if isinstance(filler, SlotHandle):
        filler.passed_on = True
        return filler
    if isinstance(filler, StepDefinition):
        return filler
    builder.faults.append(
        InvalidFillerError(
            where=calling_place(),
            slot=argument.name,
            value=_shown(filler),
            reason=_why_no_filler(filler),
            example=argument.slot.spec.name,
        )
    )
    return argument.slot


def _shown(filler: Any) -> str:
    if hasattr(filler, "_whence_definition"):
        return f"pipeline '{filler.spec.name}'"
    return describe_value(filler)


def _why_no_filler(filler: Any) -> str:
    if isinstance(filler, (NodeHandle, OutputHandle, Outputs)):
        return "It is placed already; a slot takes a step."
    if hasattr(filler, "_whence_definition"):
        return "It is a pipeline; a slot takes a step."
    if isinstance(filler, type):
        return "It is a class; a slot takes a step."
    if callable(filler):
        return "It is a plain function: decorate it with `@step`."
    return "A slot takes a step."


def _settle_value(
    builder: PipelineBuilder, owner: str, argument: PipelineArgument, value: Any
) -> Any:
    if isinstance(value, Outputs):
        value = handle_of(value)
    if isinstance(value, (NodeHandle, OutputHandle)):
        return _check_node_given(builder, owner, argument, value)
    placed = (Artifact, ArtifactHolder, ItemHandle, SlotHandle)
    if isinstance(value, placed) or holds_nodes(value):
        return value  # checked where the body uses it
    try:
        return validate_parameter(value, argument.annotation)
    except InvalidValueError as error:
        builder.faults.append(
            InvalidParameterError(
                where=calling_place(),
                argument=argument.name,
                name=owner,
                value=describe_value(value),
                reason=error.reason,
                cure=f"Pass a value that fits `{argument.name}: {type_name(argument.annotation)}`.",
            )
        )
        builder.refused.append(value)
        return value


def _check_node_given(
    builder: PipelineBuilder, owner: str, argument: PipelineArgument, handle: Any
) -> Any:
    """Return what the body gets for a node: one that does not fit is reported here alone."""
    if isinstance(handle, NodeHandle) and len(output_names(handle)) != 1:
        return handle  # the body may unpack it
    binding = builder.bind(handle, f"as argument '{argument.name}' of '{owner}'")
    if not isinstance(binding, Reference):
        return OutputHandle(builder, node_of(handle), None)
    if builder.nodes[binding.node].map is not None:
        return handle  # checked where the body uses it
    output = builder.nodes[binding.node].step.outputs[binding.output]
    misfit = value_misfit(output, argument.annotation)
    if misfit is None:
        return handle
    builder.faults.append(
        IncompatibleTypesError(
            where=calling_place(),
            giver=f"Output '{binding.node}.{binding.output}'",
            argument=argument.name,
            owner=f"pipeline '{owner}'",
            given=describe_output(output),
            wanted=type_name(argument.annotation),
            detail=misfit,
            cure="Connect an output of that type, or change one of the two annotations.",
        )
    )
    return OutputHandle(builder, node_of(handle), None)
