"""Random runs: graphs with their rules, and what is going to happen to each of their nodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from whence.domain.resources import Capacity, Resources
from whence.domain.retries import NO_RETRIES, Retries
from whence.engine.run_events import AttemptEnd, Verdict
from whence.engine.step_rules import StepRules

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt goes."""

    delay: float  # before it begins to compute
    duration: float
    end: AttemptEnd


@dataclass(slots=True)
class Node:
    """One node: its rules, which the state of the run knows, and its future, which it does not."""

    rules: StepRules
    looks: int = 0  # how often somebody else is found to compute the same
    verdict: Verdict = Verdict.COMPUTE
    attempts: list[Attempt] = field(default_factory=list)
    items: list[dict[str, "Node"]] = field(default_factory=list)


@dataclass(slots=True)
class Scenario:
    """One run, and the world around it."""

    seed: int
    nodes: dict[str, Node]
    capacity: Capacity
    cancels: list[tuple[float, bool]]  # when somebody asks for the end, and whether at once
    slow_answers: bool  # whether the driver takes its time to decide
    echoes: float  # the share of attempts of which late and repeated word comes


def draw_scenario(seed: int) -> Scenario:
    """Return the scenario of this seed, always the same."""
    random = Random(seed)
    return Scenario(
        seed,
        _Drawing(random).nodes,
        _draw_capacity(random),
        _draw_cancels(random),
        slow_answers=random.random() < 0.2,
        echoes=random.choice([0.0, 0.3, 1.0]),
    )


def _draw_capacity(random: Random) -> Capacity:
    if random.random() < 0.3:
        return Capacity(attempts=random.choice([1, 1, 2, 4]))
    return Capacity(
        attempts=random.choice([2, 8, NEVER]),
        cpu=random.choice([0.5, 1, 2, 4]),
        gpu=random.choice([0, 1, 2]),
        memory=random.choice([1000, 4000, NEVER]),
    )


def _draw_cancels(random: Random) -> list[tuple[float, bool]]:
    if random.random() < 0.65:
        return []
    moments = sorted(
        random.choice([0.0, 30.0]) * random.random() for _ in range(random.choice([1, 2, 3]))
    )
    return [(at, random.random() < 0.2) for at in moments]


