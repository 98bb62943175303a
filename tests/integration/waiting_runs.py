"""Runs in processes of their own, whose steps wait for what a test tells them.

A step `wait(...)` writes a line to the named pipe `entered` and reads its answer from `answers`:
these are events between processes.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.integration.run_script import ENVIRONMENT

LONGEST_WAIT = 60  # for an event that comes at once


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something is recorded: that happens beside the run, a moment later."""
    until = time.monotonic() + LONGEST_WAIT
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


PIPELINES = '''
"""Steps that tell when they run, and wait."""
import os
import sys
import time
from pathlib import Path

import whence
from whence import pipeline, step

HERE = Path(__file__).parent


def wait_until_recorded(node: str) -> None:
    """Records are written beside the run, a moment later."""
    while not any(
        node in run.steps and run.steps[node].status == "running"
        for run in whence.runs(status="running")
    ):
        time.sleep(0.01)


def tell(pipe: str, text: str) -> None:
    with (HERE / pipe).open("w") as file:
        file.write(f"{text}\\n")


def note(text: str) -> None:
    with (HERE / "computed.txt").open("a") as file:
        file.write(f"{text}\\n")


@step
def load(rows: int = 3) -> list[int]:
    note("load")
    return list(range(rows))


@step(cache=False)
def look_up(rows: list[int]) -> int:
    note("look_up")
    return len(rows)


@step
def announce(count: int) -> None:
    note("announce")


@step
def wait(count: int) -> int:
    note("wait")
    wait_until_recorded("wait")
    tell("entered", str(os.getpid()))
    answer = (HERE / "answers").read_text().strip()
    if answer == "fail":
        raise RuntimeError("told to fail")
    return count


@step
def finish(waited: int) -> int:
    note("finish")
    return waited + 1


@pipeline
def work(rows: int = 3):
    count = look_up(load(rows))
    announce(count)
    return finish(wait(count))


if __name__ == "__main__":
    work(**dict([("rows", int(sys.argv[1]))] if len(sys.argv) > 1 else []))
'''


class WaitingRuns:
    """A project of one pipeline, and the processes that run it."""

    def __init__(self, project: Path) -> None:
        self.project = project
        (project / "pipelines.py").write_text(PIPELINES)
        (project / "computed.txt").touch()
        for pipe in ("entered", "answers"):
            os.mkfifo(project / pipe)
        self._entered = os.open(project / "entered", os.O_RDWR)
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a process that runs `python WORDS`, by default the pipeline as a script."""
        process = subprocess.Popen(
            [sys.executable, *(words or ("pipelines.py",))],
            cwd=self.project,
            env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def start_waiting(self, *words: str) -> subprocess.Popen[str]:
        """Start such a process, and return when its step waits."""
        process = self.start(*words)
        waiting = select.poll()  # `select` knows no number above 1,023
        waiting.register(self._entered, select.POLLIN)
        assert waiting.poll(LONGEST_WAIT * 1000), process.communicate(timeout=LONGEST_WAIT)
        os.read(self._entered, 100)
        return process

    def wait_until_heard(self) -> None:
        """Return when the process that goes on has taken every request for its end."""
        while list(self.project.glob(".whence/presence/*.cancel")):
            time.sleep(0.02)

    def answer(self, text: str) -> None:
        """Let the step that waits go on."""
        (self.project / "answers").write_text(text)

    def whence(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Return what the command line says in the project."""
        process = self.start("-m", "whence", *words)
        out, err = process.communicate(timeout=LONGEST_WAIT)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    @property
    def computed(self) -> list[str]:
        """The steps that were computed, in their order."""
        return (self.project / "computed.txt").read_text().split()

    def end(self) -> None:
        """Let no process outlive the test."""
        os.close(self._entered)
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process, and wait until it is gone."""
    process.kill()
    process.communicate(timeout=LONGEST_WAIT)
