"""Makes attempts in this process, one after the other."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.interfaces.orchestrator import (
    Began,
    Ended,
    Execute,
    Lost,
    Notice,
    Progressed,
    ReportProgress,
)

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

STOPPED = "It was stopped."


class InProcessOrchestrator(Generic[JobT, ResultT]):
    """Makes each attempt inside `wait`, in the caller's thread, in the order of their start.

    Nothing can be heard while an attempt is under way but through *observe*, which is told of its
    beginning and progress as they happen. Only attempts that have not begun can be stopped.
    """

    capacity = Capacity(attempts=1)

    def __init__(
        self,
        execute: Execute[JobT, ResultT],
        observe: Callable[[Began | Progressed], None] | None = None,
    ) -> None:
        self._execute = execute
        self._observe = observe
        self._waiting: deque[tuple[AttemptId, JobT]] = deque()
        self._notices: list[Notice[ResultT]] = []
        self._wakings: SimpleQueue[None] = SimpleQueue()  # its `put` may interrupt its `get`

    @property
    def is_busy(self) -> bool:
        """Whether there is something to do, or to hear of."""
        return bool(self._waiting or self._notices)

    def start(self, attempt: AttemptId, job: JobT) -> None:
        """Put an attempt behind those that wait."""
        self._waiting.append((attempt, job))

    def wait(self, timeout: float | None) -> Sequence[Notice[ResultT]]:
        """Make the attempt that has waited longest; without one, wait to be woken."""
        if not self._notices and self._waiting:
            self._run(*self._waiting.popleft())
        elif not self._notices:
            self._sleep(timeout)
        notices, self._notices = self._notices, []
        return notices

    def stop(self, attempt: AttemptId) -> None:
        """Give up an attempt that waits."""
        kept = deque(each for each in self._waiting if each[0] != attempt)
        if len(kept) < len(self._waiting):
            self._notices.append(Lost(attempt, STOPPED, was_stopped=True))
        self._waiting = kept

    def wake(self) -> None:
        """Let `wait` return early."""
        self._wakings.put(None)

    def close(self) -> None:
        """Give up the attempts that wait."""
        self._waiting.clear()

    def _sleep(self, timeout: float | None) -> None:
        with suppress(Empty):
            self._wakings.get(timeout=timeout)
        while not self._wakings.empty():
            self._wakings.get()

    def _run(self, attempt: AttemptId, job: JobT) -> None:
        self._tell(Began(attempt, None))
        try:
            result = self._execute(job, self._progress_of(attempt))
        except BaseException as error:  # a Ctrl-C that met what is ours of the attempt
            self._notices.append(Lost(attempt, STOPPED, error))
            raise
        self._notices.append(Ended(attempt, result))

    def _progress_of(self, attempt: AttemptId) -> ReportProgress:
        return lambda done, total: self._tell(Progressed(attempt, done, total))

    def _tell(self, notice: Began | Progressed) -> None:
        if self._observe is not None:
            self._observe(notice)
        else:
            self._notices.append(notice)
