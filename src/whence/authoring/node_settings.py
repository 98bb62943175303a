"""What a call sets by node: arguments such as `split.seed`, and options of steps."""

from collections.abc import Mapping
from typing import Any

from whence.authoring.builder import PipelineBuilder
from whence.authoring.faults import Faults
from whence.authoring.options import make_step_options
from whence.authoring.pipeline_interface import PipelineSpec
from whence.authoring.places import calling_place
from whence.domain.node_names import without_items
from whence.errors import (
    BoundArgumentError,
    OutputGivenError,
    UnknownArgumentError,
    UnknownNodeError,
    suggest,
)
from whence.graph.draft import DraftNode
from whence.graph.interface import ArgumentKind


def apply_settings(
    builder: PipelineBuilder, spec: PipelineSpec, settings: Mapping[str, Any], prefix: str = ""
) -> None:
    """Bind what a call sets by node; a nested pipeline's nodes have its *prefix*."""
    for path, value in settings.items():
        name, _, argument = path.rpartition(".")
        with Faults(builder.faults).caught():
            binding = builder.bind(value, f"as setting '{path}'")
            found = _find_nodes(builder, spec, prefix, name, path)
            for node in (each for each in found if each.map is None):
                _check_setting(spec, node, name, argument)
                node.bound[argument] = binding


def apply_step_options(builder: PipelineBuilder, spec: PipelineSpec) -> None:
    """Give nodes the options that the pipeline's option `steps` has for them."""
    for name, options in (spec.options.steps or {}).items():
        with Faults(builder.faults).caught():
            for node in _find_nodes(builder, spec, "", name, f"steps={{{name!r}: ...}}"):
                node.options = make_step_options(node.options, options, name)


def check_refreshed(builder: PipelineBuilder, spec: PipelineSpec) -> None:
    """Look for the nodes that the pipeline's option `refresh` names."""
    for name in spec.options.refresh:
        with Faults(builder.faults).caught():
            _find_nodes(builder, spec, "", name, f"refresh=[{name!r}]")


def _find_nodes(
    builder: PipelineBuilder, spec: PipelineSpec, prefix: str, name: str, setting: str
) -> list[DraftNode]:
    """Return the node of a name; for a map's, which has no number, also all that it places."""
    node = builder.nodes.get(prefix + name)
    if node is not None and node.map is None:
        return [node]
    inside = {each.removeprefix(prefix): each for each in builder.nodes if each.startswith(prefix)}
    found = [builder.nodes[full] for each, full in inside.items() if without_items(each) == name]
    if not found:
        raise UnknownNodeError(
            where=calling_place(),
            pipeline=spec.name,
            node=name,
            setting=setting,
            suggestion=suggest(name, dict.fromkeys(map(without_items, inside))),
        )
    return found


def _check_setting(spec: PipelineSpec, node: DraftNode, name: str, argument: str) -> None:
    found = node.step.arguments.get(argument)
    if found is None:
        known = [each.name for each in node.step.callable_arguments]
        raise UnknownArgumentError(
            where=calling_place(),
            kind="Step",
            name=node.step.name,
            argument=argument,
            suggestion=suggest(argument, known),
        )
    if found.kind is ArgumentKind.OUTPUT:
        raise OutputGivenError(where=calling_place(), argument=argument, name=node.step.name)
    if argument in node.connected:
        raise BoundArgumentError(
            where=calling_place(),
            pipeline=spec.name,
            node=name,
            argument=argument,
            place=node.place,
        )
