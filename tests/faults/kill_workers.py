"""Kills single workers and their supervisor at random moments: part of `make torture`.

    python -m tests.faults.kill_workers [KILLS] [SEED]

A supervisor runs one pipeline after the other in two worker processes, and says on a pipe what has
become of each. It meets some kills of workers, then one of its own, or the wish that it end. After
that a fresh process looks at all that is recorded, and computes what was cut off.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.faults import worker_steps
from tests.faults.processes import MARK, Process, await_end, list_marked
from tests.faults.run_work import (
    LOADED,
    RunExamination,
    close_stores,
    enter_project,
    find_leftovers,
    make_project,
)
from tests.faults.torture import LONGEST_RECOVERY, in_one_thread, print_figures, tell_times
from tests.integration.forked import ask_child, fork_child

import whence
from whence.caching.leases import lease_length
from whence.errors import StepLostError
from whence.orchestrators import worker_processes

_LOADED = (*LOADED, worker_processes)

LONGEST_PAUSE = 0.5  # seconds between two kills
MOST_WORKERS_KILLED = 8  # in the life of one supervisor
LIVES_PER_ORDERLY_END = 3  # in the others the supervisor is killed
SHARE_OF_HANGING_LIVES = 0.5  # of those: with a step that would outlive its supervisor
LIVES_PER_PROJECT = 5
SECONDS_TO_GO = 2.0  # for every process of a supervisor, or of a worker, that was killed
KILLED = "killed by signal 9 (SIGKILL)"
SEEN = ("runs cut off", "attempts lost", "steps that outlived it")
ENOUGH = "enough"  # the file whose presence asks a supervisor to end


def run_tree(seed: int, **options: Any) -> str:
    """Run the pipeline; return how it ended, and its run."""
    with lease_length.entered(0.2):  # of a killed run is waited for by the next one
        try:
            run = worker_steps.tree.with_options(**options)(seed=seed)
        except Exception as error:  # noqa: BLE001  # of whatever kind: its run says what became of it
            failed = getattr(error, "whence_run", None)
            return f"failed {failed.id}" if failed is not None else f"broke {error!r}"
    return f"completed {run.id}"


def supervise(project: Path, mark: str, seed: int, pipe: int) -> None:
    """Run pipelines, of one seed after the other, until killed or asked to end."""
    enter_project(project)
    os.environ[MARK] = mark
    while not Path(ENOUGH).exists():
        os.write(pipe, f"began {seed}\n".encode())
        os.write(pipe, f"{run_tree(seed, workers=2)}\n".encode())
        seed += 1
    close_stores()


class TreeExamination(RunExamination):
    """What a project holds after kills of workers, and what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self.lost_attempts = 0
        self.outlived = 0  # steps that completed after losing attempts

    def examine(self, folder: Path, said: Iterable[str]) -> None:
        """Look at all that is recorded, and whether what was said is true."""
        super().examine(folder, [])
        for act, name in [line.split(maxsplit=1) for line in said]:
            if act == "broke":
                self.faults.append(f"broke: {name}")
            elif act != "began" and self.statuses.get(name) != act:
                self.faults.append(f"lost: {act} {name}, among {self.statuses}")

    def _examine_run(self, run: Any) -> None:
        steps = [run.steps[name] for name in run.steps]
        maps = {step.record.parent for step in steps}
        for step in steps:
            self._examine_step(step, is_map=step.node in maps)
        ends = {str(step.status) for step in steps}
        if run.status == "completed":
            if ends != {"completed"}:
                self.faults.append(f"dangling: {run.id} completed with {ends}")
            elif run.read() != worker_steps.foresee(run.parameters["seed"]):
                self.faults.append(f"torn: {run.id}")
        elif run.status == "failed":
            failed = {step.node for step in steps if step.status == "failed"}
            if not failed or not ends <= {"completed", "failed", "skipped"}:
                self.faults.append(f"stopped: {run.id} did not go on: {ends}")
            elif failed == {"frail"} and ends != {"completed", "failed"}:
                self.faults.append(f"stopped: {run.id}, by what it does not need: {ends}")

    def _examine_step(self, step: Any, *, is_map: bool) -> None:
        done = step.status == "completed"
        if len(step.outputs) != (1 if done and not is_map else 0):
            self.faults.append(f"dangling: outputs of {step.node} of {step.run.id}")
        for artifact in [step.outputs[name] for name in step.outputs]:
            self._examine_artifact(artifact)
        if done and not is_map and step.logs() != f"{step.step}\n":
            self.faults.append(f"torn: log of {step.node}: {step.logs()!r}")
        lost = [attempt.error for attempt in step.attempts if attempt.error is not None]
        lost = lost or [step.error] * (step.status == "failed")
        unnamed = [
            each for each in lost if each.code != StepLostError.code or KILLED not in str(each)
        ]
        self.faults += [f"unnamed: {each} of {step.node}" for each in unnamed]
        if step.status == "failed" and len(lost) != (1 if step.node == "frail" else 4):
            self.faults.append(f"stopped: {step.node} after {len(lost)} attempts")
        self.lost_attempts += len(lost)
        self.outlived += done and bool(lost)


