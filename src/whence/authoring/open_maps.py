"""Maps over lists which only the run knows: what they place is declared once, for any item."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from whence.authoring.handles import ItemHandle
from whence.authoring.places import calling_place
from whence.authoring.spreading import Spread
from whence.errors import NotSpreadableError
from whence.graph.bindings import Binding, Collection, Each, Reference, Unusable
from whence.graph.draft import DraftMap, DraftNode
from whence.graph.interface import OutputSpec, ReturnForm, StepSpec
from whence.graph.items import item_output
from whence.values.type_forms import type_name

if TYPE_CHECKING:
    from whence.authoring.builder import PipelineBuilder


class OpenMap:
    """A map that is being declared: its node, and handles that stand for any item."""

    def __init__(self, builder: "PipelineBuilder", name: str, spec: StepSpec, owner: str) -> None:
        self._builder = builder
        self._owner = owner
        self.name = name
        self.node = builder.create_node(name, spec, None, calling_place())

    def spread(self, spread: Spread) -> bool:
        """Take the lists; return whether each is one, which is else a fault."""
        lists: dict[str, Binding] = {}
        items: dict[str, OutputSpec] = {}
        for argument in spread.order:
            use = f"as argument '{argument}' of '{self.name}'"
            if argument in spread.known:
                known = enumerate(spread.known[argument])
                given = [(index, self._builder.bind(each, use)) for index, each in known]
                lists[argument] = Collection(list, tuple(given))
            else:
                lists[argument] = self._builder.bind(spread.open[argument], use)
                self._learn_items(argument, lists[argument], items)
        self.node.map = DraftMap(lists, items)
        return not any(isinstance(each, Unusable) for each in lists.values())

    def handles(self) -> dict[str, ItemHandle]:
        """Return what stands for the item of each list."""
        lists = self._map.lists
        return {each: ItemHandle(self._builder, Each(self.name, each)) for each in lists}

    def give(self, results: Mapping[str, Binding]) -> None:
        """Say what each item gives, by output of the map."""
        self._map.results.update(results)

    @property
    def _map(self) -> DraftMap:
        if self.node.map is None:
            raise AssertionError  # it was told its lists
        return self.node.map

    def _learn_items(self, argument: str, binding: Binding, items: dict[str, OutputSpec]) -> None:
        output = find_list(binding, self._builder.nodes)
        if output is None:
            return
        item = item_output(output)
        if item is not None:
            items[argument] = replace(item, name=_shown(binding))
            return
        self._builder.faults.append(
            NotSpreadableError(
                where=calling_place(),
                owner=self._owner,
                argument=argument,
                value=_shown(binding),
                reason=f"It is {type_name(output.annotation)}, not a list of a known type.",
                cure="Spread an output of a type such as `list[int]`, or the results of a map.",
            )
        )


def find_list(binding: Binding, nodes: Mapping[str, DraftNode]) -> OutputSpec | None:
    """Return the output that is to be a list; None where what is spread needs no such look."""
    if isinstance(binding, Reference):
        found = nodes[binding.node]
        return found.step.outputs[binding.output] if found.map is None else None
    if isinstance(binding, Each):
        return _find_item(binding, nodes)
    return None


def _find_item(each: Each, nodes: Mapping[str, DraftNode]) -> OutputSpec | None:
    """Return what the item of another map is, itself to be spread."""
    around = nodes[each.map].map
    if around is None:
        raise AssertionError(each)
    source = around.lists[each.argument]
    if isinstance(source, Reference) and (inner := nodes[source.node].map) is not None:
        return find_list(inner.results[source.output], nodes)
    return around.items.get(each.argument)


def _shown(binding: Binding) -> str:
    if isinstance(binding, Reference):
        return f"output '{binding.node}.{binding.output}'"
    return "an item of another map"


def describe_results(spec: StepSpec) -> StepSpec:
    """Return the interface of a map of a step: a list of each of its outputs."""
    outputs = {name: _list_of(output) for name, output in spec.outputs.items()}
    return replace(spec, arguments={}, outputs=outputs, return_form=ReturnForm.NOTHING)


def _list_of(output: OutputSpec) -> OutputSpec:
    item = output.artifact_type if output.handed_in else output.annotation
    return OutputSpec(output.name, output.artifact_type, list[item])
