"""Which argument of a step was given what."""

from collections.abc import Mapping
from typing import Any

from whence.authoring.places import calling_place
from whence.errors import DefinitionError, OutputGivenError, UnknownArgumentError
from whence.graph.interface import ArgumentKind, StepSpec
from whence.values.validation import describe_value


def name_arguments(
    spec: StepSpec, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[DefinitionError]]:
    """Return what was given by argument name, and the faults of how it was given."""
    place = calling_place()
    takers = spec.callable_arguments
    faults: list[DefinitionError] = []
    given: dict[str, Any] = {}
    for position, value in enumerate(args):
        if position < len(takers):
            given[takers[position].name] = value
        else:
            shown = f"number {position + 1} ({describe_value(value)})"
            takes = f"It takes {len(takers)}: {', '.join(str(each) for each in takers)}."
            faults.append(unknown_argument(spec, shown, place, takes))
    for name, value in kwargs.items():
        if name in given:
            faults.append(unknown_argument(spec, name, place, "It was given by position already."))
        elif (
            spec.arguments.get(name) is not None
            and spec.arguments[name].kind is ArgumentKind.OUTPUT
        ):
            faults.append(OutputGivenError(where=place, argument=name, name=spec.name))
        else:
            given[name] = value
    return given, faults


def unknown_argument(spec: StepSpec, argument: str, place: str, suggestion: str) -> DefinitionError:
    return UnknownArgumentError(
        where=place, kind="Step", name=spec.name, argument=argument, suggestion=suggestion
    )
