"""What happens while a pipeline's body runs: nodes are placed, named and tied."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, cast

from whence.authoring.arguments import name_arguments
from whence.authoring.handles import (
    NodeHandle,
    OutputHandle,
    SlotHandle,
    builder_of,
    node_of,
    output_names,
    output_of,
)
from whence.authoring.places import calling_place
from whence.domain.artifacts import Artifact
from whence.errors import (
    DefinitionError,
    DuplicateNodeError,
    ForeignNodeError,
    UnknownOutputError,
    UnplacedStepError,
)
from whence.graph.bindings import Binding, Collection, Constant, Given, Reference, Unusable
from whence.graph.draft import DraftNode, SlotUse
from whence.graph.interface import StepSpec

_current: ContextVar["PipelineBuilder | None"] = ContextVar("whence_builder", default=None)


def current_builder() -> "PipelineBuilder | None":
    """Return the builder of the body that runs here, or None outside bodies."""
    return _current.get()


@dataclass(slots=True)
class ConnectRequest:
    """One call of `connect`, answered at the end of the body."""

    nodes: list[DraftNode]
    place: str


@dataclass(slots=True)
class Scope:
    """One body: that of the pipeline that was called, or of one nested in it."""

    prefix: str
    slots: list[SlotHandle] = field(default_factory=list[SlotHandle])
    requests: list[ConnectRequest] = field(default_factory=list[ConnectRequest])


class PipelineBuilder:
    """Collects the nodes and faults of one call of a pipeline."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self.nodes: dict[str, DraftNode] = {}
        self.faults: list[DefinitionError] = []
        self._scopes: list[Scope] = []
        self._names: set[str] = set()
        self._counts: dict[str, int] = {}  # the last number given after each name

    @contextmanager
    def active(self) -> Generator[None]:
        """Make this the builder to which calls of steps go."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @contextmanager
    def scope(self, name: str | None) -> Generator[Scope]:
        """Enter a body; that of a nested pipeline puts its name before those of its nodes."""
        prefix = ""
        if name is not None:
            prefix = self._unique_name(self._prefix + name, given=False) + "."
        scope = Scope(prefix)
        self._scopes.append(scope)
        try:
            yield scope
        finally:
            self._scopes.pop()

    @property
    def innermost(self) -> Scope:
        """The body that is running."""
        return self._scopes[-1]

    def place(self, step: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> NodeHandle:
        """Place a step, bare or configured, and return its node."""
        node = self._add_node(step.spec, step.bound, None)
        self.supply(node, args, kwargs)
        return NodeHandle(self, node, step.spec)

    def reserve(self, slot: SlotHandle) -> DraftNode:
        """Return a new node for a slot, with what its filler has bound."""
        return self._add_node(slot.spec, slot.bound, SlotUse(slot.name, slot.interface))

    def supply(self, node: DraftNode, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Bind the arguments of a call in the body to a node."""
        interface = node.slot.interface if node.slot is not None else node.step
        given, faults = name_arguments(interface if args else node.step, args, kwargs)
        self.faults += faults
        node.place = calling_place()
        for name, value in given.items():
            node.connected[name] = self.bind(value, f"Argument '{name}' of '{node.name}'")

    def bind(self, value: Any, use: str) -> Binding:
        """Return what a value given in a body means."""
        if isinstance(value, NodeHandle):
            return self._bind_node(value)
        if isinstance(value, OutputHandle):
            return self._bind_output(value)
        if isinstance(value, Artifact):
            return Given(value)
        if isinstance(value, SlotHandle) or hasattr(value, "_whence_definition"):
            name = getattr(value, "name", None) or getattr(value, "__name__", "?")
            self.faults.append(UnplacedStepError(where=calling_place(), use=use, name=name))
            return Unusable()
        if isinstance(value, (list, tuple, dict)) and _holds_nodes(cast("Any", value)):
            return self._bind_items(cast("Any", value), use)
        return Constant(value)

    def _bind_items(self, value: Any, use: str) -> Binding:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            pairs = zip(cast("Any", value)._fields, cast("Any", value), strict=True)
        items = tuple((key, self.bind(item, use)) for key, item in cast("Any", pairs))
        return Collection(type(value), items)

    def _bind_node(self, handle: NodeHandle) -> Binding:
        names = output_names(handle)
        if len(names) == 1:
            return self._bind_output(handle.outputs[names[0]])
        node = node_of(handle)
        given = (
            f"It has {len(names)}: {', '.join(names)}. Name one of them."
            if names
            else ("It gives nothing: it runs for its effect.")
        )
        self.faults.append(
            UnknownOutputError(
                where=calling_place(), node=node.name, output="result", suggestion=given
            )
        )
        return Unusable()

    def _bind_output(self, handle: OutputHandle) -> Binding:
        node, output = node_of(handle), output_of(handle)
        if builder_of(handle) is not self:
            self.faults.append(ForeignNodeError(where=calling_place(), node=node.name))
            return Unusable()
        return Unusable() if output is None else Reference(node.name, output)

    def _add_node(
        self, spec: StepSpec, bound: Mapping[str, Any], slot: SlotUse | None
    ) -> DraftNode:
        given = spec.options.name
        base = given or (slot.name if slot is not None else spec.name)
        name = self._unique_name(self._prefix + base, given=given is not None)
        node = DraftNode(name, spec, spec.options, calling_place(), len(self.nodes), slot)
        self.nodes[name] = node
        for argument, value in bound.items():
            node.bound[argument] = self.bind(value, f"Argument '{argument}' of '{name}'")
        return node

    @property
    def _prefix(self) -> str:
        return self._scopes[-1].prefix if self._scopes else ""

    def _unique_name(self, name: str, *, given: bool) -> str:
        if given and name in self._names:
            self.faults.append(DuplicateNodeError(where=calling_place(), node=name))
        unique, count = name, self._counts.get(name, 1)
        while unique in self._names:
            count += 1
            unique = f"{name}_{count}"
        self._counts[name] = count
        self._names.add(unique)
        return unique


def _holds_nodes(value: Any) -> bool:
    """Return whether a list, tuple or dict holds a node, however deep."""
    items = value.values() if isinstance(value, dict) else value
    return any(
        isinstance(item, (NodeHandle, OutputHandle, SlotHandle, Artifact))
        or (isinstance(item, (list, tuple, dict)) and _holds_nodes(item))
        for item in cast("Any", items)
    )
