"""What a pipeline's `.map()` places: its body, nested once for each item of lists."""

from collections.abc import Mapping
from typing import Any

from whence.authoring.build_pipeline import nest_pipeline
from whence.authoring.builder import PipelineBuilder
from whence.authoring.mapped import gather_results
from whence.authoring.mapping import map_given, refuse_map
from whence.authoring.pipeline_arguments import name_pipeline_arguments
from whence.authoring.pipeline_interface import PipelineSpec
from whence.authoring.spreading import Spread
from whence.domain.node_names import name_item


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
