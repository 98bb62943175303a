"""Do the bindings of a node fit its arguments? One fault for each that does not."""

from collections.abc import Collection as Names
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from whence.domain.frozen import frozen
from whence.domain.node_names import name_item
from whence.errors import DefinitionError, IncompatibleTypesError, InvalidParameterError
from whence.graph.bindings import (
    Binding,
    Collection,
    Constant,
    Each,
    Given,
    Reference,
    Unusable,
    references,
)
from whence.graph.draft import DraftNode
from whence.graph.earlier_fit import describe_artifact_given, find_artifact_misfit
from whence.graph.fit import describe_output, find_misfit
from whence.graph.interface import Argument, ArgumentKind, OutputSpec
from whence.graph.items import as_item, item_types
from whence.graph.map_sources import map_of, sources_of
from whence.graph.missing import accepts_none
from whence.values.type_forms import type_name
from whence.values.validation import InvalidValueError, describe_value, validate_parameter

CURE = "Connect an output of that type, or change one of the two annotations."


_UNKNOWN = (None, "")


@frozen
class Connections:
    """The connections of one draft, and what is known of them.

    Of *unfit* nodes, whose outputs are not what their slots promise, the promise is taken.
    """

    nodes: Mapping[str, DraftNode]
    unfit: Names[str]
    optional: Names[str]  # nodes whose outputs may be missing
    _misfits: dict[tuple[int, int], tuple[Any, str | None]] = field(
        default_factory=dict[tuple[int, int], tuple[Any, str | None]]
    )
    """What was found of an output and a type; the type is kept, so that its id stays its own."""

    def find_faults(
        self, node: DraftNode, arguments: Mapping[str, Binding]
    ) -> Iterator[tuple[str, DefinitionError]]:
        """Yield each argument of *node* whose binding does not fit, and the fault."""
        for name, binding in arguments.items():
            argument = node.step.arguments.get(name)
            if argument is None or argument.kind is ArgumentKind.OUTPUT:
                continue
            if isinstance(binding, Reference) and self._is_known_to_fit(binding, argument):
                continue
            if not isinstance(binding, Constant):  # a plain value is settled later
                for fault in _Fit(node, argument, self).faults(binding):
                    yield name, fault

    def _is_known_to_fit(self, reference: Reference, argument: Argument) -> bool:
        """Return whether it was seen before that an output like this one fits; nearly always."""
        node = self.nodes[reference.node]
        if node.slot is not None or node.map is not None:
            return False
        output = node.step.outputs[reference.output]
        wanted = argument.artifact_type or argument.annotation
        return self._misfits.get((id(output), id(wanted)), _UNKNOWN)[1] is None

    def may_be_missing(self, results: Reference) -> bool:
        """Return whether items of a map's results may be missing."""
        node = self.nodes[results.node]
        if node.options.allow_failures is not False:
            return True
        given = node.map.results[results.output] if node.map is not None else Unusable()
        return any(each.node in self.optional for each in references(given))

    def find_output(self, reference: Reference) -> OutputSpec | None:
        """Return the output that is meant, as its slot promises it; None where it does not."""
        node = self.nodes[reference.node]
        if node.slot is None or node.name not in self.unfit:
            return node.step.outputs[reference.output]
        promised = node.slot.interface.outputs
        if len(promised) == len(node.step.outputs) == 1:
            return next(iter(promised.values()))
        return promised.get(reference.output)

    def find_misfit(self, output: OutputSpec, argument: Argument) -> str | None:
        """Return why *output* cannot be given for *argument*, or None where it fits."""
        wanted = argument.artifact_type or argument.annotation
        pair = id(output), id(wanted)
        if pair not in self._misfits:
            self._misfits[pair] = wanted, find_misfit(output, argument)
        return self._misfits[pair][1]


