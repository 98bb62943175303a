"""Finds every fault of a declared pipeline; settles one that has none into a plan."""

from collections.abc import Collection as Names
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from whence.errors import (
    CycleError,
    DefinitionError,
    InvalidPipelineError,
    MissingArgumentError,
    UnknownArgumentError,
    suggest,
)
from whence.graph.bindings import Binding, Constant
from whence.graph.connection_faults import Connections
from whence.graph.dependencies import find_dependencies
from whence.graph.draft import Draft, DraftNode
from whence.graph.gather_faults import NodeFaults
from whence.graph.gather_parameters import gather_parameters
from whence.graph.interface import Argument, ArgumentKind
from whence.graph.missing import find_optional
from whence.graph.ordering import find_circles, order_nodes
from whence.graph.plan import Plan
from whence.graph.plan_nodes import plan_nodes
from whence.graph.settle import Settled, settle_argument, settle_default
from whence.graph.slot_fit import check_slot, outputs_fit


def check_pipeline(draft: Draft) -> Plan:
    """Return the plan of *draft*.

    Raises `InvalidPipelineError` with every fault that can be seen without running anything.
    """
    findings = _Findings(draft)
    for node in draft.nodes.values():
        findings.check_node(node)
    findings.check_circles()
    findings.faults.tell_counts()
    faults = [*draft.faults, *findings.faults.found]
    if faults:
        faults.sort(key=_place_of)
        subject = f"Pipeline '{draft.pipeline}'"
        raise InvalidPipelineError(subject=subject, where=draft.place, faults=faults)
    return findings.make_plan()


@dataclass(slots=True)
class _Findings:
    """What is found out about a draft on the way through its nodes."""

    draft: Draft
    faults: NodeFaults = field(default_factory=NodeFaults)
    settled: dict[str, dict[str, Settled]] = field(default_factory=dict[str, dict[str, Settled]])
    settled_once: dict[tuple[int, int], Settled] = field(
        default_factory=dict[tuple[int, int], Settled]
    )  # by argument and what was given for it
    dependencies: Mapping[str, Sequence[str]] = field(init=False)
    order: Sequence[str] = field(init=False)
    unfit: Names[str] = field(init=False)
    connections: Connections = field(init=False)

    def __post_init__(self) -> None:
        nodes = self.draft.nodes
        self.dependencies = find_dependencies(nodes)
        self.order = order_nodes(self.dependencies)
        self.unfit = {node.name for node in nodes.values() if not outputs_fit(node)}
        optional = find_optional(nodes, self.order)
        self.connections = Connections(nodes, self.unfit, optional)

    def check_node(self, node: DraftNode) -> None:
        if node.map is not None:
            return  # its own nodes are checked
        arguments = node.arguments
        misfits = list(self.connections.find_faults(node, arguments))
        if (fault := check_slot(node, misfits)) is not None:
            self.faults.add(node, [fault])
        else:
            if misfits:
                self.faults.add(node, [fault for _, fault in misfits])
            if not node.step.required_arguments <= arguments.keys():
                self.faults.add(node, _missing_arguments(node, arguments))
        if not arguments.keys() <= node.step.arguments.keys():
            self.faults.add(node, _unknown_arguments(node, arguments))
        if node.name not in self.unfit:
            self._settle(node, arguments)

    def check_circles(self) -> None:
        for circle in find_circles(self.dependencies):
            path = " → ".join(f"'{name}'" for name in _shorten(circle))
            self.faults.found.append(CycleError(where=self.draft.nodes[circle[0]].place, path=path))

    def make_plan(self) -> Plan:
        planned = plan_nodes(self.draft.nodes, self.order, self.settled)
        by_position = (planned[name] for name in self.draft.nodes)
        parameters = {**self.draft.parameters, **gather_parameters(by_position)}
        nodes = {
            name: node for name, node in planned.items() if self.draft.nodes[name].within is None
        }
        return Plan(self.draft.pipeline, nodes, self.draft.returned, parameters)

    def _settle(self, node: DraftNode, arguments: Mapping[str, Binding]) -> None:
        settled = self.settled[node.name] = {}
        for argument in node.step.callable_arguments:
            binding = arguments.get(argument.name)
            try:
                if binding is not None or not argument.required:
                    settled[argument.name] = self._settle_argument(node, argument, binding)
            except DefinitionError as fault:
                self.faults.add(node, [fault])

    def _settle_argument(
        self, node: DraftNode, argument: Argument, binding: Binding | None
    ) -> Settled:
        if binding is not None and not isinstance(binding, Constant):
            return Settled(binding=binding)
        known = id(argument), id(binding)  # the items of a map share what they are given whole
        if known not in self.settled_once:
            self.settled_once[known] = (
                settle_default(node, argument)
                if binding is None
                else settle_argument(node, argument, binding.value)
            )
        return self.settled_once[known]


def _shorten(circle: list[str], limit: int = 12) -> list[str]:
    return circle if len(circle) <= limit else [*circle[: limit - 2], "...", circle[-1]]


def _place_of(fault: DefinitionError) -> tuple[str, int]:
    """Return file and line of a fault, so that a report goes through the code in order."""
    file, _, line = (fault.where or "").rstrip(")").rpartition(":")
    return file.rpartition("(")[2], int(line) if line.isdecimal() else 0


def _unknown_arguments(
    node: DraftNode, arguments: Mapping[str, Binding]
) -> Iterator[DefinitionError]:
    """Yield names that the step lacks; what only a filler lacks is said with its slot."""
    interface = node.step if node.slot is None else node.slot.interface
    for name in arguments:
        if name not in node.step.arguments and name not in interface.arguments:
            known = [argument.name for argument in interface.callable_arguments]
            yield UnknownArgumentError(
                where=node.place,
                kind="Step",
                name=interface.name,
                argument=name,
                suggestion=suggest(name, known),
            )


def _missing_arguments(
    node: DraftNode, arguments: Mapping[str, Binding]
) -> Iterator[DefinitionError]:
    for argument in node.step.callable_arguments:
        if argument.required and argument.name not in arguments:
            yield MissingArgumentError(
                where=node.place,
                argument=argument.name,
                owner=f"node '{node.name}'",
                reason="It has no default, and nothing was bound or connected to it.",
                cure=_cure_for_missing(node, argument),
            )


def _cure_for_missing(node: DraftNode, argument: Argument) -> str:
    name = node.slot.name if node.slot is not None else node.step.name
    if argument.kind is ArgumentKind.INPUT:
        return f"Connect an output to it in the body: `{name}({argument.name}=...)`."
    if node.slot is not None:
        return (
            f"Bind it in the filler, `{name}={node.step.name}.bind({argument.name}=...)`,"
            " or connect it in the body."
        )
    return f"Give it a value or an output: `{name}({argument.name}=...)`."
