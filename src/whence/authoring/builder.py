"""What happens while a pipeline's body runs: nodes are placed, named and tied."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from whence.authoring.arguments import name_arguments
from whence.authoring.earlier_inputs import EarlierInputs
from whence.authoring.handles import (
    ItemHandle,
    NodeHandle,
    OutputHandle,
    Outputs,
    SlotHandle,
    builder_of,
    handle_of,
    item_of,
    name_output,
    node_of,
    output_names,
    output_of,
)
from whence.authoring.mapped import MappedList, MappedOutputs, lists_of
from whence.authoring.mapping import map_step
from whence.authoring.options import refuse_allowance
from whence.authoring.places import calling_place
from whence.domain.artifacts import Artifact, ArtifactHolder
from whence.errors import (
    DefinitionError,
    DuplicateNodeError,
    ForeignNodeError,
    NoSingleOutputError,
    UnplacedStepError,
)
from whence.graph.bindings import (
    Binding,
    Collection,
    Condition,
    Constant,
    Reference,
    Unusable,
)
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

    def __init__(self, pipeline: str, earlier: EarlierInputs | None = None) -> None:
        self.pipeline = pipeline
        self.earlier = EarlierInputs() if earlier is None else earlier
        self.nodes: dict[str, DraftNode] = {}
        self.faults: list[DefinitionError] = []
        self.refused: list[Any] = []  # values whose fault is reported, wherever they go from there
        self.conditions: tuple[Condition, ...] = ()  # of the `when` blocks that are open
        self._within: str | None = None
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
        """Enter a body; that of a nested pipeline puts its *name* before those of its nodes."""
        scope = Scope("" if name is None else f"{name}.")
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
        self._connect(node, args, kwargs)
        return NodeHandle(self, node, step.spec)

    def map(self, step: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Place a step, or what fills a slot, once for each item of lists; return the results."""
        return map_step(self, step, args, kwargs)

    def reserve(self, slot: SlotHandle) -> DraftNode:
        """Return a new node for a slot, with what its filler has bound."""
        return self._add_node(slot.spec, slot.bound, SlotUse(slot.name, slot.interface))

    def supply(self, node: DraftNode, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Bind the arguments of a call in the body to a node that was reserved before."""
        node.place, node.conditions = calling_place(), self.conditions
        self._connect(node, args, kwargs)

    def _connect(self, node: DraftNode, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        interface = node.slot.interface if node.slot is not None else node.step
        given, faults = name_arguments(interface if args else node.step, args, kwargs)
        self.faults += faults
        node.connected |= self.bind_each(given, node.name)

    def bind(self, value: Any, use: str) -> Binding:
        """Return what a value given in a body means; *use* says for what, should it be a fault."""
        if isinstance(value, (Outputs, NodeHandle, OutputHandle, ItemHandle)):
            return self._bind_handle(value)
        if isinstance(value, ArtifactHolder):
            value = value.as_input()
        if isinstance(value, Artifact):
            return self.earlier.take(value)
        if isinstance(value, SlotHandle) or hasattr(value, "_whence_definition"):
            return self._refuse_unplaced(value, use)
        if any(value is each for each in self.refused):
            return Unusable()
        if isinstance(value, MappedOutputs):
            return self._refuse_several(str(value), list(lists_of(value)))
        return self._bind_items(value, use) if holds_nodes(value) else Constant(value)

    def _bind_handle(self, value: Outputs | NodeHandle | OutputHandle | ItemHandle) -> Binding:
        if isinstance(value, OutputHandle):
            return self._bind_output(value)
        if isinstance(value, ItemHandle):
            return self._bind_item(value)
        return self._bind_node(handle_of(value) if isinstance(value, Outputs) else value)

    def _refuse_unplaced(self, value: Any, use: str) -> Binding:
        kind, name = "Slot" if isinstance(value, SlotHandle) else "Step", value.spec.name
        if isinstance(value, SlotHandle):
            name = value.name
        elif not hasattr(value.spec, "outputs"):
            kind = "Pipeline"
        self.faults.append(UnplacedStepError(where=calling_place(), use=use, kind=kind, name=name))
        return Unusable()

    def _bind_items(self, value: Any, use: str) -> Binding:
        keys: Iterable[Any] = getattr(value, "_fields", range(len(value)))
        held: Any = value if hasattr(value, "keys") else dict(zip(keys, value, strict=True))
        items = tuple((key, self.bind(item, use)) for key, item in held.items())
        return Collection(list if isinstance(value, MappedList) else value.__class__, items)

    def _bind_node(self, handle: NodeHandle) -> Binding:
        names = output_names(handle)
        if len(names) == 1:
            return self._bind_output(name_output(handle, names[0]))
        return self._refuse_several(node_of(handle).name, names)

    def _refuse_several(self, node: str, names: Sequence[str]) -> Binding:
        if names:
            reason = f"It has {len(names)} outputs."
            cure = f"Name the one that is meant: {', '.join(f'`.{name}`' for name in names)}."
        else:
            reason = "Its step returns nothing and has no `Output`: it runs for its effect."
            cure = "Annotate what the step returns, or leave the node out here."
        where = calling_place()
        self.faults.append(NoSingleOutputError(where=where, node=node, reason=reason, cure=cure))
        return Unusable()

    def _bind_item(self, handle: ItemHandle) -> Binding:
        if builder_of(handle) is not self:
            self.faults.append(ForeignNodeError(where=calling_place(), node=str(handle)))
            return Unusable()
        return item_of(handle)

    def _bind_output(self, handle: OutputHandle) -> Binding:
        node, output = node_of(handle), output_of(handle)
        if builder_of(handle) is not self:
            self.faults.append(ForeignNodeError(where=calling_place(), node=node.name))
            return Unusable()
        return Unusable() if output is None else Reference(node.name, output)

    def _add_node(
        self, spec: StepSpec, bound: Mapping[str, Any], slot: SlotUse | None
    ) -> DraftNode:
        if spec.options.allow_failures is not False:
            self.faults.append(refuse_allowance(spec.options.allow_failures, f"step '{spec.name}'"))
        name = self.choose_name(slot.name if slot is not None else spec.name, spec.options.name)
        node = self.create_node(name, spec, slot, calling_place())
        node.bound = self.bind_each(bound, name)
        return node

    def create_node(self, name: str, spec: StepSpec, slot: SlotUse | None, place: str) -> DraftNode:
        """Return a new node that bears a name of its own already; nothing is bound to it yet."""
        node = DraftNode(name, spec, spec.options, place, len(self.nodes), slot)
        node.within, node.conditions = self._within, self.conditions
        self.nodes[name] = node
        return node

    @contextmanager
    def template(self, map_name: str) -> Generator[None]:
        """Let what is placed belong to a map, which places it for each of its items."""
        outer = self._within, self.conditions
        self._within, self.conditions = map_name, ()  # the map itself has the outer conditions
        try:
            yield
        finally:
            self._within, self.conditions = outer

    def bind_each(self, values: Mapping[str, Any], node: str) -> dict[str, Binding]:
        """Return what the values given for the arguments of a node mean."""
        return {
            name: self.bind(value, f"as argument '{name}' of '{node}'")
            for name, value in values.items()
        }

    def choose_name(self, name: str, given: str | None = None) -> str:
        """Return the name of something new in the innermost body: the one *given*, else *name*.

        A name that is taken gets a number; where it was given, that is a fault.
        """
        prefix = self._scopes[-1].prefix if self._scopes else ""
        return self._unique_name(prefix + (given or name), given=given is not None)

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


def holds_nodes(value: Any) -> bool:
    """Return whether a list, tuple or dict holds a node or an artifact, however deep."""
    if not issubclass(value.__class__, _CONTAINERS):
        return False
    waiting, seen = [value], {id(value)}  # a container may hold itself
    while waiting:
        for item in _items_of(waiting.pop()):
            if isinstance(item, _PLACED):
                return True
            if issubclass(item.__class__, _CONTAINERS) and id(item) not in seen:
                seen.add(id(item))
                waiting.append(item)
    return False


_CONTAINERS = (list, tuple, dict)
_PLACED = (NodeHandle, OutputHandle, ItemHandle, Outputs, SlotHandle, Artifact, ArtifactHolder)


def _items_of(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container  # pyright: ignore[reportUnknownVariableType]  # of whatever items
