"""One call of a pipeline: its body runs, and what it declared becomes a checked plan."""

from collections.abc import Mapping
from typing import Any, cast

from whence.authoring.builder import PipelineBuilder, Scope
from whence.authoring.connecting import answer_requests
from whence.authoring.handles import (
    NodeHandle,
    OutputHandle,
    SlotHandle,
    node_of,
    output_names,
    output_of,
)
from whence.authoring.options import make_step_options
from whence.authoring.pipeline_interface import PipelineArgument, PipelineSpec
from whence.authoring.places import calling_place
from whence.errors import (
    BoundArgumentError,
    DefinitionError,
    EmptyPipelineError,
    IncompatibleTypesError,
    InvalidFillerError,
    InvalidParameterError,
    InvalidPipelineError,
    InvalidReturnError,
    MissingArgumentError,
    NodeUsedAsValueError,
    UnknownArgumentError,
    UnknownNodeError,
    suggest,
)
from whence.graph.bindings import Binding, Collection, Constant, Given
from whence.graph.check_pipeline import check_pipeline
from whence.graph.draft import Draft
from whence.graph.fit import describe_output, value_misfit
from whence.graph.plan import Plan
from whence.graph.record_parameter import record_parameter
from whence.values.type_forms import type_name
from whence.values.validation import InvalidValueError, describe_value, validate_parameter


