"""What runs in a worker process: it makes one attempt after the other, as it is told.

It is started by an `exec`, never by a fork alone, and runs nothing of the user's but the steps that
it is sent: no script's top level.
"""

import contextlib
import faulthandler
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, cast

from whence.domain.ambient import written_output
from whence.orchestrators import messages
from whence.orchestrators.code_places import CodePlaces
from whence.orchestrators.messages import Inbox, frame
from whence.orchestrators.packing import Packer, unpack
from whence.orchestrators.process_group import die_with
from whence.orchestrators.shared_objects import SharedObjects
from whence.orchestrators.thread_pools import ThreadBounds
from whence.orchestrators.written_output import OutputFiles, flush_all

_SECONDS_BETWEEN_REPORTS = 0.05
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Stopped(BaseException):
    """Raised in a running attempt that is to end: what it holds open is closed on the way out."""


def main(connection: int, lifeline: int, parent: int, variables: Sequence[str]) -> None:
    """Work until the connection ends. *variables* are those that bound native threads."""
    die_with(lifeline, parent)
    faulthandler.enable()
    for name in [each for each in vars(sys.modules["__main__"]) if not each.startswith("__")]:
        delattr(sys.modules["__main__"], name)  # it becomes that of the script, without its run
    with socket.socket(fileno=connection) as opened:
        opened.set_inheritable(False)  # positional only
        opened.setblocking(True)  # noqa: FBT003  # as above
        given = {name: os.environ[name] for name in variables if name in os.environ}
        threads = int(next(iter(given.values()), "1"))
        Worker(opened, ThreadBounds(given, threads)).work()


class Worker:
    """One worker process, seen from inside."""

    def __init__(self, connection: socket.socket, bounds: ThreadBounds) -> None:
        self._connection = connection
        self._inbox = Inbox(connection)
        self._bounds = bounds
        self._known = SharedObjects("worker")
        self._packer = Packer(self._known)
        self._places = CodePlaces(lambda _: False)
        self._refusals: dict[int, tuple[str, bytes | None]] = {}
        self._pid = os.getpid()
        self._saying = threading.Lock()  # threads of a step report progress too
        self._may_be_stopped = False
        self._is_stopped = False

    def work(self) -> None:
        """Do what the messages say, until there are no more."""
        signal.signal(signal.SIGTERM, self._stop)
        while not self._inbox.is_over:
            self._inbox.receive()
            for message in self._inbox.take():
                self._obey(message)

    def _obey(self, message: object) -> None:
        match message:
            case messages.SetUp():
                self._set_up(message)
            case messages.Share():
                self._share(message)
            case messages.Begin():
                self._begin(message)
            case _:
                raise TypeError(message)

    def _set_up(self, message: messages.SetUp) -> None:
        sys.argv[:] = message.arguments
        self._output = OutputFiles(Path(message.folder), message.number)
        _write_plainly()
        self._execute, self._digest_of = cast(
            "tuple[Callable[..., Any], Callable[[Any], str | None]]",
            unpack(message.functions, self._known),
        )

    def _share(self, message: messages.Share) -> None:
        self._refusals.pop(message.group, None)
        try:
            members = unpack(message.packed, self._known)
            for index, member in enumerate(members):
                self._known.add(("group", message.group, index), member)
            if message.digest is not None and self._digest_of(members) != message.digest:
                self._refusals[message.group] = "The code that arrived is not what was sent.", None
        except Exception as error:  # noqa: BLE001  # an import runs code of the user's
            self._refusals[message.group] = _reason(error), self._pack_error(error)

    def _begin(self, message: messages.Begin) -> None:
        for group in message.groups:
            if group in self._refusals:
                self._say(messages.Refused(message.attempt, *self._refusals[group]))
                return
        try:
            job = unpack(message.packed, self._known)
        except Exception as error:  # noqa: BLE001  # as above
            packed = self._pack_error(error)
            self._say(messages.Refused(message.attempt, _reason(error), packed))
            return
        os.environ.update(message.environment)
        self._bounds.set(message.threads)
        self._attempt(message.attempt, job)

    def _attempt(self, attempt: Any, job: Any) -> None:
        self._output.begin()
        self._say(messages.HasBegun(attempt, str(self._output.path)))
        progress = _Progress(lambda done, total: self._say_progress(attempt, done, total))
        with written_output.entered(self._output.read), self._stoppable():
            result = self._execute(job, progress)
        if os.getpid() != self._pid:
            os._exit(0)  # a child that the step forked and left to go on as if it were this one
        progress.finish()
        try:
            packed = self._packer.pack(result, self._places)
        except Exception as error:  # noqa: BLE001  # whatever a user's object raises
            self._output.end()
            self._say(messages.NotSent(attempt, _reason(error)))
            return
        self._say(messages.HasEnded(attempt, packed, self._output.end()))

    @contextmanager
    def _stoppable(self) -> Generator[None]:
        """Let the block be interrupted; then nothing is said of it, and the process ends."""
        self._may_be_stopped = True
        with contextlib.suppress(Stopped):
            yield
        self._may_be_stopped = False
        if self._is_stopped:
            self._die_of(signal.SIGTERM)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._is_stopped = True
        if not self._may_be_stopped:
            self._die_of(number)
        raise Stopped

    def _die_of(self, number: int) -> None:
        flush_all()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _say_progress(self, attempt: Any, done: int, total: int | None) -> None:
        self._say(messages.HasProgressed(attempt, done, total))

    def _say(self, message: object) -> None:
        with self._saying:
            self._connection.sendall(frame(message))

    def _pack_error(self, error: BaseException) -> bytes | None:
        try:
            return self._packer.pack(error, self._places)
        except Exception:  # noqa: BLE001  # its text has to do
            return None


class _Progress:
    """Passes progress on, but not more often than anybody could look."""

    def __init__(self, report: Callable[[int, int | None], None]) -> None:
        self._report = report
        self._said_at = 0.0
        self._unsaid: tuple[int, int | None] | None = None

    def __call__(self, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if now - self._said_at < _SECONDS_BETWEEN_REPORTS:
            self._unsaid = done, total
            return
        self._said_at, self._unsaid = now, None
        self._report(done, total)

    def finish(self) -> None:
        """Report what was held back."""
        if self._unsaid is not None:
            self._report(*self._unsaid)


def _write_plainly() -> None:
    """Let Python write lines as they come, and log what nobody else would log."""
    for stream in (sys.stdout, sys.stderr):
        cast("Any", stream).reconfigure(
            encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
    logging.basicConfig(level=logging.INFO, format=_LOG_FORMAT)


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
