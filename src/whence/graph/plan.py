"""A plan: a checked pipeline, ready to run, with every value settled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId
from whence.graph.bindings import Binding, Condition
from whence.graph.decisions import Decision
from whence.graph.interface import StepOptions, StepSpec
from whence.graph.plan_text import render_plan


@frozen
class MapTemplate:
    """What a map places for each item of its lists, once these are known."""

    nodes: Mapping[str, "PlannedNode"]  # with `[*]` for the number of the item
    results: Mapping[str, Binding]  # what each item gives, by output of the map


@frozen
class PlannedNode:
    """A step as it will run, or a map that is expanded when its lists are there."""

    name: str
    step: StepSpec
    options: StepOptions
    parameters: Mapping[str, Any]  # validated values, defaults included
    recorded: Mapping[str, str]  # the same as typed JSON
    inputs: Mapping[str, Binding]  # arguments that take artifacts; of a map, its lists
    depends_on: tuple[str, ...]
    slot: str | None
    position: int
    conditions: tuple[Condition, ...] = ()  # all must hold, else the node is skipped
    tolerates: frozenset[str] = frozenset()  # of `depends_on`, whose outputs may be missing
    follows_items_of: tuple[str, ...] = ()  # maps of which a map spreads the results again
    template: MapTemplate | None = None  # of a map
    parent: str | None = None  # the map that placed it while the run went on


def _with_placed(nodes: Mapping[str, PlannedNode]) -> Iterator[PlannedNode]:
    """Yield nodes, each map followed by what it places."""
    for node in nodes.values():
        yield node
        if node.template is not None:
            yield from _with_placed(node.template.nodes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of a pipeline will do. `print(plan)` shows the graph."""

    pipeline: str
    nodes: Mapping[str, PlannedNode]  # each after all that it depends on
    returned: Binding | None
    parameters: Mapping[str, str]  # of pipeline and steps, as typed JSON
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])  # to the pipeline, by name
    earlier_results: Mapping[str, ArtifactId] = field(default_factory=dict[str, ArtifactId])
    """Results of earlier runs that it takes, as its body named them."""
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])  # by node

    @property
    def every_node(self) -> Mapping[str, PlannedNode]:
        """All nodes, also those that maps will place, which have `[*]` for their number."""
        return {node.name: node for node in _with_placed(self.nodes)}

    def __len__(self) -> int:
        return len(self.nodes)

    def __str__(self) -> str:
        return render_plan(self)

    __repr__ = __str__
