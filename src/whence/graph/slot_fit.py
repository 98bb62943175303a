"""Does a step fit a slot, as the pipeline's body uses it?"""

from collections.abc import Iterable, Iterator, Mapping

from whence.errors import DefinitionError, SlotMismatchError
from whence.graph.draft import DraftNode, SlotUse
from whence.graph.fit import value_misfit
from whence.graph.interface import StepSpec
from whence.values.type_forms import type_name


def outputs_fit(node: DraftNode) -> bool:
    """Return whether a node has the outputs that its slot, if it fills one, promises."""
    slot = node.slot
    return slot is None or not any(_output_faults(node.step, slot.interface))


def check_slot(
    node: DraftNode, misfits: Iterable[tuple[str, DefinitionError]]
) -> SlotMismatchError | None:
    """Return the fault of a filler that does not fit, showing both interfaces side by side.

    *misfits* are the faults of what the body connects to its arguments, by name.
    """
    slot = node.slot
    if slot is None or node.step is slot.interface:
        return None
    reasons = [
        *_argument_faults(node, slot.interface, dict(map(_phrase, misfits))),
        *_output_faults(node.step, slot.interface),
        *_unbound_faults(node),
    ]
    if not reasons:
        return None
    reason = "\n".join([*reasons, "", *_side_by_side(slot, node.step)])
    return SlotMismatchError(where=node.place, filler=node.step.name, slot=slot.name, reason=reason)


def _phrase(misfit: tuple[str, DefinitionError]) -> tuple[str, str]:
    name, fault = misfit
    given = fault.facts.get("given") or fault.facts["value"]
    return name, f"{given} for {fault.facts.get('wanted', 'another type')}"


def _argument_faults(
    node: DraftNode, interface: StepSpec, misfits: Mapping[str, str]
) -> Iterator[str]:
    for name in node.connected:
        if name in misfits:
            yield f"Its argument '{name}' does not accept what it is given: {misfits[name]}."
        elif name not in node.step.arguments and name in interface.arguments:
            yield f"This pipeline gives it '{name}', which it does not take."


def _output_faults(filler: StepSpec, interface: StepSpec) -> Iterator[str]:
    if len(filler.outputs) == len(interface.outputs) == 1:
        given, wanted = next(iter(filler.outputs.values())), next(iter(interface.outputs.values()))
        pairs = [(given, wanted)]
    else:
        pairs = [(filler.outputs.get(name), output) for name, output in interface.outputs.items()]
    for given, wanted in pairs:
        if given is None:
            yield f"It has no output '{wanted.name}'."
        elif not issubclass(given.artifact_type, wanted.artifact_type):
            yield (
                f"Its output '{given.name}' is a {given.artifact_type.__name__},"
                f" not a {wanted.artifact_type.__name__}."
            )
        elif (
            not wanted.handed_in and (misfit := value_misfit(given, wanted.annotation)) is not None
        ):
            shown = type_name(wanted.annotation)
            yield f"Its output '{given.name}' is {given.type_shown}, not {shown}.{misfit}"


def _unbound_faults(node: DraftNode) -> Iterator[str]:
    arguments = node.arguments
    for argument in node.step.callable_arguments:
        if argument.required and argument.name not in arguments:
            yield f"Its argument '{argument.name}' is neither bound nor given, and has no default."


def _side_by_side(slot: SlotUse, filler: StepSpec) -> list[str]:
    left = [f"slot {slot.name}: {slot.interface.name}", *_interface_lines(slot.interface)]
    right = [f"filler: {filler.name}", *_interface_lines(filler)]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    width = max(map(len, left))
    return [f"{a:<{width}}   {b}".rstrip() for a, b in zip(left, right, strict=True)]


def _interface_lines(step: StepSpec) -> list[str]:
    takes = [f"  takes {argument}" for argument in step.callable_arguments]
    gives = [f"  gives {output.name}: {output.type_shown}" for output in step.outputs.values()]
    return takes + gives
