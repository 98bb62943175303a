"""One call of a pipeline: its body runs, and what it declared becomes a checked plan."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from whence.authoring.builder import PipelineBuilder, Scope
from whence.authoring.connecting import answer_requests
from whence.authoring.earlier_inputs import EarlierInputs
from whence.authoring.faults import Faults
from whence.authoring.handles import (
    NodeHandle,
    Outputs,
    SlotHandle,
    handle_of,
    node_of,
    output_names,
)
from whence.authoring.mapped import MappedOutputs, lists_of
from whence.authoring.node_settings import apply_settings, apply_step_options, check_refreshed
from whence.authoring.options import refuse_allowance
from whence.authoring.pipeline_arguments import name_pipeline_arguments, settle_arguments
from whence.authoring.pipeline_interface import PipelineSpec
from whence.domain.collector import CollectorHold
from whence.errors import EmptyPipelineError, InvalidPipelineError, InvalidReturnError
from whence.graph.bindings import Binding, Collection, Constant, Given
from whence.graph.check_pipeline import check_pipeline
from whence.graph.draft import Draft
from whence.graph.plan import Plan
from whence.graph.record_parameter import record_parameter
from whence.values.validation import describe_value


def build_plan(
    spec: PipelineSpec,
    bound: Mapping[str, Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    earlier: EarlierInputs | None = None,
) -> Plan:
    """Return the checked plan of one call of a pipeline.

    *earlier* are results of earlier runs whose meaning is settled already.

    Raises `InvalidPipelineError` with every fault that can be seen; what the body itself raised is
    its cause where the body may have stumbled over a fault.
    """
    builder = PipelineBuilder(spec.name, earlier)
    named, faults = name_pipeline_arguments(spec, args, kwargs)
    builder.faults += faults
    _check_allowance(builder, spec)
    given, settings = _part(spec, {**bound, **named})
    values = settle_arguments(builder, spec, given)
    parameters = _record_parameters(spec, values)  # before the body may change them
    returned, stumble = None, None
    with CollectorHold():
        if all(name in values for name in spec.arguments):
            returned, stumble = _declare(builder, spec, values, settings)
        draft = Draft(spec.name, spec.place, builder.nodes, returned, parameters, builder.faults)
        try:
            plan = check_pipeline(draft)
            return replace(
                plan, given={**given, **settings}, earlier_results=builder.earlier.list_ids()
            )
        except InvalidPipelineError as report:
            raise report from stumble


def nest_call(
    builder: PipelineBuilder,
    spec: PipelineSpec,
    bound: Mapping[str, Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    """Run the body of a pipeline that is called inside the body of another."""
    given, faults = name_pipeline_arguments(spec, args, kwargs)
    builder.faults += faults
    _check_allowance(builder, spec)
    return nest_pipeline(builder, spec, {**bound, **given})


def _check_allowance(builder: PipelineBuilder, spec: PipelineSpec) -> None:
    """Refuse to be told how many items may fail where there are none."""
    allowed = spec.options.allow_failures
    if allowed is not False:
        builder.faults.append(refuse_allowance(allowed, f"pipeline '{spec.name}'"))


def nest_pipeline(
    builder: PipelineBuilder, spec: PipelineSpec, every: Mapping[str, Any], name: str | None = None
) -> Any:
    """Run a pipeline's body inside that of another; its nodes are named after it, or *name*."""
    given, settings = _part(spec, every)
    values = settle_arguments(builder, spec, given, name)
    if any(name not in values for name in spec.arguments):
        subject = f"Pipeline '{builder.pipeline}'"
        raise InvalidPipelineError(subject=subject, faults=list(builder.faults))
    with builder.scope(name or builder.choose_name(spec.options.name or spec.name)) as scope:
        returned = _run_body(builder, scope, spec, values)
        apply_settings(builder, spec, settings, scope.prefix)
    return returned


def _part(spec: PipelineSpec, every: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what was given for arguments, and the settings of nodes."""
    settings = {name: value for name, value in every.items() if name not in spec.arguments}
    return {name: value for name, value in every.items() if name in spec.arguments}, settings


def _declare(
    builder: PipelineBuilder,
    spec: PipelineSpec,
    values: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> tuple[Binding | None, Exception | None]:
    """Run the outermost body; return what it returned, and what it raised over earlier faults."""
    returned = None
    try:
        with Faults(builder.faults).caught(), builder.active(), builder.scope(None) as scope:
            returned = _bind_returned(builder, spec, _run_body(builder, scope, spec, values))
            if not builder.nodes and not builder.faults:
                builder.faults.append(EmptyPipelineError(where=spec.place, pipeline=spec.name))
            apply_settings(builder, spec, settings)
            apply_step_options(builder, spec)
            check_refreshed(builder, spec)
    except Exception as error:
        if not builder.faults:
            error.add_note(
                f"Raised by the body of pipeline '{spec.name}' ({spec.place}); nothing was run."
            )
            raise
        return None, error
    return returned, None


def _run_body(
    builder: PipelineBuilder, scope: Scope, spec: PipelineSpec, values: Mapping[str, Any]
) -> Any:
    arguments = dict(values)
    for argument in spec.arguments.values():
        if argument.slot is not None:
            slot = SlotHandle(builder, argument.name, argument.slot.spec, values[argument.name])
            arguments[argument.name] = slot
            scope.slots.append(slot)
    try:
        returned = spec.fn(**arguments)
    except Exception:
        for slot in scope.slots:
            slot.abandon()  # what the rest of the body would have connected is not missing
        answer_requests(builder, scope.requests)
        raise
    for slot in scope.slots:
        if not slot.touched:
            slot.reserved()
    answer_requests(builder, scope.requests)
    return returned


def _bind_returned(builder: PipelineBuilder, spec: PipelineSpec, returned: Any) -> Binding | None:
    if isinstance(returned, Outputs):
        returned = handle_of(returned)
    if isinstance(returned, NodeHandle) and len(output_names(returned)) != 1:
        return _bind_several(builder, returned)
    if isinstance(returned, MappedOutputs):
        returned = dict(lists_of(returned)) or None
    if returned is None:
        return None
    binding = builder.bind(returned, "as the return value")
    if _holds_constant(binding):
        builder.faults.append(
            InvalidReturnError(where=spec.place, pipeline=spec.name, value=describe_value(returned))
        )
    return binding


def _bind_several(builder: PipelineBuilder, node: NodeHandle) -> Binding | None:
    """Return the outputs of a node that has several as a run's outputs, by name."""
    names = output_names(node)
    if not names:
        return None
    items = [(name, builder.bind(node.outputs[name], "as the return value")) for name in names]
    named_tuple = node_of(node).step.named_tuple
    if named_tuple is not None and list(named_tuple._fields) == names:
        return Collection(named_tuple, tuple(items))
    return Collection(dict, tuple(items))


def _holds_constant(binding: Binding) -> bool:
    if isinstance(binding, Collection):
        return any(_holds_constant(item) for _, item in binding.items)
    return isinstance(binding, (Constant, Given))


def _record_parameters(spec: PipelineSpec, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the pipeline's own parameters as typed JSON; a slot's is the name of its step."""
    recorded: dict[str, str] = {}
    for argument in spec.arguments.values():
        value: Any = values.get(argument.name)
        text = record_parameter(value.spec.name if argument.slot is not None else value)
        if text is not None:
            recorded[argument.name] = text
    return recorded
