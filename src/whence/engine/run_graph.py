"""Which nodes follow from which: what becomes ready, is skipped, or ends with another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from whence.domain.status import StepStatus
from whence.engine.map_items import Item, MapItems, Obstacle
from whence.engine.node_state import NodeState, Phase
from whence.engine.step_rules import StepRules, most_failures


class RunGraph:
    """The nodes of a run, which may become more while it goes on.

    What a node costs does not grow with the number of nodes, but with that of its own dependencies
    and followers.
    """

    def __init__(self, rules: Mapping[str, StepRules]) -> None:
        self.nodes: dict[str, NodeState] = {}
        self.unfinished = 0
        self._add([(rules, None)])

    def begin(self) -> Iterator[NodeState]:
        """Yield the nodes that await nothing; they are ready."""
        for node in self.nodes.values():
            if node.phase is Phase.AWAITING_NODES and node.missing == 0:
                node.settle()
                yield node

    def end(
        self, nodes: Iterable[NodeState], status: StepStatus, root: Obstacle | None = None
    ) -> list[NodeState]:
        """Give nodes their end; return them and all that is ready now, or has its end by that."""
        changed = list(nodes)
        for node in changed:
            node.close(status, root)
        return self._follow(changed)

    def expand(self, node: NodeState, items: Sequence[Mapping[str, StepRules]]) -> list[NodeState]:
        """Add a map's items; return what is ready now, or has its end by that."""
        node.items = MapItems(
            map=node.name,
            around=node.item,
            unfinished=sum(1 for nodes in items if nodes),
            most_failures=most_failures(node.rules.allow_failures, len(items)),
        )
        node.phase = Phase.EXPANDED
        added = self._add([(nodes, Item(node.items, len(nodes))) for nodes in items])
        changed: list[NodeState] = []
        _settle((each for each in added if each.missing == 0), changed)
        _tell_of_items(node, changed)
        if node.items.unfinished == 0:
            node.close(*node.items.conclude())
            changed.append(node)
        return self._follow(changed)

    def _add(
        self, groups: Sequence[tuple[Mapping[str, StepRules], Item | None]]
    ) -> list[NodeState]:
        added: list[NodeState] = []
        for rules, item in groups:
            for name, its_rules in rules.items():
                node = NodeState(name, len(self.nodes), its_rules, item)
                self.nodes[name] = node
                added.append(node)
        for node in added:
            self._tie(node)
        self.unfinished += len(added)
        return added

    def _tie(self, node: NodeState) -> None:
        node.missing = len(node.rules.depends_on) + len(node.rules.follows_items_of)
        for name in node.rules.depends_on:
            needed = self.nodes[name]
            if needed.phase is Phase.ENDED:
                node.learn_end(needed)
            else:
                needed.followers.append(node)
        for name in node.rules.follows_items_of:
            spread = self.nodes[name]
            if spread.items is not None or spread.phase is Phase.ENDED:
                node.learn_items(spread)
            else:
                spread.item_followers.append(node)

    def _follow(self, changed: list[NodeState]) -> list[NodeState]:
        """Let all that ends have its consequences, which are added to *changed*."""
        for node in changed:  # grows while it is walked
            if node.phase is Phase.ENDED:
                self.unfinished -= 1
                self._add_consequences(node, changed)
        return changed

    def _add_consequences(self, node: NodeState, changed: list[NodeState]) -> None:
        if node.item is not None and node.item.learn_end(node.status, node.root):
            around = self.nodes[node.item.of.map]
            around.close(*node.item.of.conclude())
            changed.append(around)
        _settle((each for each in node.followers if each.learn_end(node)), changed)
        if node.items is None and node.item_followers:
            _tell_of_items(node, changed)


def _tell_of_items(node: NodeState, changed: list[NodeState]) -> None:
    _settle((each for each in node.item_followers if each.learn_items(node)), changed)


def _settle(nodes: Iterable[NodeState], changed: list[NodeState]) -> None:
    """Settle those of *nodes* that have not been cancelled meanwhile."""
    for node in nodes:
        if node.phase is Phase.AWAITING_NODES:
            node.settle()
            changed.append(node)
