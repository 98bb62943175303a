"""`when`: what a block of a body places is run if a truth value says so, else skipped."""

from typing import Any

from whence.authoring.builder import PipelineBuilder, current_builder
from whence.authoring.handles import ItemHandle, NodeHandle, OutputHandle, Outputs
from whence.authoring.open_maps import find_list
from whence.authoring.places import calling_place
from whence.errors import InvalidConditionError, OutsideBodyError
from whence.graph.bindings import Binding, Condition, Constant, Each, Reference, Unusable
from whence.values.type_forms import type_name, unwrap
from whence.values.validation import describe_value


def when(flag: bool, *, is_: bool = True) -> "Branch":  # noqa: FBT001  # it reads as the condition
    """Run what the block places only if *flag* is true, or what *is_* says; else skip it.

    *flag* is an output of type `bool`, or a truth value that is known already. Who takes the output
    of a skipped step gets None if it accepts that, and is else skipped too. Raises
    `OutsideBodyError` outside a pipeline's body.
    """
    builder = current_builder()
    if builder is None:
        raise OutsideBodyError(where=calling_place(), name="when")
    return Branch(builder, _read_condition(builder, flag, expected=is_))


class Branch:
    """A `with` block of a body, whose nodes have a condition."""

    def __init__(self, builder: PipelineBuilder, conditions: tuple[Condition, ...]) -> None:
        self._builder = builder
        self._conditions = conditions
        self._outer: tuple[Condition, ...] = ()

    def __enter__(self) -> None:
        self._outer = self._builder.conditions
        self._builder.conditions = (*self._outer, *self._conditions)

    def __exit__(self, *_raised: object) -> None:
        self._builder.conditions = self._outer


def _read_condition(
    builder: PipelineBuilder, flag: Any, *, expected: bool
) -> tuple[Condition, ...]:
    """Return the condition; none for a truth value that holds, or for a fault."""
    if isinstance(flag, bool):
        return () if flag is expected else (Condition(Constant(flag), expected),)
    if not isinstance(flag, (NodeHandle, OutputHandle, Outputs, ItemHandle)):
        _refuse(builder, describe_value(flag), "It is neither an output nor True or False.")
        return ()
    binding = builder.bind(flag, "as a condition")
    given = _type_of(builder, binding)
    if given is not None and unwrap(given) is not bool:
        _refuse(builder, f"'{flag!s}'", f"Its type is {type_name(given)}, not bool.")
        return ()
    return () if isinstance(binding, Unusable) else (Condition(binding, expected),)


def _type_of(builder: PipelineBuilder, binding: Binding) -> Any:
    """Return the declared type of what decides; None where its fault is reported already."""
    if isinstance(binding, Reference):
        output = builder.nodes[binding.node].step.outputs[binding.output]
        return output.artifact_type if output.handed_in else output.annotation
    if isinstance(binding, Each):
        item = find_list(binding, builder.nodes)
        return item.annotation if item is not None else object
    return None


def _refuse(builder: PipelineBuilder, value: str, reason: str) -> None:
    builder.faults.append(InvalidConditionError(where=calling_place(), value=value, reason=reason))
