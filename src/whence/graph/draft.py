"""A pipeline as its body declared it, not yet checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whence.domain.frozen import frozen
from whence.domain.node_names import is_item
from whence.errors import DefinitionError
from whence.graph.bindings import Binding, Condition
from whence.graph.interface import OutputSpec, StepOptions, StepSpec


@frozen
class SlotUse:
    """A slot that a node fills: the slot's name and the step that states its interface."""

    name: str
    interface: StepSpec


@frozen
class DraftMap:
    """What a map places for each item of lists which only the run knows."""

    lists: Mapping[str, Binding]  # by argument
    items: Mapping[str, OutputSpec]  # what the items of an output that is a list are
    results: dict[str, Binding] = field(default_factory=dict[str, Binding])
    """What each item gives, by output of the map."""


@dataclass(slots=True)
class DraftNode:
    """A step placed in a pipeline; its arguments may still be added to."""

    name: str
    step: StepSpec
    options: StepOptions
    place: str  # file:line of the call that placed it
    position: int  # in the order of placing, from 0
    slot: SlotUse | None = None
    bound: dict[str, Binding] = field(
        default_factory=dict[str, Binding]
    )  # by the filler, or from outside
    connected: dict[str, Binding] = field(default_factory=dict[str, Binding])  # by the body
    map: DraftMap | None = None  # of a node that stands for a map
    within: str | None = None  # the map that places it, and is still to be expanded
    conditions: tuple[Condition, ...] = ()  # all of them must hold

    @property
    def shown_name(self) -> str:
        """What a message about its arguments names: the step, or which item of a map it is."""
        return self.name if is_item(self.name) else self.step.name

    @property
    def arguments(self) -> dict[str, Binding]:
        """All bindings; what the body says holds over what the filler brought."""
        return {**self.bound, **self.connected}


@frozen
class Draft:
    """All that one call of a pipeline declared."""

    pipeline: str
    place: str
    nodes: Mapping[str, DraftNode]
    returned: Binding | None
    parameters: Mapping[str, Any]
    faults: Sequence[DefinitionError]
