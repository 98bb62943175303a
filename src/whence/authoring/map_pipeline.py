"""What a pipeline's `.map()` places: its body, nested once for each item of lists."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from whence.authoring.build_pipeline import nest_pipeline
from whence.authoring.builder import PipelineBuilder
from whence.authoring.handles import NodeHandle
from whence.authoring.mapped import gather_results, parts_of
from whence.authoring.mapping import map_given, refuse_map
from whence.authoring.open_maps import OpenMap
from whence.authoring.pipeline_arguments import name_pipeline_arguments
from whence.authoring.pipeline_interface import PipelineSpec
from whence.authoring.spreading import Spread
from whence.authoring.step_outputs import DEFAULT_OUTPUT
from whence.domain.artifacts import DataArtifact
from whence.domain.node_names import EACH, name_item
from whence.graph.bindings import Binding
from whence.graph.interface import OutputSpec, ReturnForm, StepOptions, StepSpec


def map_pipeline(
    builder: PipelineBuilder,
    spec: PipelineSpec,
    bound: Mapping[str, Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    """Nest a pipeline once for each item; return what its body returned for all of them."""

    def place(spread: Spread, whole: Mapping[str, Any]) -> Any:
        name = builder.choose_name(spec.options.name or spec.name)
        if spread.open or spec.options.allow_failures is not False:
            return _place_open(builder, spec, name, spread, {**bound, **whole})
        faults, results = len(builder.faults), list[Any]()
        for index in range(spread.count):
            given = {**bound, **whole, **spread.item(index)}
            results.append(nest_pipeline(builder, spec, given, name_item(name, index)))
            if len(builder.faults) > faults:
                break  # the other items would have the same ones
        return gather_results(name, results)

    given, faults = name_pipeline_arguments(spec, args, kwargs)
    builder.faults += faults
    if faults:
        return refuse_map(builder)
    return map_given(builder, spec.options.name or spec.name, given, len(args), place)


def _place_open(
    builder: PipelineBuilder, spec: PipelineSpec, name: str, spread: Spread, given: dict[str, Any]
) -> Any:
    """Place a node for a map that is expanded while the run goes on; declare its body once."""
    options = StepOptions(allow_failures=spec.options.allow_failures)
    interface = StepSpec(spec.name, spec.fn, {}, {}, ReturnForm.NOTHING, spec.place, options)
    opened = OpenMap(builder, name, interface, spec.name)
    if not opened.spread(spread):
        return refuse_map(builder)
    with builder.template(name):
        every = {**given, **opened.handles()}
        returned = nest_pipeline(builder, spec, every, name_item(name, EACH))
        results = _bind_results(builder, returned)
    opened.give(results)
    outputs = {each: OutputSpec(each, DataArtifact, list[Any]) for each in results}
    opened.node.step = replace(interface, outputs=outputs)
    return NodeHandle(builder, opened.node, opened.node.step)


def _bind_results(builder: PipelineBuilder, returned: Any) -> dict[str, Binding]:
    parts = parts_of(returned)
    if returned is not None and not parts:
        parts = {DEFAULT_OUTPUT: returned}
    use = "as the return value"
    return {name: builder.bind(part, use) for name, part in parts.items()}
