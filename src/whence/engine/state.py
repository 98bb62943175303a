"""The state of a run: which step may start, which is skipped, when the run is over.

A pure state machine: `handle(event)` returns instructions. It knows no clock, does no I/O and runs
nothing, so that every order of events can be tried in microseconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from whence.domain.status import RunStatus, StepStatus


@dataclass(frozen=True, slots=True)
class RunBegins:
    """The run is recorded; steps may start."""


@dataclass(frozen=True, slots=True)
class StepEnds:
    """A step ended: completed, failed or cancelled."""

    node: str
    status: StepStatus


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Somebody wants the run to end early; what runs may finish, nothing more starts."""


Event = RunBegins | StepEnds | CancelAsked


@dataclass(frozen=True, slots=True)
class StartStep:
    """Run this step now: all that it depends on has completed."""

    node: str


@dataclass(frozen=True, slots=True)
class SkipStep:
    """Record that this step will not run, because of another that did not complete."""

    node: str
    status: StepStatus
    because: str | None


@dataclass(frozen=True, slots=True)
class EndRun:
    """The run is over."""

    status: RunStatus


Instruction = StartStep | SkipStep | EndRun


class RunState:
    """Follows one run from its first event to its end.

    Every step gets exactly one end: it is started once, after all that it depends on completed, or
    it is skipped. The run ends once, when every step has its end.
    """

    def __init__(self, depends_on: Mapping[str, Sequence[str]]) -> None:
        self._status = dict.fromkeys(depends_on, StepStatus.PENDING)
        self._missing = {node: len(needed) for node, needed in depends_on.items()}
        self._followers: dict[str, list[str]] = {node: [] for node in depends_on}
        for node, needed in depends_on.items():
            for each in needed:
                self._followers[each].append(node)
        self._unfinished = len(depends_on)
        self._cancelled = False
        self._failed = False

    def handle(self, event: Event) -> list[Instruction]:
        """Return what is to be done after *event*."""
        match event:
            case RunBegins():
                instructions = [
                    self._start(node) for node, count in self._missing.items() if count == 0
                ]
            case StepEnds(node, status):
                instructions = list(self._end(node, status))
            case CancelAsked():
                instructions = list(self._cancel())
        return [*instructions, *self._end_run()]

    def _start(self, node: str) -> Instruction:
        self._status[node] = StepStatus.RUNNING
        return StartStep(node)

    def _end(self, node: str, status: StepStatus) -> Iterator[Instruction]:
        if self._status[node] is not StepStatus.RUNNING:
            return  # a late word about a step that has its end already changes nothing
        self._status[node] = status
        self._unfinished -= 1
        if status is StepStatus.COMPLETED:
            yield from self._release(node)
            return
        if status is StepStatus.CANCELLED:  # a step is cancelled with its run
            yield from self._cancel()
            return
        self._failed = True
        yield from self._skip_behind(node)

    def _release(self, node: str) -> Iterator[Instruction]:
        for follower in self._followers[node]:
            self._missing[follower] -= 1
            if self._missing[follower] == 0 and self._status[follower] is StepStatus.PENDING:
                yield self._start(follower)

    def _skip_behind(self, node: str) -> Iterator[Instruction]:
        waiting = [node]
        while waiting:
            for follower in self._followers[waiting.pop()]:
                if self._status[follower] is StepStatus.PENDING:
                    yield self._skip(follower, StepStatus.SKIPPED, node)
                    waiting.append(follower)

    def _cancel(self) -> Iterator[Instruction]:
        self._cancelled = True
        for node, status in self._status.items():
            if status is StepStatus.PENDING:
                yield self._skip(node, StepStatus.CANCELLED, None)

    def _skip(self, node: str, status: StepStatus, because: str | None) -> Instruction:
        self._status[node] = status
        self._unfinished -= 1
        return SkipStep(node, status, because)

    def _end_run(self) -> Iterator[Instruction]:
        if self._unfinished:
            return
        self._unfinished = -1  # said once
        if self._cancelled:
            yield EndRun(RunStatus.CANCELLED)
        else:
            yield EndRun(RunStatus.FAILED if self._failed else RunStatus.COMPLETED)
