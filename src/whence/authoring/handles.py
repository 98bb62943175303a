"""What a pipeline's body sees: nodes and outputs that stand for values which are not there yet."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, NoReturn, Protocol

from whence.authoring.places import calling_place
from whence.domain.node_names import EACH, name_item
from whence.errors import (
    DefinitionError,
    LengthNotKnownError,
    NodeUsedAsValueError,
    SlotOutputsError,
    UnknownOutputError,
    UnplacedStepError,
    suggest,
)
from whence.graph.bindings import Each, Unusable
from whence.graph.draft import DraftNode
from whence.graph.interface import StepSpec


class Placer(Protocol):
    """The part of a builder that handles need."""

    faults: list[DefinitionError]

    def reserve(self, slot: "SlotHandle") -> DraftNode:
        """Return a new node for a slot, without arguments."""
        ...

    def supply(self, node: DraftNode, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Bind the arguments of a call to a node."""
        ...

    def map(self, step: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Place a step once for each item of lists, and return the results."""
        ...


def _trap(use: str) -> Callable[..., NoReturn]:
    def refuse(self: "NotAValue", *_args: Any) -> NoReturn:
        refuse_use(self, use)

    return refuse


def refuse_use(handle: Any, use: str) -> NoReturn:
    """Raise what fits a handle that is used like the value that it stands for."""
    where, is_output = calling_place(), isinstance(handle, OutputHandle)
    if isinstance(handle, ItemHandle):
        raise NodeUsedAsValueError(where=where, kind="Item", node=str(handle), use=use)
    if node_of(handle).map is not None and use.startswith(_AS_LIST):
        raise LengthNotKnownError(where=where, node=str(handle), use=use)
    kind = "Output" if is_output else "Node"
    raise NodeUsedAsValueError(where=where, kind=kind, node=str(handle), use=use)


_AS_LIST = ("it was iterated over", "it was indexed", "it was asked for its length")


class NotAValue:
    """Refuses whatever one does with a value; being passed on and shown are all that it allows."""

    __slots__ = ()


_REFUSED = {
    "it was asked whether it is true": "bool",
    "it was asked for its length": "len length_hint",
    "it was searched with `in`": "contains",
    "it was converted to a number": "int float complex index round trunc floor ceil",
    "it was compared": "lt le gt ge eq ne",
    "it was used in a calculation": (
        "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift"
        " radd rsub rmul rtruediv rfloordiv rmod rdivmod rpow rmatmul rand ror rxor rlshift rrshift"
        " neg pos abs invert"
    ),
    "it was called": "call",
    "one of its items was set": "setitem delitem",
    "it was iterated over": "next reversed",
    "it was used in a `with` statement": "enter exit",
    "it was put into a text": "format",
    "it was used as a path": "fspath",
}
_refuse_length = _trap("it was asked for its length")
for _use, _names in _REFUSED.items():
    for _name in _names.split():
        setattr(NotAValue, f"__{_name}__", _trap(_use))


def is_probe(name: str) -> bool:
    """Return whether an attribute is one by which tools ask what an object can do."""
    return name.startswith(("__", "_repr_", "_ipython_", "_jupyter", "_whence"))


class OutputHandle(NotAValue):
    """An output of a node."""

    __slots__ = ("_builder", "_node", "_output")

    def __init__(self, builder: Placer, node: DraftNode, output: str | None) -> None:
        self._builder = builder
        self._node = node
        self._output = output  # None where the fault is reported already

    def __getattr__(self, name: str) -> NoReturn:
        if is_probe(name):
            raise AttributeError(name)
        refuse_use(self, f"it was asked for its attribute '{name}'")

    __getitem__ = _trap("it was indexed")
    __iter__ = _trap("it was iterated over")

    def __str__(self) -> str:
        return f"{self._node.name}.{self._output or '?'}"

    def __repr__(self) -> str:
        return f"<output {self!s}, known when the step has run>"


class ItemHandle(NotAValue):
    """The item of a list that a nested body takes, whichever it is."""

    __slots__ = ("_binding", "_builder")

    def __init__(self, builder: Placer, binding: Each) -> None:
        self._builder = builder
        self._binding = binding

    def __getattr__(self, name: str) -> NoReturn:
        if is_probe(name):
            raise AttributeError(name)
        refuse_use(self, f"it was asked for its attribute '{name}'")

    __getitem__ = _trap("it was indexed")
    __iter__ = _trap("it was iterated over")

    def __str__(self) -> str:
        return f"{name_item(self._binding.map, EACH)}, {self._binding.argument}"

    def __repr__(self) -> str:
        return f"<item {self!s}, known when the run has come to it>"


class Outputs:
    """The outputs of a node, by name."""

    __slots__ = ("_handle",)

    def __init__(self, handle: "NodeHandle") -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> OutputHandle:
        if is_probe(name):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> OutputHandle:
        return name_output(self._handle, name)

    def __iter__(self) -> Iterator[OutputHandle]:
        return iter([self[name] for name in output_names(self._handle)])

    def __dir__(self) -> list[str]:
        return list(output_names(self._handle))

    def __repr__(self) -> str:
        return f"<outputs of node {self._handle!s}: {', '.join(self.__dir__())}>"


class NodeHandle(NotAValue):
    """A step placed in a pipeline; it stands for its only output."""

    __slots__ = ("_builder", "_interface", "_node")

    def __init__(self, builder: Placer, node: DraftNode, interface: StepSpec) -> None:
        self._builder = builder
        self._node = node
        self._interface = interface  # of the slot, where the node fills one: it names the outputs

    @property
    def outputs(self) -> Outputs:
        """The node's outputs, by name."""
        return Outputs(self)

    def __getattr__(self, name: str) -> OutputHandle:
        if is_probe(name):
            raise AttributeError(name)
        names = output_names(self)
        if name in names or difflib.get_close_matches(name, names, n=1):
            return name_output(self, name)
        refuse_use(self, f"it was asked for its attribute '{name}'")

    def __iter__(self) -> Iterator[OutputHandle]:
        names = output_names(self)
        if len(names) < 2:  # noqa: PLR2004  # only several outputs can be unpacked
            refuse_use(self, "it was iterated over or unpacked")
        return iter([name_output(self, name) for name in names])

    def __len__(self) -> int:
        """Return how many outputs unpacking gives; `f(*node)` asks for it."""
        names = output_names(self)
        if len(names) < 2:  # noqa: PLR2004  # as above
            _refuse_length(self)
        return len(names)

    def __getitem__(self, index: Any) -> OutputHandle:
        names = output_names(self)
        if len(names) > 1 and type(index) is int and -len(names) <= index < len(names):
            return name_output(self, names[index])
        refuse_use(self, f"it was indexed with {index!r}")

    def __str__(self) -> str:
        return self._node.name

    def __repr__(self) -> str:
        return f"<node {self!s}: {self._node.step.name}, not run>"


# What a handle keeps has names that no output can have; the rest of the package asks for it here.
handle_of: Callable[[Outputs], NodeHandle] = attrgetter("_handle")
"""Return the handle of the node that has these outputs."""
item_of: Callable[[ItemHandle], Each] = attrgetter("_binding")
"""Return what a handle of an item is bound to."""
node_of: Callable[[NodeHandle | OutputHandle], DraftNode] = attrgetter("_node")
"""Return the node behind a handle."""
builder_of: Callable[[NodeHandle | OutputHandle | ItemHandle], Placer] = attrgetter("_builder")
"""Return the builder of the body that made a handle."""
output_of: Callable[[OutputHandle], str | None] = attrgetter("_output")
"""Return the name of the output, or None where its fault is reported."""
_interface_of: Callable[[NodeHandle], StepSpec] = attrgetter("_interface")


def output_names(handle: NodeHandle) -> list[str]:
    """Return the names under which a node's outputs can be asked for."""
    return list(_interface_of(handle).outputs)


def name_output(handle: NodeHandle, name: str) -> OutputHandle:
    """Return an output of a node by its name, or by that which its slot gives it."""
    node, builder, known = node_of(handle), builder_of(handle), _interface_of(handle).outputs
    outputs = node.step.outputs
    if name in known and len(known) == len(outputs) == 1:
        return OutputHandle(builder, node, next(iter(outputs)))  # a single one fits by any name
    if name in outputs:
        return OutputHandle(builder, node, name)
    if name not in known:  # else the slot's check reports that the filler lacks it
        builder.faults.append(
            UnknownOutputError(
                where=calling_place(), node=node.name, output=name, suggestion=suggest(name, known)
            )
        )
    return OutputHandle(builder, node, None)


class SlotHandle:
    """A slot in a body: called like the step that fills it."""

    def __init__(self, builder: Placer, name: str, interface: StepSpec, filler: Any) -> None:
        self._builder = builder
        self._name = name
        self._interface = interface
        self.filler = filler
        self.spec: StepSpec = filler.spec  # so that the slot can fill a nested pipeline's slot
        self.bound: Mapping[str, Any] = filler.bound
        self.passed_on = False
        self._first: NodeHandle | None = None
        self._calls = 0
        self._maps = 0

    @property
    def interface(self) -> StepSpec:
        """The interface that a filler must have."""
        return self._interface

    @property
    def name(self) -> str:
        """The slot's name."""
        return self._name

    def __getattr__(self, name: str) -> NoReturn:
        if is_probe(name):
            raise AttributeError(name)
        self._refuse(f"for its `.{name}`")

    def __iter__(self) -> NoReturn:
        self._refuse("in an unpacking or a loop")

    def _refuse(self, use: str) -> NoReturn:
        raise UnplacedStepError(where=calling_place(), use=use, kind="Slot", name=self._name)

    @property
    def touched(self) -> bool:
        """Whether the body has used the slot."""
        return self._first is not None or self.passed_on or self._maps > 0

    def abandon(self) -> None:
        """Ask for no arguments any more: the body ended before it supplied them."""
        if self._first is not None and self._calls == 0:
            node = node_of(self._first)
            for argument in node.step.callable_arguments:
                node.connected.setdefault(argument.name, Unusable())

    @property
    def outputs(self) -> Outputs:
        """The outputs of the slot's node, which this reserves if it is not placed yet."""
        if self._maps or self._calls > 1:
            self._refuse_outputs()
        return self.reserved().outputs

    def _refuse_outputs(self) -> NoReturn:
        use, name = f"was called {self._calls} times", self._name
        if self._maps:
            use, name = "was mapped", f"{name}.map"
        raise SlotOutputsError(where=calling_place(), slot=self._name, use=use, call=name)

    def reserved(self) -> NodeHandle:
        """Return the slot's first node, placing it without arguments if need be."""
        if self._first is None:
            self._first = NodeHandle(self._builder, self._builder.reserve(self), self._interface)
        return self._first

    def __call__(self, /, *args: Any, **kwargs: Any) -> NodeHandle:
        """Supply the arguments of the slot's node; each further call places another node."""
        handle = self.reserved()
        if self._calls > 0:
            handle = NodeHandle(self._builder, self._builder.reserve(self), self._interface)
        self._calls += 1
        self._builder.supply(node_of(handle), args, kwargs)
        return handle

    def map(self, /, *args: Any, **kwargs: Any) -> Any:
        """Place what fills the slot once for each item; what goes by keyword is given to all."""
        self._maps += 1
        if self._first is not None and self._calls == 0:
            self.abandon()
            self._refuse_outputs()  # they were asked for before
        return self._builder.map(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<slot {self._name}: {self.spec.name}>"
