"""Small breakages of the state of a run, each loaded as a machine of its own."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from tests.simulation.world import MakeState

PARTS = ("step_rules", "map_items", "node_state", "alarms", "admission", "run_graph", "run_state")
"""The modules that are the state of a run, each after those that it imports."""


@dataclass(frozen=True)
class Mutant:
    """One edit of one module."""

    breaks: str
    part: str
    old: str
    new: str

    def load(self) -> MakeState:
        """Return the class of a machine with this edit. Raises `LookupError` if it fits no more."""
        with fresh_parts() as load:
            for part in PARTS:
                load(part, self._edit if part == self.part else str)
            return import_module("whence.engine.run_state").RunState

    def _edit(self, source: str) -> str:
        if source.count(self.old) != 1:
            msg = f"{self.old!r} occurs {source.count(self.old)} times in {self.part}"
            raise LookupError(msg)
        return source.replace(self.old, self.new)


@contextmanager
def fresh_parts() -> Generator[Callable[[str, Callable[[str], str]], None]]:
    """Give a way to load parts anew, edited; afterwards the real ones are found again."""
    names = [f"whence.engine.{part}" for part in PARTS]
    kept = {name: import_module(name) for name in names}

    def load(part: str, edit: Callable[[str], str]) -> None:
        name = f"whence.engine.{part}"
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        module = sys.modules[name] = ModuleType(name)
        source = edit(Path(spec.origin).read_text(encoding="utf-8"))
        exec(compile(source, spec.origin, "exec"), module.__dict__)

    try:
        yield load
    finally:
        sys.modules.update(kept)


MUTANTS = (
    Mutant(
        "the fence: word of any attempt of a step is taken",
        "run_state",
        "if node.attempt != attempt.number or node.phase not in _COMPUTING:",
        "if node.phase not in _COMPUTING:",
    ),
    Mutant(
        "the fence: word of an attempt that has its end is taken",
        "run_state",
        "if node.attempt != attempt.number or node.phase not in _COMPUTING:",
        "if node.attempt != attempt.number or node.phase is Phase.ENDED:",
    ),
    Mutant(
        "a success after the time is a failure",
        "run_state",
        "if end is AttemptEnd.COMPLETED:\n",
        "if end is AttemptEnd.COMPLETED and node.phase is Phase.RUNNING:\n",
    ),
    Mutant(
        "one retry too many",
        "run_state",
        "attempt.number <= node.rules.retries.count and",
        "attempt.number <= node.rules.retries.count + 1 and",
    ),
    Mutant(
        "one retry too few",
        "run_state",
        "attempt.number <= node.rules.retries.count and",
        "attempt.number < node.rules.retries.count and",
    ),
    Mutant(
        "retries go on in a cancelled run",
        "run_state",
        "node.rules.retries.count and not self._is_cancelled:",
        "node.rules.retries.count:",
    ),
    Mutant(
        "the pause before a retry is left out",
        "run_state",
        "self._alarms.set(node, at)",
        "self._alarms.set(node, self._now)",
    ),
    Mutant(
        "the second ask for an end is like the first",
        "run_state",
        "stops = at_once or self._is_cancelled",
        "stops = at_once",
    ),
    Mutant(
        "the first ask for an end stops what runs",
        "run_state",
        "if stops:",
        "if self._is_cancelled:",
    ),
    Mutant(
        "a cancelled run starts what was in the queue",
        "run_state",
        "        self._admission.clear()\n",
        "",
    ),
    Mutant(
        "steps that pause before a retry outlive their run's cancellation",
        "run_state",
        "_UNDER_WAY = _COMPUTING |",
        "_UNDER_WAY = _COMPUTING | {Phase.PAUSING} |",
    ),
    Mutant(
        "timeouts are not noticed",
        "run_state",
        "        self._limit_time(node)\n        self._tell(StartAttempt(",
        "        self._tell(StartAttempt(",
    ),
    Mutant(
        "time counts from the start only, not from when the step began",
        "run_state",
        "if node.attempt == attempt.number and node.phase is Phase.RUNNING:",
        "if False:",
    ),
    Mutant(
        "an attempt keeps its room when it ends",
        "run_state",
        "        self._admission.note_ended(node)\n",
        "",
    ),
    Mutant(
        "the end of a step that failed early is not told on",
        "run_state",
        "self._end(node, StepStatus.FAILED, Obstacle(node.name, is_failure=True))",
        "self._end(node, StepStatus.FAILED, Obstacle(node.name, is_failure=False))",
    ),
    Mutant(
        "allowed failures of items fail the run",
        "run_state",
        "elif node.is_spoilt and node.item is None:",
        "elif node.is_spoilt:",
    ),
    Mutant(
        "what is awaited is never looked at again",
        "run_state",
        "elif node.phase is Phase.AWAITING_KEY:",
        "elif False:",
    ),
    Mutant(
        "an overdue retry is computed without being queued for room",
        "run_state",
        "elif node.phase is Phase.PAUSING:\n            self._admission.add_queued(node)",
        "elif node.phase is Phase.PAUSING:\n            self._start(node)",
    ),
    Mutant(
        "a stale alarm rings",
        "alarms",
        "while self._set and self._set[0][1] != self._set[0][2].alarm:",
        "while False:",
    ),
    Mutant(
        "capacity: one attempt too many",
        "admission",
        "self._running < self._attempts",
        "self._running <= self._attempts",
    ),
    Mutant(
        "capacity: memory does not count",
        "admission",
        "self._memory + needs.memory <= self._most.memory",
        "True",
    ),
    Mutant(
        "capacity: a step that is too big never runs",
        "admission",
        "return self._running == 0 or (",
        "return (",
    ),
    Mutant(
        "small steps overtake big ones for ever",
        "admission",
        "if lanes[0].queued[0][1].overtaken >= PATIENCE:",
        "if False:",
    ),
    Mutant(
        "nobody overtakes",
        "admission",
        "if lanes[0].queued[0][1].overtaken >= PATIENCE:",
        "if True:",
    ),
    Mutant(
        "nothing is decided ahead of its room, and what was decided is not counted off",
        "admission",
        "        self._lane_of(node).deciding -= 1\n",
        "        pass\n",
    ),
    Mutant(
        "a step starts when all but one are there",
        "node_state",
        "        self.missing -= 1\n        return self.missing == 0\n\n    def learn_items",
        "        self.missing -= 1\n        return self.missing <= 1\n\n    def learn_items",
    ),
    Mutant(
        "a failure is tolerated as if its branch were not taken",
        "node_state",
        "if not node.is_spoilt:",
        "if True:",
    ),
    Mutant(
        "nothing is tolerated",
        "node_state",
        "if node.name not in self.rules.tolerates:",
        "if True:",
    ),
    Mutant(
        "an item that may fail goes on after its own failure",
        "node_state",
        " and not item.holds(self.item)",
        "",
    ),
    Mutant(
        "a failure goes before a branch that is not taken",
        "node_state",
        "if self.obstacle is None or (obstacle is not None and not obstacle.is_failure):",
        "if self.obstacle is None or (obstacle is not None and obstacle.is_failure):",
    ),
    Mutant(
        "an item with two failures counts twice",
        "map_items",
        "if not self.has_failed:",
        "if True:",
    ),
    Mutant(
        "a map completes in spite of one failure too many",
        "map_items",
        "if self.failures <= self.most_failures:\n            return StepStatus.COMPLETED",
        "if self.failures <= self.most_failures + 1:\n            return StepStatus.COMPLETED",
    ),
    Mutant(
        "a map ends before its last item",
        "map_items",
        "return self.of.unfinished == 0",
        "return self.of.unfinished <= 1",
    ),
    Mutant(
        "an empty map never ends",
        "run_graph",
        "if node.items.unfinished == 0:",
        "if False:",
    ),
    Mutant(
        "items do not learn of what had ended before them",
        "run_graph",
        "            if needed.phase is Phase.ENDED:\n                node.learn_end(needed)",
        "            if needed.phase is Phase.ENDED:\n                node.missing -= 1",
    ),
    Mutant(
        "a map over a map's items waits for its end",
        "run_graph",
        "        _tell_of_items(node, changed)\n        if node.items.unfinished",
        "        if node.items.unfinished",
    ),
    Mutant(
        "a share of items that may fail is rounded up",
        "step_rules",
        "return int(allowed * items + _ROUNDING)",
        "return int(allowed * items + 1)",
    ),
)
