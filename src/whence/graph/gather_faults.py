"""Gathers the faults of nodes; those that many items of a map share are told once."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from whence.domain.node_names import is_item, pattern_of
from whence.errors import DefinitionError
from whence.graph.draft import DraftNode


class NodeFaults:
    """The faults found so far; of those alike in several items the first, with their count."""

    def __init__(self) -> None:
        self.found: list[DefinitionError] = []
        self._shared: dict[tuple[Any, ...], DefinitionError] = {}
        self._counts: Counter[tuple[Any, ...]] = Counter()

    def add(self, node: DraftNode, faults: Iterable[DefinitionError]) -> None:
        """Take note of faults of a node."""
        for fault in faults:
            giver = str(fault.facts.get("giver", ""))
            if is_item(node.name) or is_item(giver):
                self._share((type(fault), pattern_of(node.name), pattern_of(giver)), fault)
            else:
                self.found.append(fault)

    def tell_counts(self) -> None:
        """Let each fault that stands for those of several items say for how many."""
        for kind, fault in self._shared.items():
            if self._counts[kind] > 1:
                place = "detail" if "detail" in fault.facts else "reason"
                said = fault.facts.get(place, "")
                fault.facts[place] = f"{said} So it is for {self._counts[kind]:,} items in all."

    def _share(self, alike: tuple[Any, ...], fault: DefinitionError) -> None:
        kind = (*alike, fault.facts.get("argument"))
        if kind not in self._shared:
            self._shared[kind] = fault
            self.found.append(fault)
        self._counts[kind] += 1
