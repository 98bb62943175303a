"""Makes attempts in warm worker processes of this machine."""

import os
import selectors
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.errors import InvalidSettingError, ResultNotSentError, StepNotSentError
from whence.interfaces.orchestrator import (
    Began,
    CodeRules,
    Ended,
    Execute,
    Job,
    Lost,
    Notice,
    Printed,
    Progressed,
)
from whence.orchestrators import messages
from whence.orchestrators.causes_of_death import explain_death
from whence.orchestrators.devices import DevicePool
from whence.orchestrators.in_process import STOPPED
from whence.orchestrators.machine import (
    control_groups,
    count_cpus,
    count_memory_kills,
    list_devices,
    measure_memory,
)
from whence.orchestrators.packing import unpack
from whence.orchestrators.send_attempts import AttemptSender, describe_briefly, make_unsent
from whence.orchestrators.thread_pools import thread_variables
from whence.orchestrators.wakings import Wakings
from whence.orchestrators.worker_folder import WorkerFolder
from whence.orchestrators.worker_pool import WorkerPool
from whence.orchestrators.worker_process import Surroundings, WorkerProcess
from whence.orchestrators.written_output import FollowedFile

JobT = TypeVar("JobT", bound=Job)
ResultT = TypeVar("ResultT")

SECONDS_OF_GRACE = 1.0
"""Between the request to end and the kill of an attempt that is stopped, for what it holds open."""

_SECONDS_BETWEEN_LOOKS = 0.1
"""At what is written, and whether those who were asked to end have ended."""

_SECONDS_TO_DIE = 0.5
"""For a worker whose connection has ended; it is killed then."""


@dataclass(slots=True, eq=False)
class _Accepted(Generic[JobT]):
    """An attempt that has no end yet."""

    attempt: AttemptId
    job: JobT
    written: FollowedFile | None = None
    has_begun: bool = False
    was_sent_before: bool = False
    was_refused: bool = False
    kill_at: float | None = None


