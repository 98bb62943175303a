"""`connect`: ties steps by artifact type."""

from collections.abc import Iterator, Sequence
from typing import Any

from whence.authoring.builder import ConnectRequest, PipelineBuilder, current_builder
from whence.authoring.handles import NodeHandle, NotAValue, OutputHandle, SlotHandle, node_of
from whence.authoring.places import calling_place
from whence.authoring.step_definition import StepDefinition
from whence.errors import (
    AmbiguousConnectionError,
    NoConnectionError,
    NotConnectableError,
    OutsideBodyError,
)
from whence.graph.bindings import Reference, Unusable
from whence.graph.draft import DraftNode
from whence.graph.interface import Argument, ArgumentKind
from whence.values.validation import describe_value


def connect(*steps: Any) -> None:
    """Tie every open `Input[A]` of the steps named to the one output of type A among the others.

    Only inputs that are artifacts and that nothing is connected to are tied, when the body ends.
    Steps that are not placed yet are placed. None or several fitting outputs is a fault that names
    them. Raises `OutsideBodyError` outside a pipeline's body.
    """
    builder = current_builder()
    if builder is None:
        raise OutsideBodyError(where=calling_place(), name="connect")
    nodes = [node for step in steps for node in _nodes_of(builder, step)]
    builder.innermost.requests.append(ConnectRequest(nodes, calling_place()))


def answer_requests(builder: PipelineBuilder, requests: Sequence[ConnectRequest]) -> None:
    """Tie what the calls of `connect` in one body asked for."""
    for request in requests:
        for node in request.nodes:
            for argument in _open_inputs(node):
                _tie(builder, request, node, argument)


def _nodes_of(builder: PipelineBuilder, step: Any) -> Iterator[DraftNode]:
    if isinstance(step, SlotHandle):
        yield node_of(step.reserved())
    elif isinstance(step, (NodeHandle, OutputHandle)) and node_of(step).map is None:
        yield node_of(step)
    elif isinstance(step, StepDefinition):
        yield node_of(builder.place(step, (), {}))
    else:
        builder.faults.append(
            NotConnectableError(
                where=calling_place(),
                value=str(step) if isinstance(step, NotAValue) else describe_value(step),
                reason=_why_not(step),
            )
        )


def _why_not(step: Any) -> str:
    if isinstance(step, (NodeHandle, OutputHandle)):
        return "It is a map: what takes its results is tied by hand."
    return "It is no step, slot or node, so it has no inputs and outputs."


def _open_inputs(node: DraftNode) -> list[Argument]:
    return [
        argument
        for argument in node.step.callable_arguments
        if argument.kind is ArgumentKind.INPUT
        and argument.artifact_type is not None
        and argument.name not in node.arguments
    ]


def _tie(
    builder: PipelineBuilder, request: ConnectRequest, node: DraftNode, argument: Argument
) -> None:
    wanted = argument.artifact_type or object
    found = [
        Reference(other.name, output.name)
        for other in request.nodes
        if other is not node
        for output in other.step.outputs.values()
        if issubclass(output.artifact_type, wanted)
    ]
    facts = {"node": node.name, "argument": argument.name, "wanted": wanted.__name__}
    if len(found) == 1:
        node.connected[argument.name] = found[0]
        return
    if found:
        candidates = ", ".join(f"'{each.node}.{each.output}'" for each in found)
        fault = AmbiguousConnectionError(
            where=request.place, count=len(found), candidates=candidates, **facts
        )
    else:
        fault = NoConnectionError(where=request.place, **facts)
    builder.faults.append(fault)
    node.connected[argument.name] = Unusable()
