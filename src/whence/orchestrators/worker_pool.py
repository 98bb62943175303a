"""The worker processes of one orchestrator: which is free, which fits, which has to go."""

import selectors
import time
from collections.abc import Collection, Iterator

from whence.orchestrators.worker_process import Surroundings, WorkerProcess

SECONDS_TO_LEAVE = 2.0
"""For workers that have nothing to do, at the end of a run."""


class WorkerPool:
    """Starts workers when they are needed, up to *most*, and tells *selector* to watch them."""

    def __init__(self, around: Surroundings, most: int, selector: selectors.BaseSelector) -> None:
        self._around = around
        self._most = most
        self._selector = selector
        self._count = 0
        self._idle: dict[WorkerProcess, None] = {}
        self._busy: set[WorkerProcess] = set()

    def take(self, devices: tuple[str, ...], groups: Collection[int]) -> WorkerProcess | None:
        """Return a worker for an attempt with these devices; None if none is free.

        Libraries keep the devices that they first saw, so a worker is given no others. One that
        has the groups of the attempt already is preferred.
        """
        fit = [each for each in self._idle if not devices or each.devices in ((), devices)]
        if fit:
            worker = max(fit, key=lambda each: _suits(each, devices, groups))
            del self._idle[worker]
        else:
            if len(self._busy) >= self._most:
                return None
            if len(self._busy) + len(self._idle) >= self._most:
                self.dismiss(next(iter(self._idle)))
            worker = self._open()
        worker.devices = devices or worker.devices
        self._busy.add(worker)
        return worker

    def give_back(self, worker: WorkerProcess) -> None:
        """Let a worker be taken again."""
        self._busy.discard(worker)
        self._idle[worker] = None

    def dismiss(self, worker: WorkerProcess) -> int | None:
        """End a worker that is not to be used again; return how it ended, as `Leader.bury`."""
        self._busy.discard(worker)
        self._idle.pop(worker, None)
        self.unwatch(worker)
        return worker.bury()

    def all(self) -> Iterator[WorkerProcess]:
        """Yield the workers there are."""
        yield from [*self._idle, *self._busy]

    def watch(self, worker: WorkerProcess) -> None:
        """Watch for what the worker's connection is ready for now."""
        if worker.is_watched:
            self._selector.modify(worker.connection, worker.awaits, worker)

    def unwatch(self, worker: WorkerProcess) -> None:
        """Watch a worker no more, but for its death."""
        if worker.is_watched:
            worker.is_watched = False
            self._selector.unregister(worker.connection)

    def close(self) -> None:
        """End all workers: at once those at work, after a moment those that do not leave."""
        for worker in self._busy:
            worker.leader.kill()
        for worker in self._idle:
            worker.say_goodbye()
        until = time.monotonic() + SECONDS_TO_LEAVE
        for worker in list(self.all()):
            worker.leader.wait_dead(until)
            self.dismiss(worker)

    def _open(self) -> WorkerProcess:
        self._count += 1
        worker = WorkerProcess(self._count, self._around)
        self._selector.register(worker.connection, worker.awaits, worker)
        worker.is_watched = True
        return worker


def _suits(
    worker: WorkerProcess, devices: tuple[str, ...], groups: Collection[int]
) -> tuple[bool, int]:
    return worker.devices == devices, len(worker.groups.intersection(groups))
