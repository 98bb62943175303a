"""Finds every fault of a declared pipeline, in one report, and settles what has none into a plan."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from whence.errors import (
    CycleError,
    DefinitionError,
    IncompatibleTypesError,
    InvalidPipelineError,
    MissingArgumentError,
    UnknownArgumentError,
    suggest,
)
from whence.graph.bindings import Binding, Collection, Constant, Reference, references
from whence.graph.draft import Draft, DraftNode
from whence.graph.fit import describe_output, find_misfit, value_misfit
from whence.graph.interface import Argument, ArgumentKind, OutputSpec
from whence.graph.items import item_types
from whence.graph.ordering import find_circles, order_nodes
from whence.graph.plan import Plan, PlannedNode
from whence.graph.settle import Settled, settle_argument, settle_default
from whence.graph.slot_fit import check_slot
from whence.values.type_forms import type_name


def check_pipeline(draft: Draft) -> Plan:
    """Return the plan of *draft*.

    Raises `InvalidPipelineError` with every fault that can be seen without running anything.
    """
    findings = _Findings(draft)
    for node in draft.nodes.values():
        findings.check_node(node)
    findings.check_circles()
    faults = [*draft.faults, *findings.faults]
    if faults:
        raise InvalidPipelineError(subject=f"Pipeline '{draft.pipeline}'", faults=faults)
    return findings.make_plan()


@dataclass(slots=True)
class _Findings:
    """What is found out about a draft on the way through its nodes."""

    draft: Draft
    faults: list[DefinitionError] = field(default_factory=list[DefinitionError])
    settled: dict[str, dict[str, Settled]] = field(default_factory=dict[str, dict[str, Settled]])

    def check_node(self, node: DraftNode) -> None:
        misfits = dict(self._misfits(node))
        if (
            fault := check_slot(node, {name: why for name, (why, _) in misfits.items()})
        ) is not None:
            self.faults.append(fault)
            return
        self.faults += [fault for _, fault in misfits.values()]
        self.faults += _unknown_arguments(node)
        self.faults += _missing_arguments(node)
        self._settle(node)

    def check_circles(self) -> None:
        for circle in find_circles(self._dependencies()):
            path = " → ".join(f"'{name}'" for name in circle)
            self.faults.append(CycleError(where=self.draft.nodes[circle[0]].place, path=path))

    def make_plan(self) -> Plan:
        dependencies = self._dependencies()
        nodes = {
            name: self._plan_node(self.draft.nodes[name], dependencies[name])
            for name in order_nodes(dependencies)
        }
        parameters = dict(self.draft.parameters)
        for name in self.draft.nodes:
            for argument, text in nodes[name].recorded.items():
                parameters[f"{name}.{argument}"] = text
        return Plan(self.draft.pipeline, nodes, self.draft.returned, parameters)

    def _plan_node(self, node: DraftNode, depends_on: tuple[str, ...]) -> PlannedNode:
        settled = self.settled[node.name]
        return PlannedNode(
            node.name,
            node.step,
            node.options,
            parameters={
                name: each.value for name, each in settled.items() if each.text is not None
            },
            recorded={name: each.text for name, each in settled.items() if each.text is not None},
            inputs={
                name: each.binding for name, each in settled.items() if each.binding is not None
            },
            depends_on=depends_on,
            slot=node.slot.name if node.slot is not None else None,
            position=node.position,
        )

    def _settle(self, node: DraftNode) -> None:
        arguments = node.arguments
        settled = self.settled[node.name] = {}
        for argument in node.step.callable_arguments:
            binding = arguments.get(argument.name)
            try:
                if isinstance(binding, Constant):
                    settled[argument.name] = settle_argument(node, argument, binding.value)
                elif binding is not None:
                    settled[argument.name] = Settled(binding=binding)
                elif not argument.required:
                    settled[argument.name] = settle_default(node, argument)
            except DefinitionError as fault:
                self.faults.append(fault)

    def _dependencies(self) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(
                dict.fromkeys(
                    reference.node
                    for binding in node.arguments.values()
                    for reference in references(binding)
                )
            )
            for name, node in self.draft.nodes.items()
        }

    def _misfits(self, node: DraftNode) -> Iterator[tuple[str, tuple[str, DefinitionError]]]:
        """Yield arguments whose connection does not fit, with a phrase and the whole fault."""
        for name, binding in node.arguments.items():
            argument = node.step.arguments.get(name)
            if argument is None or argument.kind is ArgumentKind.OUTPUT:
                continue
            for fault in self._binding_faults(node, argument, binding):
                yield name, (f"{fault.facts['given']} for {fault.facts['wanted']}", fault)

    def _binding_faults(
        self, node: DraftNode, argument: Argument, binding: Binding
    ) -> Iterator[DefinitionError]:
        if isinstance(binding, Reference):
            output = self.draft.nodes[binding.node].step.outputs[binding.output]
            misfit = find_misfit(output, argument)
            if misfit is not None:
                yield _incompatible(
                    node, argument, f"'{binding.node}.{binding.output}'", output, misfit
                )
        elif isinstance(binding, Collection) and argument.artifact_type is None:
            yield from self._item_faults(node, argument, binding, argument.annotation)

    def _item_faults(
        self, node: DraftNode, argument: Argument, binding: Collection, annotation: Any
    ) -> Iterator[DefinitionError]:
        wanted = item_types(annotation, binding.kind, [key for key, _ in binding.items])
        if wanted is None:
            given = f"a {binding.kind.__name__} of outputs"
            yield _misfit_error(node, argument, "given", given, type_name(annotation), "")
            return
        for (_, item), item_type in zip(binding.items, wanted, strict=True):
            if isinstance(item, Collection):
                yield from self._item_faults(node, argument, item, item_type)
            elif isinstance(item, Reference):
                output = self.draft.nodes[item.node].step.outputs[item.output]
                misfit = value_misfit(output, item_type)
                if misfit is not None:
                    named = f"'{item.node}.{item.output}'"
                    shown = f"{type_name(annotation)}, so {type_name(item_type)} here"
                    yield _misfit_error(
                        node, argument, named, describe_output(output), shown, misfit
                    )


def _unknown_arguments(node: DraftNode) -> Iterator[DefinitionError]:
    known = [argument.name for argument in node.step.callable_arguments]
    for name in node.arguments:
        if name not in node.step.arguments:
            yield UnknownArgumentError(
                where=node.place,
                kind="Step",
                name=node.step.name,
                argument=name,
                suggestion=suggest(name, known),
            )


def _missing_arguments(node: DraftNode) -> Iterator[DefinitionError]:
    arguments = node.arguments
    for argument in node.step.callable_arguments:
        if argument.required and argument.name not in arguments:
            yield MissingArgumentError(
                where=node.place,
                argument=argument.name,
                node=node.name,
                cure=_cure_for_missing(node, argument),
            )


def _cure_for_missing(node: DraftNode, argument: Argument) -> str:
    name = node.slot.name if node.slot is not None else node.step.name
    if argument.kind is ArgumentKind.INPUT:
        return f"Connect an output to it in the body: `{name}({argument.name}=other.outputs.…)`."
    if node.slot is not None:
        return (
            f"Bind it in the filler, `{name}={node.step.name}.bind({argument.name}=…)`,"
            " or connect it in the body."
        )
    return f"Give it a value or an output: `{name}({argument.name}=…)`."


def _incompatible(
    node: DraftNode, argument: Argument, named: str, output: OutputSpec, misfit: str
) -> DefinitionError:
    wanted = (
        f"a {argument.artifact_type.__name__}"
        if argument.artifact_type is not None
        else type_name(argument.annotation)
    )
    return _misfit_error(node, argument, named, describe_output(output), wanted, misfit)


def _misfit_error(
    node: DraftNode, argument: Argument, named: str, given: str, wanted: str, detail: str
) -> DefinitionError:
    return IncompatibleTypesError(
        where=node.place,
        output=named,
        argument=argument.name,
        node=node.name,
        given=given,
        wanted=wanted,
        detail=detail,
        cure="Connect an output of that type, or change one of the two annotations.",
    )
