"""Which argument of a step or pipeline was given what."""

from collections.abc import Mapping, Sequence
from typing import Any

from whence.authoring.places import calling_place
from whence.errors import (
    DefinitionError,
    OutputGivenError,
    RepeatedArgumentError,
    TooManyArgumentsError,
    UnknownArgumentError,
    suggest,
)
from whence.graph.interface import ArgumentKind, StepSpec
from whence.values.validation import describe_value


def name_arguments(
    spec: StepSpec, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[DefinitionError]]:
    """Return what was given to a step by argument name, and the faults of how it was given."""
    takers = spec.callable_arguments
    given, faults = join_arguments("Step", spec.name, [each.name for each in takers], args, kwargs)
    for name in kwargs:  # by position nobody can give an output
        argument = spec.arguments.get(name)
        if argument is not None and argument.kind is ArgumentKind.OUTPUT:
            faults.append(OutputGivenError(where=calling_place(), argument=name, name=spec.name))
            del given[name]
    return given, faults


def join_arguments(
    kind: str, owner: str, names: Sequence[str], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Any], list[DefinitionError]]:
    """Return what was given by position and by name in one; surplus and repetition are faults."""
    faults: list[DefinitionError] = []
    if len(args) > len(names):
        faults.append(
            TooManyArgumentsError(
                where=calling_place(),
                kind=kind,
                name=owner,
                count=len(args),
                reason=f"It takes {len(names)}: {', '.join(names)}." if names else "It takes none.",
                surplus=", ".join(describe_value(value) for value in args[len(names) :]),
            )
        )
    given = dict(zip(names, args, strict=False))
    repeated = [name for name in kwargs if name in given] if given else ()
    faults += [
        RepeatedArgumentError(where=calling_place(), kind=kind.lower(), name=owner, argument=name)
        for name in repeated
    ]
    return {**given, **kwargs} if kwargs else given, faults


def unknown_argument(
    kind: str, owner: str, argument: str, known: Sequence[str], place: str
) -> DefinitionError:
    """Return the fault of a name that a step or pipeline does not have."""
    return UnknownArgumentError(
        where=place,
        kind=kind,
        name=owner,
        argument=argument,
        suggestion=suggest(argument, known),
    )
