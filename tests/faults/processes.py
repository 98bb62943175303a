"""The processes of a run, found by a mark in the environment with which they were started."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "WHENCE_TORTURE_MARK"


@dataclass(frozen=True, slots=True)
class Process:
    """A process that is alive."""

    pid: int
    parent: int
    group: int


def list_marked(mark: str) -> list[Process]:
    """Return the live processes that were started by an `exec` below whoever bears *mark*."""
    wanted = f"{MARK}={mark}".encode()
    found: list[Process] = []
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208  # often, and quickly
        with suppress(OSError):  # it has ended, or is not ours
            if wanted in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                found += _look_at(int(name))
    return found


def _look_at(pid: int) -> list[Process]:
    state, parent, group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    return [] if state in "ZX" else [Process(pid, int(parent), int(group))]


def await_end(mark: str, group: int | None, seconds: float) -> list[Process]:
    """Wait until no process, or none of *group*, bears *mark*; return those left, killed now."""
    until = time.monotonic() + seconds
    while left := [each for each in list_marked(mark) if group in {None, each.group}]:
        if time.monotonic() > until:
            for each in left:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGKILL)
            return left
        time.sleep(0.002)
    return []
