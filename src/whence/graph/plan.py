"""A plan: a checked pipeline, ready to run, with every value settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from whence.graph.bindings import Binding
from whence.graph.decisions import Decision
from whence.graph.interface import StepOptions, StepSpec
from whence.graph.plan_text import render_plan


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A step as it will run."""

    name: str
    step: StepSpec
    options: StepOptions
    parameters: Mapping[str, Any]  # validated values, defaults included
    recorded: Mapping[str, str]  # the same as typed JSON
    inputs: Mapping[str, Binding]  # arguments that take artifacts
    depends_on: tuple[str, ...]
    slot: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of a pipeline will do. `print(plan)` shows the graph."""

    pipeline: str
    nodes: Mapping[str, PlannedNode]  # each after all that it depends on
    returned: Binding | None
    parameters: Mapping[str, str]  # of pipeline and steps, as typed JSON
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])  # to the pipeline, by name
    decisions: Mapping[str, Decision] = field(default_factory=dict[str, Decision])  # by node

    def __len__(self) -> int:
        return len(self.nodes)

    def __str__(self) -> str:
        return render_plan(self)

    __repr__ = __str__
