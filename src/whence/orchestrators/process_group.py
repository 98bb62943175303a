"""The processes of one worker: they end together, and with the process that started them.

A worker leads a session and a process group of its own, in which the processes that a step starts
are too. What calls `setsid` itself is outside.
"""

import contextlib
import os
import select
import signal
import threading
import time
from typing import Any

_SECONDS_BETWEEN_LOOKS = 0.2
"""How often a worker sees whether its parent lives, where nothing tells it."""


def die_with(lifeline: int, parent: int) -> None:
    """Let this process's whole group be killed once *lifeline*, a pipe of the parent's, closes.

    On Linux the kernel does so, also while code holds Python's lock; elsewhere, and in addition, a
    thread waits for it.
    """
    os.set_inheritable(lifeline, False)  # noqa: FBT003  # positional only
    with contextlib.suppress(ImportError, AttributeError, OSError):
        _arm(lifeline)
    threading.Thread(
        target=_watch, args=(lifeline, parent), name="whence-watches-parent", daemon=True
    ).start()


def _arm(lifeline: int) -> None:
    import fcntl  # noqa: PLC0415  # not on every platform

    owner, which = fcntl.F_SETOWN, fcntl.F_SETSIG  # the latter on Linux alone
    fcntl.fcntl(lifeline, owner, -os.getpgrp())
    fcntl.fcntl(lifeline, which, signal.SIGKILL)
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)


def _watch(lifeline: int, parent: int) -> None:
    with contextlib.suppress(OSError):
        while os.getppid() == parent:
            if _is_readable(lifeline, _SECONDS_BETWEEN_LOOKS):
                break
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _is_readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


class Leader:
    """The leader of a group, seen from the process that started it.

    Its death is noticed without waiting for it: until `bury` its id, and so that of its group,
    belong to nobody else.
    """

    def __init__(self, process: Any, lifeline: int) -> None:
        self._process = process  # a `subprocess.Popen`
        self._lifeline: int | None = lifeline
        self.pid: int = process.pid
        self.death_watch = _open_pidfd(self.pid)
        self._is_buried_by_others = False

    def kill(self) -> None:
        """Kill the whole group, at once."""
        self._signal(signal.SIGKILL)

    def ask_to_end(self) -> None:
        """Ask every process of the group to end."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        self.is_dead()
        if not self._is_buried_by_others:  # or the id might be somebody else's by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def is_dead(self) -> bool:
        """Return whether the leader has ended; it stays unburied."""
        if hasattr(os, "waitid"):
            try:
                looked = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:  # somebody in this process has waited for it
                self._is_buried_by_others = True
                return True
            return looked is not None
        return self._process.poll() is not None

    def bury(self) -> int | None:
        """Kill what is left of the group and return how the leader ended: as `Popen.returncode`.

        None where somebody else waited for it.
        """
        self.kill()
        if self._lifeline is not None:
            os.close(self._lifeline)  # kills the group even where its leader is long gone
            _lifelines.discard(self._lifeline)
        if self.death_watch is not None:
            os.close(self.death_watch)
        self._lifeline = self.death_watch = None
        returned = self._process.wait()
        return None if self._is_buried_by_others else returned

    def wait_dead(self, until: float) -> bool:
        """Wait for the leader's end, at most until a moment of the monotonic clock."""
        while not self.is_dead():
            left = until - time.monotonic()
            if left <= 0:
                return False
            if self.death_watch is not None:
                _is_readable(self.death_watch, left)
            else:
                time.sleep(min(left, 0.01))
        return True


def _open_pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, or an old one
        return None


_lifelines: set[int] = set()
_is_hooked = False


def open_lifeline() -> tuple[int, int]:
    """Return the worker's end of a pipe, and this process's, which its forked children drop."""
    theirs, ours = os.pipe()
    _drop_in_children()
    _lifelines.add(ours)
    return theirs, ours


def _drop_in_children() -> None:
    global _is_hooked  # noqa: PLW0603  # a hook cannot be taken back
    if not _is_hooked:
        os.register_at_fork(after_in_child=_close_lifelines)
        _is_hooked = True


def _close_lifelines() -> None:
    for each in _lifelines:
        with contextlib.suppress(OSError):
            os.close(each)
    _lifelines.clear()