def build_plan(
    spec: PipelineSpec, bound: Mapping[str, Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Plan:
    """Return the checked plan of one call of a pipeline.

    Raises `InvalidPipelineError` with every fault that can be seen.
    """
    builder = PipelineBuilder(spec.name)
    given, settings = _name_arguments(builder, spec, bound, args, kwargs)
    values = _settle_arguments(builder, spec, given)
    returned = None
    if all(name in values for name in spec.arguments):
        with builder.active():
            returned = _run_outermost_body(builder, spec, values)
        if not builder.nodes and not builder.faults:
            builder.faults.append(EmptyPipelineError(where=spec.place, pipeline=spec.name))
    _apply_settings(builder, spec, settings)
    _apply_step_options(builder, spec)
    parameters = _record_parameters(spec, values)
    return check_pipeline(
        Draft(spec.name, spec.place, builder.nodes, returned, parameters, builder.faults)
    )


def nest_pipeline(
    builder: PipelineBuilder,
    spec: PipelineSpec,
    bound: Mapping[str, Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    """Run a pipeline's body inside that of another; its nodes are named after it."""
    given, settings = _name_arguments(builder, spec, bound, args, kwargs)
    values = _settle_arguments(builder, spec, given)
    if any(name not in values for name in spec.arguments):
        raise InvalidPipelineError(
            subject=f"Pipeline '{builder.pipeline}'", faults=list(builder.faults)
        )
    with builder.scope(spec.options.name or spec.name) as scope:
        returned = _run_body(builder, scope, spec, values)
        _apply_settings(
            builder, spec, {scope.prefix + name: value for name, value in settings.items()}
        )
    return returned


def _name_arguments(
    builder: PipelineBuilder,
    spec: PipelineSpec,
    bound: Mapping[str, Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what was given for the pipeline's arguments, and settings of nodes (`node.argument`)."""
    names = list(spec.arguments)
    for number, value in enumerate(args[len(names) :], start=len(names) + 1):
        extra = f"number {number} ({describe_value(value)})"
        takes = f"It takes {len(names)}: {', '.join(names)}."
        builder.faults.append(_unknown(spec, extra, takes))
    positional = dict(zip(names, args, strict=False))
    for name in kwargs.keys() & positional.keys():
        builder.faults.append(_unknown(spec, name, "It was given by position already."))
    every = {**bound, **positional, **kwargs}
    settings = {name: value for name, value in every.items() if "." in name}
    for name in every:
        if name not in spec.arguments and name not in settings:
            builder.faults.append(_unknown(spec, name, suggest(name, names)))
    return {name: value for name, value in every.items() if name in spec.arguments}, settings


def _unknown(spec: PipelineSpec, argument: str, suggestion: str) -> DefinitionError:
    return UnknownArgumentError(
        where=calling_place(),
        kind="Pipeline",
        name=spec.name,
        argument=argument,
        suggestion=suggestion,
    )


def _settle_arguments(
    builder: PipelineBuilder, spec: PipelineSpec, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the value of every argument that has one; faulty values stay, so that the body can run."""
    values: dict[str, Any] = {}
    for argument in spec.arguments.values():
        if argument.slot is not None:
            values[argument.name] = _find_filler(builder, argument, given)
        elif argument.name in given:
            values[argument.name] = _settle_value(builder, spec, argument, given[argument.name])
        elif argument.required:
            cure = f"Give it in the call: `{spec.name}({argument.name}=…)`."
            builder.faults.append(
                MissingArgumentError(
                    where=calling_place(), argument=argument.name, node=spec.name, cure=cure
                )
            )
        else:
            values[argument.name] = argument.default
    return values


def _find_filler(
    builder: PipelineBuilder, argument: PipelineArgument, given: Mapping[str, Any]
) -> Any:
    default = argument.slot if not hasattr(argument.default, "bound") else argument.default
    filler = given.get(argument.name, default)
    if isinstance(filler, SlotHandle):
        filler.passed_on = True
        return filler
    if hasattr(filler, "bound") and hasattr(filler.spec, "outputs"):
        return filler
    reason = "A slot takes a step."
    if callable(filler) and not hasattr(filler, "spec"):
        reason = "It is a plain function: decorate it with `@step`."
    elif isinstance(filler, (NodeHandle, OutputHandle)):
        reason = "It is a node, placed already: pass the step itself."
    elif hasattr(filler, "spec"):
        reason = "It is a pipeline; a slot takes a step."
    builder.faults.append(
        InvalidFillerError(
            where=calling_place(),
            slot=argument.name,
            value=describe_value(filler) if not hasattr(filler, "spec") else repr(filler),
            reason=reason,
            example=argument.slot.spec.name,
        )
    )
    return argument.slot


def _settle_value(
    builder: PipelineBuilder, spec: PipelineSpec, argument: PipelineArgument, value: Any
) -> Any:
    if isinstance(value, (NodeHandle, OutputHandle)):
        _check_node_given(builder, spec, argument, value)
        return value
    if hasattr(value, "read_file") or _holds_handles(value):
        return value  # checked where the body uses it
    try:
        return validate_parameter(value, argument.annotation)
    except InvalidValueError as error:
        builder.faults.append(
            InvalidParameterError(
                where=calling_place(),
                argument=argument.name,
                name=spec.name,
                value=describe_value(value),
                reason=error.reason,
                cure=f"Pass a value that fits `{argument.name}: {type_name(argument.annotation)}`.",
            )
        )
        return value


def _holds_handles(value: Any) -> bool:
    if not isinstance(value, (list, tuple, dict)):
        return False
    items = cast("Any", value.values() if isinstance(value, dict) else value)  # pyright: ignore[reportUnknownMemberType]  # of unknown items
    return any(
        isinstance(item, (NodeHandle, OutputHandle)) or _holds_handles(item) for item in items
    )


def _check_node_given(
    builder: PipelineBuilder,
    spec: PipelineSpec,
    argument: PipelineArgument,
    handle: NodeHandle | OutputHandle,
) -> None:
    node = node_of(handle)
    name = output_of(handle) if isinstance(handle, OutputHandle) else None
    if isinstance(handle, NodeHandle) and len(output_names(handle)) == 1:
        name = next(iter(node.step.outputs))
    if name is None or name not in node.step.outputs:
        return  # reported where it is used
    output = node.step.outputs[name]
    misfit = value_misfit(output, argument.annotation)
    if misfit is not None:
        builder.faults.append(
            IncompatibleTypesError(
                where=calling_place(),
                output=f"'{node.name}.{name}'",
                argument=argument.name,
                node=spec.name,
                given=describe_output(output),
                wanted=type_name(argument.annotation),
                detail=misfit,
                cure="Connect an output of that type, or change one of the two annotations.",
            )
        )


def _run_outermost_body(
    builder: PipelineBuilder, spec: PipelineSpec, values: Mapping[str, Any]
) -> Binding | None:
    try:
        with builder.scope(None) as scope:
            returned = _run_body(builder, scope, spec, values)
            return _bind_returned(builder, spec, returned)
    except NodeUsedAsValueError as fault:
        builder.faults.append(fault)
    except InvalidPipelineError as report:
        builder.faults[:] = [*report.faults]
    except Exception as error:
        if not builder.faults:
            error.add_note(
                f"Raised by the body of pipeline '{spec.name}' ({spec.place}); nothing was run."
            )
            raise
        # The body stumbled over what is reported already, or would have.
    return None


def _run_body(
    builder: PipelineBuilder, scope: Scope, spec: PipelineSpec, values: Mapping[str, Any]
) -> Any:
    arguments = dict(values)
    for argument in spec.arguments.values():
        if argument.slot is not None:
            slot = SlotHandle(builder, argument.name, argument.slot.spec, values[argument.name])
            arguments[argument.name] = slot
            scope.slots.append(slot)
    returned = spec.fn(**arguments)
    for slot in scope.slots:
        if not slot.touched:
            slot.reserved()
    answer_requests(builder, scope.requests)
    return returned


def _bind_returned(builder: PipelineBuilder, spec: PipelineSpec, returned: Any) -> Binding | None:
    if returned is None:
        return None
    if isinstance(returned, NodeHandle):
        names = output_names(returned)
        if not names:
            return None
        if len(names) > 1:
            kind = _named_tuple_of(node_of(returned)) or dict
            items = tuple(
                (name, builder.bind(returned.outputs[name], "The return value")) for name in names
            )
            return Collection(kind, items)
    binding = builder.bind(returned, "The return value")
    if _holds_constant(binding):
        builder.faults.append(
            InvalidReturnError(where=spec.place, pipeline=spec.name, value=describe_value(returned))
        )
    return binding


def _named_tuple_of(node: Any) -> type | None:
    hints = getattr(node.step.fn, "__annotations__", {})
    annotation = hints.get("return")
    return annotation if isinstance(annotation, type) and issubclass(annotation, tuple) else None


def _holds_constant(binding: Binding) -> bool:
    if isinstance(binding, Collection):
        return any(_holds_constant(item) for _, item in binding.items)
    return isinstance(binding, (Constant, Given))


def _apply_settings(
    builder: PipelineBuilder, spec: PipelineSpec, settings: Mapping[str, Any]
) -> None:
    """Bind what a call sets by node, such as `split.seed`."""
    for path, value in settings.items():
        name, _, argument = path.rpartition(".")
        node = builder.nodes.get(name)
        fault: DefinitionError
        if node is None:
            fault = UnknownNodeError(
                where=calling_place(),
                pipeline=spec.name,
                node=name,
                setting=path,
                suggestion=suggest(name, builder.nodes),
            )
        elif argument not in node.step.arguments:
            known = [each.name for each in node.step.callable_arguments]
            fault = UnknownArgumentError(
                where=calling_place(),
                kind="Step",
                name=node.step.name,
                argument=argument,
                suggestion=suggest(argument, known),
            )
        elif argument in node.connected:
            fault = BoundArgumentError(
                where=node.place, pipeline=spec.name, node=name, argument=argument
            )
        else:
            node.bound[argument] = builder.bind(value, f"Setting '{path}'")
            continue
        builder.faults.append(fault)


def _apply_step_options(builder: PipelineBuilder, spec: PipelineSpec) -> None:
    for name, options in (spec.options.steps or {}).items():
        node = builder.nodes.get(name)
        if node is None:
            builder.faults.append(
                UnknownNodeError(
                    where=calling_place(),
                    pipeline=spec.name,
                    node=name,
                    setting=f"steps={{{name!r}: …}}",
                    suggestion=suggest(name, builder.nodes),
                )
            )
            continue
        try:
            node.options = make_step_options(node.options, options, name)
        except DefinitionError as fault:
            builder.faults.append(fault)


def _record_parameters(spec: PipelineSpec, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the pipeline's own parameters as typed JSON; a slot's is the name of its step."""
    recorded: dict[str, str] = {}
    for argument in spec.arguments.values():
        value = values.get(argument.name)
        text = record_parameter(value.spec.name if argument.slot is not None else value)
        if text is not None:
            recorded[argument.name] = text
    return recorded
