"""What attempts write to the descriptors 1 and 2 of a worker: collected in files, and followed.

The worker's descriptors are a file that is appended to. The process that started the worker follows
the file, and cuts it where it grows beyond the limit: the writer never waits, and the disk never
fills, even while code that prints holds Python's lock.
"""

import codecs
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

from whence.interfaces.orchestrator import LOG_LIMIT

_SHOWN_AT_ONCE = 1 << 18
_SHOWN_AT_END = 1 << 20
"""Bytes of a long output that are still shown when its attempt is over; its log has the rest."""

NOT_KEPT = "\n[whence] what was written after the first {size} MiB was not kept\n"


class OutputFiles:
    """In a worker: the files that its descriptors 1 and 2 are, one after the other."""

    def __init__(self, folder: Path, worker: int) -> None:
        self._folder = folder
        self._worker = worker
        self._count = 0
        self._descriptor = -1
        self._open_next()

    @property
    def path(self) -> Path:
        """The file that is written now."""
        return self._folder / f"{self._worker}-{self._count}.txt"

    def begin(self) -> None:
        """See that descriptors 1 and 2 are the file, whatever the attempt before did to them."""
        mine = os.fstat(self._descriptor)
        for standard in (1, 2):
            try:
                is_mine = os.path.samestat(os.fstat(standard), mine)
            except OSError:
                is_mine = False
            if not is_mine:
                os.dup2(self._descriptor, standard)

    def end(self) -> int:
        """Return how many bytes were written; if any, the next attempt has another file."""
        flush_all()
        size = os.fstat(self._descriptor).st_size
        if size:
            self._open_next()
        return size

    def read(self) -> bytes:
        """Return what was written so far, up to `LOG_LIMIT`."""
        flush_all()
        size = os.fstat(self._descriptor).st_size
        if not size:
            return b""
        data = os.pread(self._descriptor, LOG_LIMIT, 0)
        if size < LOG_LIMIT:
            return data
        return data + NOT_KEPT.format(size=LOG_LIMIT >> 20).encode()

    def _open_next(self) -> None:
        self._count += 1
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
        opened = os.open(self.path, flags, 0o600)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = opened
        self.begin()


def flush_all() -> None:
    """Let everything that Python and C hold back reach the descriptors."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a stream of the user's may be of any kind
            stream.flush()
    with contextlib.suppress(Exception):
        _c_library().fflush(None)


_libraries: list[Any] = []


def _c_library() -> Any:
    if not _libraries:
        import ctypes  # noqa: PLC0415  # in workers only

        _libraries.append(ctypes.CDLL(None))
    return _libraries[0]


class FollowedFile:
    """In the process that started the worker: one attempt's file, read as it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def read_new(self) -> str:
        """Return what is new, or the next part of it; cut the file where it is too long."""
        try:
            size = self.path.stat().st_size
            if size > LOG_LIMIT:
                os.truncate(self.path, LOG_LIMIT)
                size = LOG_LIMIT
            return self._take(min(size - self._read, _SHOWN_AT_ONCE))
        except OSError:
            return ""

    def read_rest(self) -> str:
        """Return what is left when the attempt is over; of very much, the first part."""
        try:
            left = min(self.path.stat().st_size, LOG_LIMIT) - self._read
            text = self._take(min(left, _SHOWN_AT_END))
        except OSError:
            return ""
        if left > _SHOWN_AT_END:
            text += "\n[whence] the rest is in the log\n"
        return text

    def remove(self) -> None:
        """Drop the file."""
        self.path.unlink(missing_ok=True)

    def _take(self, size: int) -> str:
        if size <= 0:
            return ""
        with self.path.open("rb") as file:
            file.seek(self._read)
            data = file.read(size)
        self._read += len(data)
        return self._decoder.decode(data)