def recover(project: Path, said: list[str]) -> dict[str, Any]:
    """Look at a project for the first time, and compute what was cut off; return what was seen."""
    enter_project(project)
    found, cut_off = TreeExamination(), 0
    start = time.perf_counter()
    try:
        statuses = [str(run.status) for run in whence.runs(limit=None)]
        seconds = time.perf_counter() - start
        found.examine(project, said)
        cut_off = statuses.count("crashed")
        found.faults += [f"stuck: {status}" for status in statuses if status == "running"]
        last = max(int(line.split()[1]) for line in said if line.startswith("began"))
        again = TreeExamination()
        again.examine(project, [run_tree(last, workers=1)])
        found.faults += again.faults
        left = [*find_leftovers(project), *project.glob(".whence/logs/*")]
        found.faults += [f"not swept: {each}" for each in left]
    except Exception as error:  # noqa: BLE001  # whatever it is, the project is stuck
        seconds = time.perf_counter() - start
        found.faults.append(f"stuck: {type(error).__name__}: {error}")
    finally:
        close_stores()
    return {
        "faults": found.faults,
        "seconds": seconds,
        "seen": [cut_off, found.lost_attempts, found.outlived],
    }


class Supervisor:
    """One supervisor, seen from who kills it."""

    def __init__(self, project: Path, seed: int) -> None:
        self.mark = uuid4().hex
        (project / ENOUGH).unlink(missing_ok=True)
        self._project = project
        self.pid, reading = fork_child(partial(supervise, project, self.mark, seed))
        self._pipe = os.fdopen(reading, "rb")

    def workers(self) -> list[Process]:
        """Return the workers that are alive now."""
        return [each for each in list_marked(self.mark) if each.parent == self.pid]

    def await_grandchild(self) -> None:
        """Wait until a step has a process of its own, or for as long as a run may take."""
        until = time.monotonic() + LONGEST_RECOVERY
        while time.monotonic() < until:
            if any(each.parent != self.pid for each in list_marked(self.mark)):
                return
            time.sleep(0.005)

    def kill(self) -> None:
        """Kill it, and nothing else."""
        os.kill(self.pid, signal.SIGKILL)

    def ask_to_end(self) -> bool:
        """Let it end after the run that goes on; return whether it did."""
        (self._project / ENOUGH).touch()
        until = time.monotonic() + LONGEST_RECOVERY
        while not (ended := os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)):
            if time.monotonic() > until:
                self.kill()
                break
            time.sleep(0.005)
        return ended is not None

    def bury(self) -> list[str]:
        """Return what it said."""
        os.waitpid(self.pid, 0)
        with self._pipe as pipe:
            return pipe.read().decode().splitlines()


