"""An orchestrator that makes attempts only when a test lets it, and loses those that are to be."""

from collections import deque
from dataclasses import dataclass, field

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.engine.execute_step import execute_step
from whence.interfaces.orchestrator import Began, Ended, Lost


@dataclass
class ScriptedOrchestrator:
    """Makes the oldest attempt in each `wait`; *before* is called with it and may lose it."""

    before: object = lambda orchestrator, attempt: None
    capacity: Capacity = field(default_factory=lambda: Capacity(attempts=2))
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    waiting: deque = field(default_factory=deque)
    notices: list = field(default_factory=list)

    def __call__(self, observe):
        return self

    def start(self, attempt, job):
        self.started.append(str(attempt))
        self.waiting.append((attempt, job))

    def wait(self, timeout):
        if not self.notices and self.waiting:
            attempt, job = self.waiting[0]
            self.notices.append(Began(attempt, 4711))
            lost = self.before(self, attempt)
            if lost is not None:
                self.notices.append(lost)
                self.waiting.popleft()
            else:
                self.notices.append(Ended(attempt, execute_step(job)))
                self.waiting.popleft()
        notices, self.notices = self.notices, []
        return notices

    def stop(self, attempt: AttemptId):
        self.stopped.append(str(attempt))
        self.waiting = deque(each for each in self.waiting if each[0] != attempt)
        self.notices.append(Lost(attempt, "It was stopped.", was_stopped=True))

    def wake(self):
        """Nothing sleeps here."""

    def close(self):
        self.waiting.clear()
