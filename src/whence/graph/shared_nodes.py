"""Which nodes of several plans compute the same: what a sweep needs to run only once."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from whence.graph.bindings import Binding, Collection, Constant, Each, Given, Reference
from whence.graph.plan import Plan, PlannedNode


class SharedNodes:
    """Numbers what nodes compute: two get the same number if one result serves both.

    That is so if they run the same function with equal parameters on inputs that are the same.
    Values handed in count as the same only where they are one object, which is kept here.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._kept: list[Any] = []

    def __len__(self) -> int:
        """Return how many different computations were met."""
        return len(self._numbers)

    def number(self, plan: Plan) -> Mapping[str, int]:
        """Return the number of each node of a plan."""
        known: dict[str, int] = {}
        for name, node in plan.nodes.items():  # each comes after all that it depends on
            known[name] = self._number(node, known)
        return known

    def _number(self, node: PlannedNode, known: Mapping[str, int]) -> int:
        self._kept.append(node)
        identity = (
            id(node.step.fn),
            frozenset(node.recorded.items()),
            tuple((name, self._describe(each, known)) for name, each in node.inputs.items()),
            node.options.cache,
            (*node.options.env, *node.options.secrets),
            tuple((self._describe(each.flag, known), each.expected) for each in node.conditions),
            self._describe_template(node, known),
        )
        return self._numbers.setdefault(identity, len(self._numbers))

    def _describe_template(self, node: PlannedNode, known: Mapping[str, int]) -> Hashable:
        """Return what a map computes for each item; None for a step."""
        if node.template is None:
            return None
        inside = dict(known)
        for each in node.template.nodes.values():
            inside[each.name] = self._number(each, inside)
        results = node.template.results.items()
        return tuple((name, self._describe(binding, inside)) for name, binding in results)

    def _describe(self, binding: Binding, known: Mapping[str, int]) -> Hashable:
        match binding:
            case Reference(node, output):
                return "output", known[node], output
            case Collection(kind, items):
                return kind, tuple((key, self._describe(item, known)) for key, item in items)
            case Constant(value):
                return "value", id(value)
            case Given(artifact):
                return "artifact", artifact.uri
            case Each(name, argument):
                return "each", name, argument
            case _:
                return "other", id(binding)


def find_first_uses(plans: Iterable[Plan]) -> Iterator[tuple[int, str]]:
    """Yield the plan, by its position, and the node that are first to compute something."""
    shared = SharedNodes()
    for position, plan in enumerate(plans):
        seen = len(shared)
        for name, number in shared.number(plan).items():
            if number == seen:
                seen += 1
                yield position, name
