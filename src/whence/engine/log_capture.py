"""Captures what a step prints and logs, and passes it on to where it would have gone.

While a run goes on in this process, `sys.stdout` and `sys.stderr` are replaced once by relays, and
a handler listens to the root logger; each step only says where its words are to be kept.
"""

import io
import logging
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Any, TextIO

from whence.domain.ambient import Ambient, written_output
from whence.interfaces.orchestrator import LOG_LIMIT

_IN_MEMORY = 16 * 1024
"""Characters held back before a log is written to its file."""


class StepLog:
    """The words of one step: in memory while they are few, else in a file to be followed.

    What the disk does not take is counted as dropped: no step fails for what it says.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: list[str] = []
        self._held_size = 0
        self._stream: IO[str] | None = None
        self._size = 0
        self.dropped = 0

    def write(self, text: str) -> None:
        """Keep *text*."""
        if self._size > LOG_LIMIT:
            self.dropped += len(text)
            return
        self._size += len(text)
        self._held.append(text)
        self._held_size += len(text)
        if self._held_size > _IN_MEMORY:
            self.flush()

    def flush(self) -> None:
        """Write what is held to the file."""
        try:
            self._append("".join(self._held))
        except OSError:
            self.dropped += self._held_size
        self._held.clear()
        self._held_size = 0

    def _append(self, text: str) -> None:
        if self._stream is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._file.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
        self._stream.write(text)
        self._stream.flush()

    def finish(self) -> bytes:
        """Return everything that was kept, and drop the file.

        A worker process collects what reaches its descriptors, which is more than what comes here.
        """
        written = written_output.get_here()
        if written is not None:
            return written()
        data = b"" if self._stream is None else self._take_file(self._stream)
        last = "".join(self._held)
        if self.dropped:
            last += f"\n[whence] {self.dropped} more characters were not kept\n"
        return data + last.encode(errors="backslashreplace")

    def _take_file(self, stream: IO[str]) -> bytes:
        self.flush()
        try:
            with closing(stream):
                data = self._file.read_bytes()
            self._file.unlink(missing_ok=True)
        except OSError:
            self.dropped = self._size
            return b""
        return data


current_log: Ambient[StepLog] = Ambient("whence_step_log")


class _Nowhere(io.TextIOBase):
    """Takes the place of a standard stream that a process without a console lacks."""

    def write(self, text: str, /) -> int:
        return len(text)


class _Relay:
    """Stands in for a standard stream: keeps what is written and passes it on."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream: Any = _Nowhere() if stream is None else stream

    def write(self, text: str) -> int:
        log = current_log.get()
        if log is not None:
            log.write(text)
        return self._stream.write(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Listener(logging.Handler):
    """Keeps log records with the step that made them."""

    def __init__(self, warn_on: TextIO | None) -> None:
        super().__init__()
        self._warn_on = warn_on  # where warnings are shown, if nobody else shows them
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        log = current_log.get()
        if log is not None and not _goes_to_relay():
            log.write(self.format(record) + "\n")
        if self._warn_on is not None and record.levelno >= logging.WARNING:
            self._warn_on.write(record.getMessage() + "\n")


def _goes_to_relay() -> bool:
    """Return whether a handler of the user's writes to a relay, where the words are kept anyway."""
    return any(
        isinstance(getattr(handler, "stream", None), _Relay)
        for handler in logging.getLogger().handlers
    )


_lock = threading.Lock()
_capture = ExitStack()  # undoes the relaying when the last run of this process ends
_runs = 0


@contextmanager
def capture_output() -> Generator[None]:
    """Relay the standard streams and listen to the root logger while the block runs.

    Blocks of several threads may overlap: what the first one sets up, the last one takes down.
    """
    global _runs  # noqa: PLW0603  # there is one `sys.stdout`, whoever runs
    with _lock:
        if _runs == 0:
            _capture.enter_context(_relaying())
        _runs += 1
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if _runs == 0:
                _capture.close()


@contextmanager
def _relaying() -> Generator[None]:
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_Relay, streams)
    root = logging.getLogger()
    level = root.level
    quiet = not root.handlers  # nobody configured logging: INFO is worth keeping, not showing
    listener = _Listener(streams[1] if quiet else None)
    root.addHandler(listener)
    if quiet:
        root.setLevel(logging.INFO)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        root.removeHandler(listener)
        if quiet:
            root.setLevel(level)
