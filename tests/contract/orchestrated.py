"""Jobs and what they do, for the tests of orchestrators: workers load this file by its name."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whence.domain.ambient import written_output
from whence.domain.attempts import AttemptId
from whence.domain.resources import Resources
from whence.fingerprint.boundary import Boundary
from whence.fingerprint.compute import compute_fingerprint
from whence.interfaces.orchestrator import CodeRules, Ended, Lost, Means, Notice, Orchestrator
from whence.orchestrators.local import LocalOrchestrator
from whence.orchestrators.worker_processes import WorkerProcesses

PATIENCE = 60.0
"""Seconds after which a test gives up hope; nothing is measured by it."""


@dataclass(frozen=True)
class PlainJob:
    """Calls a function."""

    fn: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    resources: Resources = field(default_factory=Resources)
    tells: bool = False  # whether the function is handed what reports progress
    can_be_stopped: bool = False

    @property
    def shared(self):
        """Return the function, as a step's is shared by its jobs."""
        return ((self.fn,),)


@dataclass(frozen=True)
class Outcome:
    """What came of a job."""

    value: Any = None
    error: BaseException | None = None
    written: bytes | None = None


def execute(job: PlainJob, report_progress=None) -> Outcome:
    """Call the function; what it raises is part of the outcome."""
    try:
        given = (report_progress, *job.arguments) if job.tells else job.arguments
        value, error = job.fn(*given), None
    except BaseException as raised:  # noqa: BLE001  # as a step's attempt does
        value, error = None, raised
    written = written_output.get_here()
    return Outcome(value, error, written() if written is not None else None)


def is_own(module: str) -> bool:
    """Return whether a module is the user's own code."""
    return Boundary().of_module(module).is_own


def digest_of(members: tuple[Any, ...]) -> str | None:
    """Return the digest of the code of a function."""
    return compute_fingerprint(members[0]).digest


RULES = CodeRules(is_own, digest_of)


def open_workers(folder: Path, workers: int = 2) -> WorkerProcesses[PlainJob, Outcome]:
    """Return an orchestrator with worker processes."""
    return WorkerProcesses(execute, workers=workers, folder=folder, code=RULES)


def open_local(folder: Path, workers: int | None = None) -> LocalOrchestrator[PlainJob, Outcome]:
    """Return the orchestrator that a run here has."""
    return LocalOrchestrator(Means(execute, RULES, folder), workers=workers)


# ------------------------------------------------------------------ driving


def attempt(node: str, number: int = 1) -> AttemptId:
    """Return the id of an attempt."""
    return AttemptId(node, number)


def await_ends(orchestrator: Orchestrator[Any, Outcome], count: int = 1) -> list[Notice[Outcome]]:
    """Return what is heard until *count* attempts have ended."""
    heard: list[Notice[Outcome]] = []
    until = time.monotonic() + PATIENCE
    while sum(isinstance(each, Ended | Lost) for each in heard) < count:
        assert time.monotonic() < until, heard
        heard += orchestrator.wait(1.0)
    return heard


