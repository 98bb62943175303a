"""The shape of what a pipeline's body returned, with the artifacts that came of it."""

from whence.domain.output_shape import (
    ArtifactShape,
    CollectionShape,
    MissingShape,
    NothingShape,
    OutputShape,
)
from whence.graph.bindings import Binding, Collection, Reference
from whence.running.step_inputs import Produced
from whence.values.class_names import name_class
from whence.values.type_forms import is_named_tuple


def shape_outputs(returned: Binding | None, produced: Produced) -> OutputShape:
    """Return the shape of a run's outputs; those that never came are marked as missing."""
    return NothingShape() if returned is None else _shape(returned, produced)


def _shape(binding: Binding, produced: Produced) -> OutputShape:
    if isinstance(binding, Collection):
        items = [(key, _shape(item, produced)) for key, item in binding.items]
        name = name_class(binding.kind) if is_named_tuple(binding.kind) else ""
        return CollectionShape.of(binding.kind, items, name)
    if isinstance(binding, Reference):
        found = produced.outputs.get((binding.node, binding.output))
        if found is not None:
            return ArtifactShape(found[1])
        return MissingShape(binding.node, binding.output)
    raise AssertionError(binding)  # a plan returns outputs alone
