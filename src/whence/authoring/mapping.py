"""What `.map()` places: a step or a nested body once for each item of lists."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from whence.authoring.arguments import name_arguments
from whence.authoring.handles import NodeHandle, SlotHandle
from whence.authoring.mapped import MappedList, gather_results
from whence.authoring.open_maps import OpenMap, describe_results
from whence.authoring.places import calling_place
from whence.authoring.spreading import Spread, read_spread
from whence.domain.node_names import EACH, name_item
from whence.graph.bindings import Reference
from whence.graph.draft import SlotUse

if TYPE_CHECKING:
    from whence.authoring.builder import PipelineBuilder
    from whence.graph.interface import StepSpec


def map_step(
    builder: "PipelineBuilder", step: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """Place a step, or what fills a slot, once for each item; return the results of all."""
    mapped = _MappedStep(builder, step)
    given, faults = name_arguments(mapped.interface if args else step.spec, args, kwargs)
    builder.faults += faults
    if faults:
        return refuse_map(builder)
    return map_given(builder, mapped.name, given, len(args), mapped.place)


def map_given(
    builder: "PipelineBuilder",
    owner: str,
    given: Mapping[str, Any],
    count: int,
    place: Callable[[Spread, Mapping[str, Any]], Any],
) -> Any:
    """Return what *place* makes of the lists, the first *count* arguments given, and of the rest.

    What is wrong with the lists becomes faults.
    """
    lists = dict(islice(given.items(), count))
    whole = {name: value for name, value in given.items() if name not in lists}
    spread, faults = read_spread(owner, lists)
    if spread is not None:
        return place(spread, whole)
    builder.faults += faults
    return refuse_map(builder)


def refuse_map(builder: "PipelineBuilder") -> MappedList:
    """Return the result of a map whose faults are reported: nothing more is said of it."""
    refused = MappedList("", [])
    builder.refused.append(refused)
    return refused


class _MappedStep:
    """A step that is mapped, or a slot with what fills it."""

    def __init__(self, builder: "PipelineBuilder", step: Any) -> None:
        self._builder = builder
        self._spec: StepSpec = step.spec
        self._bound: Mapping[str, Any] = step.bound
        self._slot = SlotUse(step.name, step.interface) if isinstance(step, SlotHandle) else None
        self.name = self._slot.name if self._slot is not None else self._spec.name
        self.interface = self._slot.interface if self._slot is not None else self._spec

    def place(self, spread: Spread, whole: Mapping[str, Any]) -> Any:
        """Place a node for each item; what is given whole is bound once for all of them."""
        if spread.open or self._spec.options.allow_failures is not False:
            return self._place_open(spread, whole)
        name = self._builder.choose_name(self.name, self._spec.options.name)
        bound = self._builder.bind_each(self._bound, name)
        connected = self._builder.bind_each(whole, name)
        place = calling_place()
        handles: list[NodeHandle] = []
        for index in range(spread.count):
            node = self._builder.create_node(name_item(name, index), self._spec, self._slot, place)
            node.bound = dict(bound)
            node.connected = connected | self._builder.bind_each(spread.item(index), node.name)
            handles.append(NodeHandle(self._builder, node, self.interface))
        return gather_results(name, handles, list(self.interface.outputs))

    def _place_open(self, spread: Spread, whole: Mapping[str, Any]) -> Any:
        """Place a node for a map that is expanded while the run goes on, and what it places."""
        builder = self._builder
        name = builder.choose_name(self.name, self._spec.options.name)
        opened = OpenMap(builder, name, describe_results(self._spec), self.name)
        if not opened.spread(spread):
            return refuse_map(builder)
        with builder.template(name):
            item = name_item(name, EACH)
            node = builder.create_node(item, self._spec, self._slot, calling_place())
        node.bound = builder.bind_each(self._bound, name)
        node.connected = builder.bind_each({**whole, **opened.handles()}, name)
        opened.give({output: Reference(node.name, output) for output in self._spec.outputs})
        return NodeHandle(builder, opened.node, describe_results(self.interface))