class WorkerTorture:
    """Kills workers and supervisors; counts what they left."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._lives = 0
        self._said: list[str] = []  # in the project in use
        self._seen: Counter[str] = Counter()  # likewise
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.recoveries: list[float] = []  # seconds

    def live(self, most: int) -> None:
        """Let one supervisor meet some kills, at most so many; look at what there is."""
        project = self._enter_project()
        is_killed = self._lives % LIVES_PER_ORDERLY_END > 0
        hang = project / worker_steps.HANG
        if is_killed and self._chance.random() < SHARE_OF_HANGING_LIVES:
            hang.touch()
        supervisor = Supervisor(project, seed=100 * self._lives)
        killed = self._chance.randrange(1, MOST_WORKERS_KILLED)
        for _ in range(min(killed, most - 1)):
            self._pause()
            self._kill_worker(supervisor)
        self._pause()
        if is_killed:
            if hang.exists():
                supervisor.await_grandchild()
            supervisor.kill()
            self.counts.update({"kills": 1, "of supervisors": 1})
        elif not supervisor.ask_to_end():
            self._tell("stuck: a run after a kill of a worker")
        hang.unlink(missing_ok=True)
        said = supervisor.bury()
        left = await_end(supervisor.mark, None, SECONDS_TO_GO)
        self._tell(*(f"orphans: {each}" for each in left))
        self._said += said
        self.counts["completed"] += sum(line.startswith("completed") for line in said)
        self._look(project)

    def _enter_project(self) -> Path:
        project = self._folder / str(self._lives // LIVES_PER_PROJECT)
        if self._lives % LIVES_PER_PROJECT == 0:
            shutil.rmtree(
                self._folder / str(self._lives // LIVES_PER_PROJECT - 1), ignore_errors=True
            )
            make_project(project)
            self._said, self._seen = [], Counter()
        self._lives += 1
        return project

    def _pause(self) -> None:
        time.sleep(self._chance.uniform(0, LONGEST_PAUSE))

    def _kill_worker(self, supervisor: Supervisor) -> None:
        if not (workers := supervisor.workers()):
            return  # between two runs
        worker = self._chance.choice(workers)
        try:
            os.kill(worker.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended with its run, just now
        self.counts.update({"kills": 1, "of workers": 1})
        left = await_end(supervisor.mark, worker.pid, SECONDS_TO_GO)
        self._tell(*(f"orphans: {each} of a worker" for each in left))

    def _look(self, project: Path) -> None:
        start = time.perf_counter()
        found = ask_child(partial(recover, project, self._said))
        self.recoveries.append(found["seconds"])
        if time.perf_counter() - start > LONGEST_RECOVERY:
            self._tell("stuck: the next run")
        self._tell(*found["faults"])
        seen = Counter(dict(zip(SEEN, found["seen"], strict=True)))  # in all runs of the project
        self.counts.update(seen - self._seen)
        self._seen = seen
        if self.counts["attempts lost"] > self.counts["of workers"]:
            self._tell("stopped: more attempts than workers")

    def _tell(self, *faults: str) -> None:
        self.faults += faults
        self.counts.update(fault.partition(":")[0] for fault in faults)

    def report(self) -> dict[str, Any]:
        """Return the figures."""
        self.counts["landed"] = self.counts["attempts lost"] + self.counts["runs cut off"]
        facts = ("kills", "of workers", "of supervisors", "landed", *SEEN)
        wrong = ("lost", "dangling", "torn", "stuck", "orphans", "stopped", "unnamed", "not swept")
        counts = {name: self.counts[name] for name in (*facts, "completed", *wrong)}
        return {**counts, **tell_times(self.recoveries), "faults": self.faults[:20]}


def main(kills: int, seed: int) -> None:
    """Kill so often; print the figures as JSON. Ends with 1 if anything was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    make_project(folder / "warm")
    ask_child(partial(recover, folder / "warm", ["began 0"]))
    torture = WorkerTorture(folder, seed)
    told = 0
    while torture.counts["kills"] < kills:
        torture.live(kills - torture.counts["kills"])
        if torture.counts["kills"] // 100 > told:
            told = torture.counts["kills"] // 100
            print(f"{torture.counts['kills']} kills, {len(torture.faults)} faults", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    print_figures({"seed": seed, **torture.report()})


if __name__ == "__main__":
    in_one_thread()
    given = [int(each) for each in sys.argv[1:]]
    main(given[0] if given else 1000, given[1] if given[1:] else 7)
