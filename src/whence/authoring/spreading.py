"""What a map spreads: lists that are known now, and lists which only the run knows."""

import itertools
from collections.abc import Iterator, Mapping, MappingView, Sequence
from typing import Any, cast

from whence.authoring.handles import ItemHandle, NodeHandle, OutputHandle, Outputs
from whence.authoring.mapped import MappedOutputs
from whence.authoring.places import calling_place
from whence.domain.artifacts import Artifact
from whence.domain.frozen import frozen
from whence.errors import (
    DefinitionError,
    NothingSpreadError,
    NotSpreadableError,
    UnequalListsError,
)
from whence.values.validation import describe_value

_TEXTS = (str, bytes, bytearray, memoryview)
_ENDLESS = (itertools.count, itertools.cycle, itertools.repeat)
_PLACED = (NodeHandle, OutputHandle, ItemHandle, Outputs, MappedOutputs)


@frozen
class Spread:
    """The lists of one call of `.map`, by argument."""

    known: Mapping[str, Sequence[Any]]
    open: Mapping[str, Any]  # handles of lists which only the run knows
    order: Sequence[str]  # of the arguments

    @property
    def count(self) -> int:
        """How many items the known lists have; there is at least one."""
        return len(next(iter(self.known.values())))

    def item(self, index: int) -> dict[str, Any]:
        """Return what one item is given, by argument."""
        return {argument: items[index] for argument, items in self.known.items()}


def read_spread(
    owner: str, given: Mapping[str, Any]
) -> tuple[Spread | None, list[DefinitionError]]:
    """Return the lists that a map is given by position, or the faults of what was given."""
    faults: list[DefinitionError] = []
    known: dict[str, Sequence[Any]] = {}
    for name, value in given.items():
        if isinstance(value, _PLACED):
            continue
        items = _list_items(value)
        if items is None:
            faults.append(_not_spreadable(owner, name, value))
        else:
            known[name] = items
    faults += _compare_lengths(owner, known)
    if not given:
        faults.append(NothingSpreadError(where=calling_place(), owner=owner))
    if faults:
        return None, faults
    opened = {name: given[name] for name in given if name not in known}
    return Spread(known, opened, tuple(given)), []


def _list_items(value: Any) -> Sequence[Any] | None:
    """Return the items of what has an order; None for anything else."""
    if isinstance(value, (*_TEXTS, *_ENDLESS)):
        return None
    if isinstance(value, Sequence):
        return cast("Sequence[Any]", value)
    if isinstance(value, (Iterator, MappingView)):
        return list(cast("Iterator[Any]", value))
    return None


def _not_spreadable(owner: str, argument: str, value: Any) -> DefinitionError:
    reason, cure = _why_not(value)
    return NotSpreadableError(
        where=calling_place(),
        owner=owner,
        argument=argument,
        value=_shown(value),
        reason=reason,
        cure=cure,
    )


def _shown(value: Any) -> str:
    if hasattr(value, "_whence_definition"):
        return f"the step '{value.spec.name}'"
    return repr(value) if isinstance(value, Artifact) else describe_value(value)


def _why_not(value: Any) -> tuple[str, str]:
    whole = "What every item is to get as it is goes by keyword."
    for kinds, reason, cure in _REASONS:
        if isinstance(value, kinds):
            return reason, cure
    if hasattr(value, "_whence_definition"):
        return "It is a step that is not placed.", "Call it, and spread what it gives."
    form = "a list of its items: `list(...)`" if hasattr(value, "__iter__") else "a list"
    return "It is no list.", f"Give {form}. {whole}"


_REASONS: tuple[tuple[tuple[type, ...], str, str], ...] = (
    (
        _TEXTS,
        "A text is one value, not a list of its characters.",
        "Put it in a list. What every item is to get as it is goes by keyword.",
    ),
    (
        (Mapping,),
        "A dict has keys and values.",
        "Spread its values, `.values()`, or its `.keys()`.",
    ),
    ((set, frozenset), "A set has no order.", "Sort it: `sorted(...)`."),
    (_ENDLESS, "It has no end.", "Give a list as long as the others, or the value by keyword."),
    ((Artifact,), "It is an artifact.", "Spread the list that it holds: `artifact.read()`."),
)


def _compare_lengths(owner: str, known: Mapping[str, Sequence[Any]]) -> Iterator[DefinitionError]:
    if len({len(items) for items in known.values()}) > 1:
        lengths = ", ".join(f"{len(items)} for '{name}'" for name, items in known.items())
        yield UnequalListsError(where=calling_place(), owner=owner, lengths=lengths)