class _Drawing:
    """Draws the nodes of one run; each depends on those before it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left = random.choice([3, 8, 20, 60, 90])  # nodes that may still be drawn
        self._fails = random.choice([0.0, 0.1, 0.4])  # how likely what goes wrong is
        self._plain = random.random() < 0.3  # without maps
        self._tolerant = random.choice([0.2, 0.8])
        self.nodes = self._draw_group("", {}, depth=0)

    def _draw_group(self, prefix: str, around: Mapping[str, Node], depth: int) -> dict[str, Node]:
        size = (
            self._random.choice([2, 3, 5, 8, 12, 25])
            if depth == 0
            else self._random.choice([1, 1, 2, 3])
        )
        choose = self._draw_shape(depth)
        group: dict[str, Node] = {}
        for number in range(size):
            if depth and self._left <= 0:
                break
            self._left -= 1
            name = f"{prefix}{number}"
            depends_on = tuple(dict.fromkeys([*choose(list(group)), *self._pick(list(around), 1)]))
            group[name] = self._draw_node(name, depends_on, {**around, **group}, depth)
        return self._shuffled(group)

    def _draw_shape(self, depth: int) -> Callable[[list[str]], list[str]]:
        shapes: list[Callable[[list[str]], list[str]]] = [
            lambda before: before[-1:],  # a chain
            lambda before: before[:1],  # a fan
            lambda before: self._pick(before, 3),
            lambda before: self._pick(before[-4:], 3),  # layers
            lambda before: before if self._random.random() < 0.2 else [],  # a fan-in now and then
        ]
        return self._random.choice(shapes[:3] if depth else shapes)

    def _shuffled(self, group: dict[str, Node]) -> dict[str, Node]:
        """Return the group in another order now and then: rules come in no particular one."""
        names = list(group)
        if self._random.random() < 0.2:
            self._random.shuffle(names)
        return {name: group[name] for name in names}

    def _pick(self, names: list[str], most: int) -> list[str]:
        return self._random.sample(names, min(len(names), self._random.randint(0, most)))

    def _draw_node(
        self, name: str, depends_on: tuple[str, ...], known: Mapping[str, Node], depth: int
    ) -> Node:
        random = self._random
        tolerates = frozenset(each for each in depends_on if random.random() < self._tolerant)
        if not self._plain and depth < 3 and random.random() < 0.2 and self._left > 0:
            return self._draw_map(name, depends_on, tolerates, known, depth)
        retries = self._draw_retries()
        timeout = random.choice([None, None, None, 1.0, 5.0])
        node = Node(
            StepRules(
                depends_on=depends_on,
                tolerates=tolerates,
                resources=self._draw_resources(),
                retries=retries,
                timeout_seconds=timeout,
            )
        )
        self._draw_future(node, retries.count, timeout)
        return node

    def _draw_map(
        self,
        name: str,
        depends_on: tuple[str, ...],
        tolerates: frozenset[str],
        known: Mapping[str, Node],
        depth: int,
    ) -> Node:
        random = self._random
        maps = [each for each, node in known.items() if node.rules.expands]
        spread = random.choice(maps) if maps and random.random() < 0.5 else None
        rules = StepRules(
            depends_on=depends_on,
            tolerates=tolerates,
            follows_items_of=(spread,) if spread else (),
            expands=True,
            allow_failures=random.choice([False, False, True, 1, 0.5]),
        )
        node = Node(rules, verdict=self._draw_refusal())
        sources: list[list[str]] = [[]] * random.choice([0, 1, 2, 3, 3, 5, 50])
        if spread is not None:
            sources = [list(item) for item in known[spread].items]
        for index, source in enumerate(sources):
            around = {each: known[spread].items[index][each] for each in source} if spread else {}
            outside = self._pick([each for each in known if not known[each].rules.expands], 1)
            around |= {each: known[each] for each in outside}
            node.items.append(self._draw_group(f"{name}[{index}].", around, depth + 1))
        return node

    def _draw_refusal(self) -> Verdict:
        roll = self._random.random()
        if roll < 0.1:
            return Verdict.NOT_TAKEN
        return Verdict.FAILED if roll < 0.1 + self._fails / 8 else Verdict.COMPUTE

    def _draw_future(self, node: Node, retries: int, timeout: float | None) -> None:
        random = self._random
        node.verdict = self._draw_refusal()
        if node.verdict is Verdict.COMPUTE and random.random() < 0.15:
            node.verdict = Verdict.REUSED
        node.looks = random.choice([0, 0, 0, 0, 1, 4])
        node.attempts = [self._draw_attempt(timeout) for _ in range(retries + 1)]

    def _draw_attempt(self, timeout: float | None) -> Attempt:
        random = self._random
        ends = [AttemptEnd.COMPLETED]
        if random.random() < self._fails:
            ends = [AttemptEnd.FAILED, AttemptEnd.FAILED, AttemptEnd.LOST]
            ends += [AttemptEnd.CANCELLED] * (random.random() < 0.1)
        duration = random.choice([0.0, 0.5, 1.0, 3.0, random.random()])
        if timeout is not None and random.random() < self._fails:
            duration = random.choice([timeout, timeout * 2, NEVER])
        return Attempt(random.choice([0.0, 0.0, 0.7]), duration, random.choice(ends))

    def _draw_retries(self) -> Retries:
        random = self._random
        if random.random() < 0.6:
            return NO_RETRIES
        return Retries(
            random.choice([1, 2, 3]),
            pause=random.choice([0.0, 1.0, 2.0]),
            longest=random.choice([3.0, 60.0]),
            jitter=random.choice([0.0, 0.5]),
        )

    def _draw_resources(self) -> Resources:
        random = self._random
        return Resources(
            cpu=random.choice([1, 1, 1, 1, 0, 0.1, 0.3, 2, 8]),
            gpu=random.choice([0, 0, 0, 0, 0, 0.5, 1]),
            memory=random.choice([None, None, None, "300B", "900B", "9KB"]),
        )