@frozen
class _Fit:
    node: DraftNode
    argument: Argument
    connections: Connections

    def faults(self, binding: Binding) -> Iterator[DefinitionError]:
        """Yield the faults of a binding of the whole argument."""
        yield from self._binding(binding, self.argument, None)

    def _binding(
        self, binding: Binding | OutputSpec, argument: Argument, wanted: str | None
    ) -> Iterator[DefinitionError]:
        """Yield the faults of what is given for an argument, or for *wanted* in it."""
        match binding:
            case Collection():
                yield from self._collection(binding, argument.annotation)
            case Reference(name) if map_of(self.connections.nodes, name) is not None:
                yield from self._results(binding, argument)
            case Reference():
                yield from self._reference(binding, argument, wanted)
            case Given():
                yield from self._given(binding, argument, wanted)
            case Each(name):
                for index, source in sources_of(binding, self.connections.nodes):
                    if isinstance(source, Constant):
                        item = name_item(name, index), "an item of a list"
                        yield from self._value(source.value, argument.annotation, *item)
                    else:
                        yield from self._binding(source, argument, wanted)
            case Constant(value):
                taker = self.node.shown_name, "given among outputs"
                yield from self._value(value, argument.annotation, *taker, wanted)
            case OutputSpec():
                yield from self._item_of_list(binding, argument, wanted)
            case _:  # what is reported already, and what only a run makes
                pass

    def _item_of_list(
        self, item: OutputSpec, argument: Argument, wanted: str | None
    ) -> Iterator[DefinitionError]:
        misfit = self.connections.find_misfit(item, argument)
        if misfit is not None:
            giver = f"An item of {item.name}"
            yield self._misfit(giver, describe_output(item), wanted or self._wanted, misfit)

    def _results(self, results: Reference, argument: Argument) -> Iterator[DefinitionError]:
        """Yield the faults of the results of a map, given for an argument as a list."""
        around = map_of(self.connections.nodes, results.node)
        types = item_types(argument.annotation, list, [0])
        if types is None or around is None or argument.artifact_type is not None:
            giver = f"The list of results '{results.node}.{results.output}'"
            wanted = type_name(argument.artifact_type or argument.annotation)
            yield self._misfit(giver, "a list", wanted, "")
            return
        item, shown = types[0], f"{type_name(types[0])} for each item of {argument.name}"
        yield from self._binding(around.results[results.output], as_item(argument, item), shown)
        if self.connections.may_be_missing(results) and not accepts_none(item):
            giver = f"The list of results '{results.node}.{results.output}'"
            detail = " An item that failed or was skipped is None in it."
            wanted = type_name(argument.annotation)
            yield self._misfit(giver, "a list of which items may be missing", wanted, detail)

    @property
    def _wanted(self) -> str:
        artifact_type = self.argument.artifact_type
        return type_name(self.argument.annotation if artifact_type is None else artifact_type)

    def _collection(self, binding: Collection, annotation: Any) -> Iterator[DefinitionError]:
        types = item_types(annotation, binding.kind, [key for key, _ in binding.items])
        if types is None:
            given = type_name(binding.kind)
            giver = f"A {given} of {len(binding.items)} items"
            yield self._misfit(giver, given, type_name(annotation), "")
            return
        for (key, item), item_type in zip(binding.items, types, strict=True):
            if isinstance(item, Collection):
                yield from self._collection(item, item_type)
                continue
            place = f"[{key!r}]" if isinstance(key, int) or binding.kind is dict else f".{key}"
            shown = f"{type_name(item_type)} for {self.argument.name}{place}"
            yield from self._binding(item, as_item(self.argument, item_type), shown)

    def _reference(
        self, item: Reference, argument: Argument, wanted: str | None
    ) -> Iterator[DefinitionError]:
        output = self.connections.find_output(item)
        misfit = self.connections.find_misfit(output, argument) if output is not None else None
        if output is not None and misfit is not None:
            giver = f"Output '{item.node}.{item.output}'"
            yield self._misfit(giver, describe_output(output), wanted or self._wanted, misfit)

    def _given(
        self, item: Given, argument: Argument, wanted: str | None
    ) -> Iterator[DefinitionError]:
        misfit = find_artifact_misfit(item.artifact, argument)
        if misfit is not None:
            given = describe_artifact_given(item.artifact)
            if argument.artifact_type is not None:
                given = f"a {type(item.artifact).__name__}"
            giver = f"Artifact {item.artifact.uri}" if item.named is None else str(item.named)
            yield self._misfit(giver, given, wanted or self._wanted, misfit)

    def _value(
        self, value: Any, item_type: Any, taker: str, form: str, wanted: str | None = None
    ) -> Iterator[DefinitionError]:
        try:
            validate_parameter(value, item_type)
        except InvalidValueError as error:
            yield InvalidParameterError(
                where=self.node.place,
                argument=self.argument.name,
                name=taker,
                value=f"{describe_value(value)}, {form}",
                reason=error.reason,
                cure=f"Pass {wanted or type_name(item_type)}.",
            )

    def _misfit(self, giver: str, given: str, wanted: str, detail: str) -> DefinitionError:
        return IncompatibleTypesError(
            where=self.node.place,
            giver=giver,
            argument=self.argument.name,
            owner=f"node '{self.node.name}'",
            given=given,
            wanted=wanted,
            detail=detail,
            cure=CURE,
        )
