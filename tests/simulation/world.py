"""A driver with a clock, an executor and a store that are all made up, for one scenario."""

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from random import Random

from tests.simulation.ledger import Ledger, hold
from tests.simulation.scenarios import NEVER, Scenario

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.domain.status import RunStatus
from whence.engine.run_events import (
    AttemptBegan,
    AttemptEnd,
    AttemptEnded,
    CancelAsked,
    DecideStep,
    Event,
    ExpandStep,
    Instruction,
    RunBegins,
    StartAttempt,
    StepDecided,
    StepExpanded,
    StopAttempt,
    TimePassed,
    Verdict,
)
from whence.engine.run_state import RunState
from whence.engine.step_rules import StepRules

MakeState = Callable[[Mapping[str, StepRules], Capacity, Callable[[], float]], RunState]
MOST_EVENTS = 20_000


class World:
    """Obeys the state of a run, and lets happen to it what its scenario holds."""

    def __init__(self, scenario: Scenario, make_state: MakeState) -> None:
        self._scenario = scenario
        self._random = Random(scenario.seed + 1)
        rules = {name: node.rules for name, node in scenario.nodes.items()}
        self._state = make_state(rules, scenario.capacity, self._random.random)
        self.ledger = Ledger(rules, scenario.capacity)
        self._nodes = dict(scenario.nodes)
        self._looks = {}
        self._numbers = count()
        self._future: list[tuple[float, int, Event]] = []
        self._todo: deque[Instruction] = deque()
        self._now = 0.0
        self.told: list[tuple[float, Event]] = []
        self.trace: list[tuple[float, Event | Instruction]] = []

    def run(self) -> RunStatus:
        """Go on until the run has ended. Raises `Broken`."""
        for at, at_once in self._scenario.cancels:
            self._plan(at, CancelAsked(at_once=at_once))
        self._tell(RunBegins())
        while self.ledger.run_status is None:
            self._obey()
            if self.ledger.run_status is None:
                self._let_time_pass()
        self._echo_after_the_end()
        return self.ledger.run_status

    def _tell(self, event: Event) -> None:
        self.trace.append((self._now, event))
        hold(len(self.trace) < MOST_EVENTS, "a run comes to its end")
        self.ledger.take(event, self._now)
        instructions = self._state.handle(event, self._now)
        self.trace.extend((self._now, each) for each in instructions)
        self.ledger.check(instructions)
        self._todo.extend(instructions)

    def _plan(self, at: float, event: Event) -> None:
        if at < NEVER:
            heapq.heappush(self._future, (at, next(self._numbers), event))

    def _obey(self) -> None:
        while self._todo:
            match self._todo.popleft():
                case DecideStep(node):
                    self._answer(StepDecided(node, self._look(node)))
                case ExpandStep(node):
                    self._answer(self._expand(node))
                case StartAttempt(attempt):
                    self._start(attempt)
                case StopAttempt(attempt):
                    self._stop(attempt)
                case _:
                    pass

    def _answer(self, event: Event) -> None:
        if self._scenario.slow_answers:
            self._plan(self._now + self._random.random(), event)
        else:
            self._tell(event)

    def _look(self, name: str) -> Verdict:
        self._looks[name] = self._looks.get(name, 0) + 1
        node = self._nodes[name]
        return Verdict.AWAITED if self._looks[name] <= node.looks else node.verdict

    def _expand(self, name: str) -> Event:
        node = self._nodes[name]
        if node.verdict is not Verdict.COMPUTE:
            return StepDecided(name, node.verdict)
        for item in node.items:
            self._nodes.update(item)
        return StepExpanded(
            name, [{each: inner.rules for each, inner in item.items()} for item in node.items]
        )

    def _start(self, attempt: AttemptId) -> None:
        plan = self._nodes[attempt.node].attempts[attempt.number - 1]
        begins = self._now + plan.delay
        self._plan(begins, AttemptBegan(attempt))
        self._plan(begins + plan.duration, AttemptEnded(attempt, plan.end))
        if self._random.random() < self._scenario.echoes:
            self._echo(attempt)

    def _stop(self, attempt: AttemptId) -> None:
        end = self._random.choice([AttemptEnd.LOST, AttemptEnd.LOST, *AttemptEnd])
        self._plan(self._now + self._random.choice([0.0, 0.1, 2.0]), AttemptEnded(attempt, end))

    def _echo(self, attempt: AttemptId) -> None:
        """Plan words about other attempts of the same node, and of this one once it is over."""
        for _ in range(self._random.randint(1, 3)):
            at = self._now + self._random.choice([0.3, 4.0, 9.0])
            number = max(1, attempt.number + self._random.choice([-1, 0, 1]))
            event = AttemptEnded(
                AttemptId(attempt.node, number), self._random.choice(list(AttemptEnd))
            )
            self._plan(at, _Echo(event))

    def _let_time_pass(self) -> None:
        alarm = self._state.next_alarm
        coming = self._future[0][0] if self._future else None
        hold(alarm is not None or coming is not None, "a run does not come to a halt")
        self.ledger.check_undecided()
        if alarm is not None and (coming is None or alarm <= coming):
            self._now = max(self._now, alarm)
            if self._random.random() < 0.2:
                self._now += self._random.random()  # the driver is late
            self._tell(TimePassed())
            return
        at, _, event = heapq.heappop(self._future)
        self._now = max(self._now, at)
        if not isinstance(event, _Echo):
            self._tell(event)
        elif not self.ledger.is_current(event.event.attempt):
            self._tell(event.event)

    def _echo_after_the_end(self) -> None:
        """Tell all that is still to come: it must not matter any more."""
        for _, _, event in self._future:
            self._tell(event.event if isinstance(event, _Echo) else event)
        self._tell(TimePassed())


class _Echo:
    """Word of an attempt that is not the current one by then, or else is dropped."""

    def __init__(self, event: AttemptEnded) -> None:
        self.event = event


def simulate(scenario: Scenario, make_state: MakeState = RunState) -> World:
    """Run a scenario to its end. Raises `Broken` if a promise does not hold."""
    world = World(scenario, make_state)
    world.run()
    return world
