"""Makes attempts on this machine: in this process, or in worker processes where that is asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.errors import InvalidSettingError
from whence.interfaces.orchestrator import Job, Means, Notice
from whence.orchestrators.in_process import InProcessOrchestrator

if TYPE_CHECKING:
    from whence.orchestrators.worker_processes import WorkerProcesses

JobT = TypeVar("JobT", bound=Job)
ResultT = TypeVar("ResultT")


class LocalOrchestrator(Generic[JobT, ResultT]):
    """Makes attempts one after the other here, or up to *workers* at a time in worker processes.

    Without *workers*, an attempt that must be stoppable is made in one worker process.
    """

    def __init__(self, means: Means[JobT, ResultT], *, workers: int | None = None) -> None:
        self._means = means
        self._here = InProcessOrchestrator(means.execute, means.observe)
        self._elsewhere: WorkerProcesses[JobT, ResultT] | None = None
        self._all_elsewhere = workers is not None
        if workers is not None:
            self._elsewhere = self._open_workers(workers)

    @classmethod
    def from_url(cls, url: str, means: Means[JobT, ResultT]) -> "LocalOrchestrator[JobT, ResultT]":
        """Return what `local://` or `local://?workers=8` names. Raises `InvalidSettingError`."""
        given = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        workers = given.pop("workers", None)
        if given or (workers is not None and not (workers.isdecimal() and int(workers))):
            raise InvalidSettingError(
                setting="orchestrator",
                value=url,
                reason="It knows one setting, `workers`, a whole number from 1.",
                cure="Write `local://`, or `local://?workers=4`.",
            )
        return cls(means, workers=None if workers is None else int(workers))

    @property
    def capacity(self) -> Capacity:
        """What attempts may use together."""
        if self._all_elsewhere and self._elsewhere is not None:
            return self._elsewhere.capacity
        return self._here.capacity

    def start(self, attempt: AttemptId, job: JobT) -> None:
        """Accept an attempt."""
        if not (self._all_elsewhere or job.can_be_stopped):
            self._here.start(attempt, job)
            return
        if self._elsewhere is None:
            self._elsewhere = self._open_workers(1)
        self._elsewhere.start(attempt, job)

    def wait(self, timeout: float | None) -> Sequence[Notice[ResultT]]:
        """Return what has happened; an attempt that is to be made here is made before that."""
        if self._elsewhere is None or not (self._all_elsewhere or self._elsewhere.is_busy):
            return self._here.wait(timeout)
        if not self._here.is_busy:
            return self._elsewhere.wait(timeout)
        return self._elsewhere.wait(0) or self._here.wait(0)

    def stop(self, attempt: AttemptId) -> None:
        """End an attempt that is made elsewhere, or one that has not begun."""
        self._here.stop(attempt)
        if self._elsewhere is not None:
            self._elsewhere.stop(attempt)

    def wake(self) -> None:
        """Let `wait` return early."""
        self._here.wake()
        if self._elsewhere is not None:
            self._elsewhere.wake()

    def close(self) -> None:
        """Kill what runs, and leave nothing behind."""
        self._here.close()
        if self._elsewhere is not None:
            self._elsewhere.close()

    def _open_workers(self, workers: int) -> "WorkerProcesses[JobT, ResultT]":
        from whence.orchestrators.worker_processes import (  # noqa: PLC0415  # few runs need it, and what it loads
            WorkerProcesses,
        )

        means = self._means
        return WorkerProcesses(means.execute, workers=workers, folder=means.folder, code=means.code)
