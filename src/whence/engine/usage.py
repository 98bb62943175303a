"""What an attempt uses of its machine: CPU, memory, reads and writes, as the system counts them.

Every attempt is measured, so the beginning costs a few microseconds, and of a short one no more is
asked than that.
"""

import os
import re
import sys
from contextlib import suppress

from whence.domain.records import StepUsage

try:
    import resource
except ModuleNotFoundError:  # pragma: no cover  # on Windows nothing is measured
    resource = None

SHORTEST_SECONDS = 0.01
"""Of an attempt that takes less nothing is told: what it uses is lost among what others use."""

_IS_LINUX = sys.platform == "linux"
_BLOCK = 512  # bytes that Linux counts reads and writes of storage in
_KIBIBYTE = 1024
_PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


class UsageMeter:
    """Measures this process, and what it starts and waits for, from its making on.

    *alone* says that the process does nothing but this attempt: then its peak can be forgotten at
    the beginning. Elsewhere it belongs to the user, who may look at it.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._peak_is_ours = alone and _forget_peak()
        self._memory = _read_memory()
        self._begin = _Counts()

    def read(self, duration: float) -> StepUsage | None:
        """Return what was used in *duration* seconds; None where that cannot be told."""
        if resource is None or duration < SHORTEST_SECONDS:
            return None
        end, memory = _Counts(), _read_memory()
        growth = None if memory is None or self._memory is None else memory - self._memory
        return StepUsage(
            cpu_seconds=round(end.cpu_seconds - self._begin.cpu_seconds, 6),
            peak_memory=self._find_peak(end, memory),
            memory_growth=growth,
            read_bytes=_BLOCK * (end.blocks_read - self._begin.blocks_read) if _IS_LINUX else None,
            written_bytes=_BLOCK * (end.blocks_written - self._begin.blocks_written)
            if _IS_LINUX
            else None,
        )

    def _find_peak(self, end: "_Counts", memory: int | None) -> int | None:
        """Return the most memory at any time, as far as it is known.

        Where the process once held more than during the attempt, that hides what it held in between
        beginning and end.
        """
        if self._peak_is_ours:
            return _read_peak()
        if end.peak > self._begin.peak:
            return end.peak
        return None if memory is None or self._memory is None else max(memory, self._memory)


class _Counts:
    """What the system has counted for this process since it began."""

    __slots__ = ("blocks_read", "blocks_written", "cpu_seconds", "peak")

    def __init__(self) -> None:
        if resource is None:  # pragma: no cover  # as above
            self.cpu_seconds, self.peak, self.blocks_read, self.blocks_written = 0.0, 0, 0, 0
            return
        own = resource.getrusage(resource.RUSAGE_SELF)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu_seconds = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
        self.peak = own.ru_maxrss * (_KIBIBYTE if _IS_LINUX else 1)
        self.blocks_read = own.ru_inblock + ended.ru_inblock
        self.blocks_written = own.ru_oublock + ended.ru_oublock


def _read_memory() -> int | None:
    """Return the bytes that this process holds in memory now."""
    with suppress(OSError, IndexError, ValueError):
        return int(_read("/proc/self/statm").split()[1]) * _PAGE
    return None


def _read_peak() -> int | None:
    """Return the most bytes that it held since its peak was forgotten."""
    with suppress(OSError):
        found = _PEAK.search(_read("/proc/self/status"))
        return None if found is None else int(found[1]) * _KIBIBYTE
    return None


def _forget_peak() -> bool:
    """Let the peak be what is held now; return whether that could be done."""
    with suppress(OSError):
        file = os.open("/proc/self/clear_refs", os.O_WRONLY)
        try:
            return os.write(file, b"5") == 1
        finally:
            os.close(file)
    return False


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY)  # a third of the price of `open`
    try:
        return os.read(file, 8192)
    finally:
        os.close(file)


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
