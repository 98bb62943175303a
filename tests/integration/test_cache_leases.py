"""Each key is computed once, however many processes need it, and nobody waits for the dead."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.integration.cache_worker import LENGTH
from tests.integration.run_script import ENVIRONMENT, SCRIPTS

import whence

SHORT, ENDLESS = 1, 3600  # seconds of a lease
LONGEST_WAIT = 60  # for an event that comes at once, or after a short lease


class Worker:
    """A process that runs a pipeline once when it is told to."""

    def __init__(self, project: Path, name: str, lease_seconds: float) -> None:
        self.project = project
        self.process = subprocess.Popen(
            [sys.executable, SCRIPTS / "cache_worker.py", project, str(lease_seconds), name],
            cwd=project,
            env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.process.stdout.readline()

    @property
    def pid(self) -> int:
        return self.process.pid

    def start(self) -> None:
        self.process.stdin.write("run\n")
        self.process.stdin.flush()

    def answer(self, answer: str) -> None:
        """Let the step that waits in this process go on."""
        (self.project / f"answer-{self.pid}").write_text(answer)

    def finish(self) -> dict:
        """Return what the process said at its end."""
        said, _ = self.process.communicate(timeout=LONGEST_WAIT)
        assert self.process.returncode == 0
        return json.loads(said.splitlines()[-1])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start_worker(project):
    """Start workers of one project; none outlives the test."""
    os.mkfifo(project / "entered")
    workers: list[Worker] = []

    def start(name: str = "gated", lease_seconds: float = ENDLESS) -> Worker:
        workers.append(Worker(project, name, lease_seconds))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture
def wait_for_entry(project):
    """Wait until some process computes the slow step; return its number."""
    pipe = os.open(project / "entered", os.O_RDWR)

    def wait(timeout: float = LONGEST_WAIT) -> int:
        ready, _, _ = select.select([pipe], [], [], timeout)
        assert ready, "no process has entered the step"
        return int(os.read(pipe, 100))

    yield wait
    os.close(pipe)


def wait_until_step_is_near(count):
    """Return when so many runs have done what comes before the slow step."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        begun = [run for run in whence.runs() if run.steps.begin.status == "completed"]
        if len(begun) == count:
            return
        time.sleep(0.02)  # no event tells of another process's records
    pytest.fail("the run has not come to its slow step")


def test_what_another_process_computes_is_waited_for_and_reused(start_worker, wait_for_entry):
    """The second of two processes takes the first one's result for its own."""
    one, other = start_worker(), start_worker()
    one.start()
    assert wait_for_entry() == one.pid
    other.start()
    wait_until_step_is_near(2)
    one.answer("done")

    computed, reused = one.finish(), other.finish()

    assert computed["result"] == reused["result"]
    assert computed["cached"] == []
    assert reused["cached"] == ["wait", "follow"]


@pytest.mark.parametrize("count", [2, 8])
def test_many_processes_compute_each_key_once(project, start_worker, count):
    """Started at one moment on one pipeline, they share the work and agree about all of it."""
    workers = [start_worker("chain", lease_seconds=10) for _ in range(count)]
    for worker in workers:
        worker.start()

    outcomes = [worker.finish() for worker in workers]

    computed = Counter((project / "computed.txt").read_text().splitlines())
    assert len({json.dumps(outcome["result"]) for outcome in outcomes}) == 1
    assert set(computed.values()) == {1}
    assert len(computed) == LENGTH + 1


def test_a_killed_holder_blocks_nobody_longer_than_its_lease(start_worker, wait_for_entry):
    """Kill -9 whoever computes: the other one goes on by itself."""
    one, other = start_worker(lease_seconds=SHORT), start_worker(lease_seconds=SHORT)
    one.start()
    wait_for_entry()
    other.start()
    wait_until_step_is_near(2)
    one.kill()

    assert wait_for_entry() == other.pid
    other.answer("done")
    assert other.finish()["result"]["wait"] == f"done {other.pid} 0"


def test_a_holder_that_slept_too_long_changes_nothing(start_worker, wait_for_entry):
    """Stopped beyond its lease, it is overtaken; its late result contradicts nobody's."""
    one, other = start_worker(lease_seconds=SHORT), start_worker(lease_seconds=SHORT)
    one.start()
    wait_for_entry()
    os.kill(one.pid, signal.SIGSTOP)
    other.start()
    assert wait_for_entry() == other.pid
    other.answer("second")
    overtaking = other.finish()
    os.kill(one.pid, signal.SIGCONT)
    one.answer("first")
    late = one.finish()

    assert overtaking["result"]["wait"].startswith(f"second {other.pid}")
    assert late["result"]["wait"].startswith(f"first {one.pid}")
    third = start_worker()
    third.start()
    agreed = third.finish()
    assert agreed["cached"] == ["wait", "follow"]
    assert agreed["result"]["follow"] == f"after {agreed['result']['wait']}"


def test_a_holder_whose_step_fails_lets_the_next_one_try(start_worker, wait_for_entry):
    """However long its lease is: a failure gives it back at once."""
    one, other = start_worker(), start_worker()
    one.start()
    wait_for_entry()
    other.start()
    wait_until_step_is_near(2)
    one.answer("fail")

    assert one.finish()["failed"] == "RuntimeError"
    assert wait_for_entry() == other.pid
    other.answer("done")
    assert other.finish()["status"] == "completed"


def test_a_cancelled_holder_lets_the_next_one_try(start_worker, wait_for_entry):
    """Ctrl-C in the step gives its lease back too."""
    one, other = start_worker(), start_worker()
    one.start()
    wait_for_entry()
    other.start()
    wait_until_step_is_near(2)
    os.kill(one.pid, signal.SIGINT)

    assert one.finish()["status"] == "cancelled"
    assert wait_for_entry() == other.pid
    other.answer("done")
    assert other.finish()["status"] == "completed"


def test_who_waits_for_another_process_can_be_cancelled(start_worker, wait_for_entry):
    """Ctrl-C ends the waiting run as cancelled; whoever computes goes on."""
    one, other = start_worker(), start_worker()
    one.start()
    wait_for_entry()
    other.start()
    wait_until_step_is_near(2)
    os.kill(other.pid, signal.SIGINT)

    cancelled = other.finish()

    assert cancelled["status"] == "cancelled"
    assert cancelled["steps"] == {
        "begin": "completed",
        "wait": "cancelled",
        "follow": "cancelled",
    }
    one.answer("done")
    assert one.finish()["status"] == "completed"
