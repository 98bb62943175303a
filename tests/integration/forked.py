"""Forked processes: one that is killed while it works, one that looks and answers.

A fork starts in milliseconds with all that its parent imported, so that hundreds can be killed. The
parent must have no threads, for a fork copies none of them and all of their locks.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST_START = 20  # seconds until a child's first line


def kill_child(work: Callable[[int], None], seconds: float) -> list[str]:
    """Let *work* write to a pipe, kill it *seconds* after its first line; return all its lines."""
    child, reading = fork_child(work)
    with os.fdopen(reading, "rb") as pipe:
        select.select([pipe], [], [], LONGEST_START)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        said = pipe.read().decode().splitlines()
    if not os.WIFSIGNALED(status):
        sys.exit("The writer failed by itself.")
    return said


def ask_child(work: Callable[[], Any]) -> Any:
    """Return what *work* returns, plain data, from a process that has opened nothing before."""
    child, reading = fork_child(lambda pipe: _answer(pipe, json.dumps(work()).encode()))
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        sys.exit("The examiner failed.")
    return json.loads(answer)


def _answer(pipe: int, answer: bytes) -> None:
    with os.fdopen(pipe, "wb", closefd=False) as file:
        file.write(answer)


def fork_child(work: Callable[[int], None]) -> tuple[int, int]:
    """Return the number of a child that does *work*, and where what it writes is read."""
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        sys.exit("A process with threads cannot be forked safely.")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work(writing)
        except BaseException:  # noqa: BLE001  # the child must not go on as its parent
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
    os.close(writing)
    return child, reading
