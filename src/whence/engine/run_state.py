"""The state of a run: which step may start, which is tried again or skipped, when all is over.

A pure state machine: `handle(event, at)` returns instructions. It knows no clock, does no I/O and
runs nothing, so that every order of events can be tried in microseconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.domain.status import RunStatus, StepStatus
from whence.engine.admission import Admission
from whence.engine.alarms import Alarms
from whence.engine.map_items import Obstacle
from whence.engine.node_state import NodeState, Phase
from whence.engine.run_events import (
    AttemptBegan,
    AttemptEnd,
    AttemptEnded,
    CancelAsked,
    DecideStep,
    EndRun,
    EndStep,
    Event,
    ExpandStep,
    Instruction,
    RetryLater,
    RunBegins,
    StartAttempt,
    StepDecided,
    StepExpanded,
    StopAttempt,
    StopCause,
    TimePassed,
    Verdict,
)
from whence.engine.run_graph import RunGraph
from whence.engine.step_rules import StepRules

_FIRST_LOOK_SECONDS = 0.02
_LONGEST_LOOK_SECONDS = 0.5
_LOOK_FACTOR = 1.5
"""How soon it is looked again for what somebody else computes: after ever longer pauses."""

_COMPUTING = frozenset({Phase.RUNNING, Phase.STOPPING})
_UNDER_WAY = _COMPUTING | {Phase.EXPANDED, Phase.ENDED}
"""Phases in which a node is left to come to its end when its run is cancelled, or has it."""


class RunState:
    """Follows one run from its first event to its end.

    Every node gets exactly one end, told by `EndStep`, and after all of them the run gets its own.
    An attempt starts only after all that its step depends on has ended well, or may be missing;
    while its needs fit the capacity beside what runs; and never two at a time for one step. Word of
    an attempt that is not the current one changes nothing, and a success is never taken back.
    """

    def __init__(
        self, rules: Mapping[str, StepRules], capacity: Capacity, random: Callable[[], float]
    ) -> None:
        self._graph = RunGraph(rules)
        self._admission = Admission(capacity)
        self._alarms = Alarms()
        self._random = random
        self._now = 0.0
        self._is_cancelled = False
        self._has_failed = False
        self._has_cancelled_step = False
        self._is_over = False
        self._instructions: list[Instruction] = []

    def handle(self, event: Event, at: float) -> list[Instruction]:
        """Return what is to be done, in this order, after *event* at the moment *at* (seconds)."""
        self._now = at
        self._take(event)
        for node in self._alarms.sound(at):
            self._wake(node)
        self._admit()
        if self._graph.unfinished == 0 and not self._is_over:
            self._is_over = True
            self._tell(EndRun(self._status()))
        instructions, self._instructions = self._instructions, []
        return instructions

    @property
    def next_alarm(self) -> float | None:
        """The moment by which the state wants an event, be it `TimePassed`."""
        return self._alarms.earliest

    def _take(self, event: Event) -> None:
        match event:
            case AttemptEnded(attempt, end):
                self._end_attempt(attempt, end)
            case StepDecided(name, verdict):
                self._take_verdict(self._graph.nodes[name], verdict)
            case AttemptBegan(attempt):
                self._begin_attempt(attempt)
            case StepExpanded(name, items):
                self._expand(self._graph.nodes[name], items)
            case CancelAsked(at_once):
                self._cancel(at_once=at_once)
            case RunBegins():
                self._follow(self._graph.begin())
            case TimePassed():
                pass

    def _admit(self) -> None:
        for node in self._admission.starting():
            self._start(node)
        for node in self._admission.to_decide():
            node.phase = Phase.DECIDING
            self._tell(DecideStep(node.name))

    def _start(self, node: NodeState) -> None:
        node.phase = Phase.RUNNING
        node.attempt += 1
        node.stopped = None
        self._limit_time(node)
        self._tell(StartAttempt(AttemptId(node.name, node.attempt)))

    def _limit_time(self, node: NodeState) -> None:
        if node.rules.timeout_seconds is not None:
            self._alarms.set(node, self._now + node.rules.timeout_seconds)

    def _take_verdict(self, node: NodeState, verdict: Verdict) -> None:
        if node.phase is Phase.DECIDING:
            self._admission.note_decided(node)
        elif node.phase is not Phase.EXPANDING:
            return
        if verdict is Verdict.COMPUTE:
            self._admission.add_queued(node)
        elif verdict is Verdict.AWAITED:
            self._look_later(node)
        elif verdict is Verdict.REUSED:
            self._end(node, StepStatus.COMPLETED)
        elif verdict is Verdict.NOT_TAKEN:
            self._end(node, StepStatus.SKIPPED, Obstacle(node.name, is_failure=False))
        else:
            self._fail(node)

    def _look_later(self, node: NodeState) -> None:
        node.phase = Phase.AWAITING_KEY
        pause = max(_FIRST_LOOK_SECONDS, node.look_pause * _LOOK_FACTOR)
        node.look_pause = min(pause, _LONGEST_LOOK_SECONDS)
        self._alarms.set(node, self._now + node.look_pause)

    def _expand(self, node: NodeState, items: Sequence[Mapping[str, StepRules]]) -> None:
        if node.phase is Phase.EXPANDING:
            self._follow(self._graph.expand(node, items))

    def _begin_attempt(self, attempt: AttemptId) -> None:
        node = self._graph.nodes[attempt.node]
        if node.attempt == attempt.number and node.phase is Phase.RUNNING:
            self._limit_time(node)

    def _end_attempt(self, attempt: AttemptId, end: AttemptEnd) -> None:
        node = self._graph.nodes[attempt.node]
        if node.attempt != attempt.number or node.phase not in _COMPUTING:
            return  # late word of an attempt that has its end, or is not the current one
        self._admission.note_ended(node)
        if end is AttemptEnd.COMPLETED:
            self._end(node, StepStatus.COMPLETED)
        elif (node.stopped or end) in (StopCause.CANCELLED, AttemptEnd.CANCELLED):
            self._cancel_waiting()
            self._end(node, StepStatus.CANCELLED)
        elif attempt.number <= node.rules.retries.count and not self._is_cancelled:
            self._retry(node, attempt)
        else:
            self._fail(node)

    def _retry(self, node: NodeState, attempt: AttemptId) -> None:
        at = self._now + node.rules.retries.pause_after(attempt.number, self._random())
        node.phase = Phase.PAUSING
        self._alarms.set(node, at)
        self._tell(RetryLater(attempt, at))

    def _wake(self, node: NodeState) -> None:
        if node.phase is Phase.RUNNING:
            self._stop(node, StopCause.TIMED_OUT)
        elif node.phase is Phase.PAUSING:
            self._admission.add_queued(node)
        elif node.phase is Phase.AWAITING_KEY:
            self._admission.add_ready(node)

    def _stop(self, node: NodeState, because: StopCause) -> None:
        node.phase = Phase.STOPPING
        node.stopped = because
        self._tell(StopAttempt(AttemptId(node.name, node.attempt), because))

    def _cancel(self, *, at_once: bool) -> None:
        stops = at_once or self._is_cancelled  # asked for a second time
        self._cancel_waiting()
        if stops:
            for node in self._graph.nodes.values():
                if node.phase is Phase.RUNNING:
                    self._stop(node, StopCause.CANCELLED)

    def _cancel_waiting(self) -> None:
        """Give an end to all that is not under way; from now on nothing starts."""
        if self._is_cancelled:
            return
        self._is_cancelled = True
        self._admission.clear()
        nodes = self._graph.nodes.values()
        waiting = [node for node in nodes if node.phase not in _UNDER_WAY]
        self._follow(self._graph.end(waiting, StepStatus.CANCELLED))

    def _fail(self, node: NodeState) -> None:
        self._end(node, StepStatus.FAILED, Obstacle(node.name, is_failure=True))

    def _end(self, node: NodeState, status: StepStatus, root: Obstacle | None = None) -> None:
        self._follow(self._graph.end([node], status, root))

    def _follow(self, changed: Iterable[NodeState]) -> None:
        """Take up nodes that are ready now, and tell of those that have their end."""
        for node in changed:
            if node.phase is Phase.ENDED:
                self._tell_end(node)
            elif node.rules.expands:
                node.phase = Phase.EXPANDING
                self._tell(ExpandStep(node.name))
            else:
                self._admission.add_ready(node)

    def _tell_end(self, node: NodeState) -> None:
        status, root = node.status, node.root
        if status is StepStatus.CANCELLED:
            self._has_cancelled_step = True
        elif node.is_spoilt and node.item is None:
            self._has_failed = True
        because = root.node if root is not None and root.node != node.name else None
        self._tell(EndStep(node.name, status, because))

    def _tell(self, instruction: Instruction) -> None:
        self._instructions.append(instruction)

    def _status(self) -> RunStatus:
        if self._has_cancelled_step:
            return RunStatus.CANCELLED
        return RunStatus.FAILED if self._has_failed else RunStatus.COMPLETED