class WorkerProcesses(Generic[JobT, ResultT]):
    """Makes up to *workers* attempts at a time, each in a process that stays for the next.

    Processes start when they are first needed: by an `exec`, with a group of their own, and they
    die with this process. *folder* is where what attempts write is kept meanwhile.
    """

    def __init__(
        self, execute: Execute[JobT, ResultT], *, workers: int, folder: Path, code: CodeRules
    ) -> None:
        if sys.platform == "win32":
            raise InvalidSettingError(
                setting="workers",
                value=workers,
                reason="Worker processes need process groups and inherited sockets, "
                "which Windows does not have.",
                cure="Leave `workers` and `timeout` out: steps then run in this process.",
            )
        environment = dict(os.environ)
        devices = list_devices(environment)
        self.capacity = Capacity(
            attempts=workers,
            cpu=max(count_cpus(), workers),
            gpu=len(devices),
            memory=measure_memory(),
        )
        self._devices = DevicePool(devices)
        threads = max(1, int(count_cpus() // workers))
        self._folder = WorkerFolder(folder)
        around = Surroundings(
            folder=self._folder.path,
            directory=Path.cwd(),
            environment=environment,
            variables=thread_variables(threads, environment),
            functions=(execute, code.digest_of),
        )
        self._sender = AttemptSender(code, threads)
        self._selector = selectors.DefaultSelector()
        self._wakings = Wakings(self._selector)
        self._pool = WorkerPool(around, workers, self._selector)
        self._running: dict[WorkerProcess, _Accepted[JobT]] = {}
        self._queue: deque[_Accepted[JobT]] = deque()
        self._notices: list[Notice[ResultT]] = []
        self._memory_kills = count_memory_kills(control_groups())
        self._looks_at = 0.0

    # ------------------------------------------------------------------ the protocol

    @property
    def is_busy(self) -> bool:
        """Whether an attempt is under way or waits, or there is something to hear of."""
        return bool(self._running or self._queue or self._notices)

    def start(self, attempt: AttemptId, job: JobT) -> None:
        """Accept an attempt; it begins at once if a worker is free."""
        self._queue.append(_Accepted(attempt, job))
        self._dispatch()

    def wait(self, timeout: float | None) -> Sequence[Notice[ResultT]]:
        """Return what has happened, as soon as something has."""
        until = None if timeout is None else time.monotonic() + timeout
        woken = False
        while not (self._notices or woken):
            now = time.monotonic()
            if until is not None and now > until:
                break
            woken = self._take_events(self._pause(now, until))
            self._look(time.monotonic())
        notices, self._notices = self._notices, []
        return notices

    def stop(self, attempt: AttemptId) -> None:
        """End an attempt: it is asked to, and a moment later killed with all that it started."""
        for each in [each for each in self._queue if each.attempt == attempt]:
            self._queue.remove(each)
            self._notices.append(Lost(attempt, STOPPED, was_stopped=True))
        for worker, each in self._running.items():
            if each.attempt == attempt and each.kill_at is None:
                each.kill_at = time.monotonic() + SECONDS_OF_GRACE
                worker.leader.ask_to_end()

    def wake(self) -> None:
        """Let `wait` return early; safe in signal handlers and threads."""
        self._wakings.wake()

    def close(self) -> None:
        """Kill what runs, let the others leave, and remove every trace."""
        self._pool.close()
        self._running.clear()
        self._queue.clear()
        self._wakings.close()
        self._selector.close()
        self._folder.remove()

    # ------------------------------------------------------------------ starting

    def _dispatch(self) -> None:
        while self._queue and self._place(self._queue[0]):
            self._queue.popleft()

    def _place(self, accepted: _Accepted[JobT]) -> bool:
        """Send an attempt to a worker; return False if it has to wait for one."""
        attempt, job = accepted.attempt, accepted.job
        try:
            groups = self._sender.find_groups(attempt, job)
            devices = self._devices.lend(attempt, job.resources.gpu)
            worker = self._pool.take(devices, [group.number for group in groups])
        except (OSError, StepNotSentError) as error:
            self._lose(accepted, f"It could not be sent to a worker process: {error}", error)
            return True
        if worker is None:
            self._devices.take_back(attempt)
            return False
        self._running[worker] = accepted
        try:
            self._sender.send(worker, attempt, job, groups)
        except StepNotSentError as error:
            self._free(worker)
            self._lose(accepted, str(error), error)
        self._pool.watch(worker)
        return True

    # ------------------------------------------------------------------ listening

    def _pause(self, now: float, until: float | None) -> float | None:
        """Return for how long nothing but a message needs to be looked at."""
        left = None if until is None else max(0.0, until - now)
        if not self._running:
            return left
        return _SECONDS_BETWEEN_LOOKS if left is None else min(left, _SECONDS_BETWEEN_LOOKS)

    def _take_events(self, timeout: float | None) -> bool:
        """Wait for events and take them; return whether somebody wakes us."""
        woken = False
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, WorkerProcess):
                self._listen(key.data)
            else:
                woken = self._wakings.take()
        return woken

    def _listen(self, worker: WorkerProcess) -> None:
        worker.flush()
        worker.inbox.receive()
        for message in worker.inbox.take():
            self._understand(worker, message)
        if worker.inbox.is_over:
            self._pool.unwatch(worker)
            self._take_death(worker)
        else:
            self._pool.watch(worker)

    def _understand(self, worker: WorkerProcess, message: object) -> None:
        accepted = self._running.get(worker)
        if accepted is None:
            return
        match message:
            case messages.HasBegun(attempt, path):
                accepted.has_begun = True
                accepted.written = FollowedFile(Path(path))
                self._notices.append(Began(attempt, worker.leader.pid))
            case messages.HasProgressed(attempt, done, total):
                self._notices.append(Progressed(attempt, done, total))
            case messages.HasEnded(_, packed, written):
                self._take_result(worker, accepted, packed, written)
            case messages.NotSent(_, reason):
                self._free(worker)
                error = ResultNotSentError(step=accepted.attempt.node, reason=reason)
                self._lose(accepted, str(error), error)
            case messages.Refused():
                self._take_refusal(worker, accepted, message)
            case _:
                raise TypeError(message)
        self._dispatch()

    # ------------------------------------------------------------------ ends

    def _take_result(
        self, worker: WorkerProcess, accepted: _Accepted[JobT], packed: bytes, written: int
    ) -> None:
        self._free(worker)
        if written and accepted.written is not None:
            self._show(accepted, accepted.written.read_rest())
            accepted.written.remove()
        try:
            result = unpack(packed, worker.known)
        except Exception as error:  # noqa: BLE001  # an import of the user's, or a class of his
            self._pool.dismiss(worker)
            failure = ResultNotSentError(step=accepted.attempt.node, reason=describe_briefly(error))
            self._lose(accepted, str(failure), failure)
            return
        self._notices.append(Ended(accepted.attempt, result))

    def _take_refusal(
        self, worker: WorkerProcess, accepted: _Accepted[JobT], message: messages.Refused
    ) -> None:
        """Send it once more to a new worker, with own code as it is loaded here."""
        del self._running[worker]
        self._devices.take_back(accepted.attempt)
        cause = unpack(message.error, worker.known) if message.error is not None else None
        self._pool.dismiss(worker)  # it may hold modules that differ from this process's
        if accepted.was_refused:
            error = make_unsent(accepted.attempt, cause, message.reason)
            self._lose(accepted, str(error), error)
            return
        accepted.was_refused = True
        self._sender.take_refusal(accepted.job)
        self._queue.appendleft(accepted)

    def _take_death(self, worker: WorkerProcess) -> None:
        worker.leader.wait_dead(time.monotonic() + _SECONDS_TO_DIE)
        accepted = self._running.pop(worker, None)
        words = worker.read_first_words()
        returncode = self._pool.dismiss(worker)
        if accepted is None:
            return
        self._devices.take_back(accepted.attempt)
        if accepted.kill_at is not None:
            self._lose(accepted, STOPPED, was_stopped=True)
        elif not accepted.has_begun and not accepted.was_sent_before:
            accepted.was_sent_before = True  # whatever killed the worker, it was not the attempt
            self._queue.appendleft(accepted)
        else:
            reason = explain_death(returncode, self._count_memory_kills())
            self._lose(accepted, reason if accepted.has_begun else f"{reason}\n{words}".strip())
        self._dispatch()

    def _look(self, now: float) -> None:
        """Follow what is written, kill what was asked to end, and find the dead."""
        if now < self._looks_at:
            return
        self._looks_at = now + _SECONDS_BETWEEN_LOOKS
        for worker, accepted in list(self._running.items()):
            if accepted.written is not None:
                self._show(accepted, accepted.written.read_new())
            if accepted.kill_at is not None and now >= accepted.kill_at:
                worker.leader.kill()
            if worker.leader.is_dead():  # a child of it may hold its connection open
                self._listen(worker)
                if worker in self._running:
                    self._pool.unwatch(worker)
                    self._take_death(worker)

    def _free(self, worker: WorkerProcess) -> None:
        accepted = self._running.pop(worker)
        self._devices.take_back(accepted.attempt)
        self._pool.give_back(worker)

    def _lose(
        self,
        accepted: _Accepted[JobT],
        reason: str,
        error: BaseException | None = None,
        *,
        was_stopped: bool = False,
    ) -> None:
        self._devices.take_back(accepted.attempt)
        written = accepted.written
        if written is not None:
            self._show(accepted, written.read_rest())
        printed = written.path if written is not None and written.path.exists() else None
        self._notices.append(Lost(accepted.attempt, reason, error, was_stopped, printed))

    def _show(self, accepted: _Accepted[JobT], text: str) -> None:
        if text:
            self._notices.append(Printed(accepted.attempt, text))

    def _count_memory_kills(self) -> int:
        """Return how many processes were killed for memory since this was asked last."""
        before, self._memory_kills = self._memory_kills, count_memory_kills(control_groups())
        return self._memory_kills - before