def await_notice(orchestrator: Orchestrator[Any, Outcome], kind: type) -> Any:
    """Return the next notice of a kind."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for each in orchestrator.wait(1.0):
            if isinstance(each, kind):
                return each
    raise AssertionError(kind)


def run_one(orchestrator: Orchestrator[Any, Outcome], fn, *arguments, **options) -> Any:
    """Make one attempt and return its end."""
    orchestrator.start(attempt("one"), PlainJob(fn, arguments, **options))
    return await_ends(orchestrator)[-1]


def results(heard: Iterable[Notice[Outcome]]) -> dict[str, Any]:
    """Return the values of the attempts that ended, by node."""
    return {each.attempt.node: each.result.value for each in heard if isinstance(each, Ended)}


# ------------------------------------------------------------------ what jobs do


class OwnError(Exception):
    """An exception whose author wanted other arguments than it keeps."""

    def __init__(self, code: int, *, hint: str) -> None:
        super().__init__(f"code {code}")
        self.code = code
        self.hint = hint


class HoldsLock(Exception):
    """An exception that carries what cannot travel."""

    def __init__(self) -> None:
        super().__init__("held")
        self.stream = sys.stdout.buffer


def add(left, right):
    return left + right


def own_pid():
    return os.getpid()


def fail(code):
    raise OwnError(code, hint="look")


def fail_chained():
    try:
        fail(1)
    except OwnError as error:
        raise ValueError("outer") from error


def fail_together():
    raise ExceptionGroup("both", [OwnError(1, hint="a"), KeyError("b")])


def fail_with_note():
    error = KeyError("x")
    error.add_note("while trying")
    raise error


def fail_with_plugin(folder: Path):
    sys.path.insert(0, str(folder))
    import plugin_of_step

    raise plugin_of_step.PluginError("no such unit")


def fail_with_stream():
    raise HoldsLock


def fail_locally():
    class LocalError(ValueError):
        pass

    raise LocalError("from inside")


def return_stream():
    return sys.stdin


def say(text):
    print(text)
    print(text, file=sys.stderr)


def say_everywhere():
    print("python")
    os.write(1, b"descriptor\n")
    subprocess.run([sys.executable, "-c", "print('subprocess')"], check=True)
    logging.getLogger("any").info("logged")
    _print_in_c(b"from C\n")


def _print_in_c(text):
    import ctypes

    library = ctypes.CDLL(None)
    library.printf(text)


def say_and_wait(started: Path):
    print("under way")
    wait_for(started)


def say_much(size):
    line = b"x" * 1023 + b"\n"
    for _ in range(size // 1024):
        os.write(1, line)


def go_on(report, steps):
    for done in range(1, steps + 1):
        report(done, steps)


def wait_for(file: Path):
    while not file.exists():
        threading.Event().wait(0.01)


def tell(file: Path, text: str) -> None:
    """Write a file that is whole as soon as it is there."""
    partial = file.with_suffix(".partial")
    partial.write_text(text)
    partial.rename(file)


def touch_and_hang(file: Path):
    tell(file, str(os.getpid()))
    threading.Event().wait(PATIENCE)


def hang_with_child(file: Path):
    child = subprocess.Popen(["sleep", "600"])
    tell(file, f"{os.getpid()} {child.pid}")
    threading.Event().wait(PATIENCE)


def hang_in_native_code(file: Path):
    """Hold Python's lock for ever, so that no thread of Python can notice anything."""
    import re

    child = subprocess.Popen(["sleep", "600"])
    tell(file, f"{os.getpid()} {child.pid}")
    re.match(r"(a+)+$", "a" * 64 + "b")


def touch_and_await(mine: Path, other: Path):
    mine.touch()
    wait_for(other)


def devices_after(mine: Path, other: Path):
    touch_and_await(mine, other)
    return os.environ["CUDA_VISIBLE_DEVICES"]


def count_in_polars(number):
    import polars as pl

    frame = pl.DataFrame({"a": [number, 0]})
    return frame.lazy().select(pl.col("a").sum()).collect().item()


def hang_deaf(file: Path):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    touch_and_hang(file)


def clean_up(started: Path, cleaned: Path):
    try:
        touch_and_hang(started)
    finally:
        cleaned.touch()


def leave(code):
    os._exit(code)


def die_of(number):
    os.kill(os.getpid(), number)
    threading.Event().wait(PATIENCE)


def crash_in_c():
    import ctypes

    ctypes.string_at(0)


def fork_and_fall_through():
    return os.fork()


def surroundings():
    return str(Path.cwd()), os.environ.get("SEEN_BY_STEPS"), sys.path, sys.argv


def threads_and_devices():
    return os.environ.get("OMP_NUM_THREADS"), os.environ.get("CUDA_VISIBLE_DEVICES"), os.getpid()


def count_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


# ------------------------------------------------------------------ looking at processes


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def await_gone(pids: Iterable[int], seconds: float = 2.0) -> list[int]:
    """Return those of the processes that are still there after some time."""
    until = time.monotonic() + seconds
    left = list(pids)
    while left and time.monotonic() < until:
        threading.Event().wait(0.01)
        left = [pid for pid in left if is_alive(pid)]
    return left
