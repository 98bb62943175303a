"""Kills running pipelines at random and says what became of them: `make torture`.

    python -m tests.faults.torture [KILLS] [SEED]

Each victim runs one pipeline after the other in a project that many victims use in turn, and says
on a pipe what has completed. A victim is anything in `VICTIMS`: a way to start work, by name. After
each kill a fresh process looks at all that is new, and runs a pipeline itself.
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from tests.faults.run_module import SINGLE_THREADED
from tests.faults.run_work import (
    RunExamination,
    close_stores,
    enter_project,
    find_leftovers,
    make_project,
    run_once,
    warm_up,
)
from tests.integration.forked import ask_child, kill_child

import whence

LONGEST_LIFE = 0.4  # seconds after the victim is ready: a few runs
KILLS_PER_PROJECT = 10  # so that the making of a project's stores is met as well
LONGEST_RECOVERY = 30  # seconds after which a project counts as stuck


def run_for_ever(project: Path, pipe: int) -> None:
    """Run pipelines in this process until killed."""
    enter_project(project)
    os.write(pipe, b"ready now\n")
    chance = random.Random(os.urandom(8))
    while True:
        os.write(pipe, f"completed {run_once(chance.getrandbits(40)).id}\n".encode())


VICTIMS: dict[str, Callable[[Path, int], None]] = {"in process": run_for_ever}
"""What is killed. One more way to run pipelines is one more entry."""


class Torture:
    """Kills victims one after the other; counts what they left."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._said: list[str] = []  # in the project in use
        self._left: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.recoveries: list[float] = []  # seconds

    def kill(self, number: int) -> None:
        """Kill one victim and look at what there is."""
        project = self._folder / str(number // KILLS_PER_PROJECT)
        if number % KILLS_PER_PROJECT == 0:
            shutil.rmtree(self._folder / str(number // KILLS_PER_PROJECT - 1), ignore_errors=True)
            make_project(project)
            self._said = []
        victim = self._chance.choice(sorted(VICTIMS))
        seconds = self._chance.uniform(0, LONGEST_LIFE)
        said = kill_child(partial(VICTIMS[victim], project), seconds)
        self._said += [line for line in said if line.startswith("completed")]
        self.counts.update(kills=1, completed=len(said) - 1)
        left = set(find_leftovers(project))
        self.counts["hits in a commit"] += bool(left - self._left)
        self._look(project)
        self._left = set(find_leftovers(project))

    def _look(self, project: Path) -> None:
        start = time.perf_counter()
        found = ask_child(partial(recover, project, self._said))
        seconds = time.perf_counter() - start
        self.recoveries.append(found["seconds"])
        self.counts["runs cut off"] += found["cut off"]
        self.counts["stuck"] += seconds > LONGEST_RECOVERY
        for fault in found["faults"]:
            self.counts[fault.partition(":")[0]] += 1
        self.faults += found["faults"]

    def report(self) -> dict[str, Any]:
        """Return the figures."""
        names = ("kills", "hits in a commit", "completed", "runs cut off")
        counts = {name: self.counts[name] for name in (*names, "lost", "dangling", "torn", "stuck")}
        return {**counts, **tell_times(self.recoveries), "faults": self.faults[:20]}


def recover(project: Path, said: list[str]) -> dict[str, Any]:
    """Look at a project for the first time, then run there; return how long the look took."""
    enter_project(project)
    found = RunExamination()
    start = time.perf_counter()
    try:
        whence_runs = _list_runs()
        seconds = time.perf_counter() - start
        found.examine(project, said)
        run_once(random.Random(os.urandom(8)).getrandbits(40))
        found.faults += [f"stuck: {run}" for run in whence_runs if run == "running"]
    except Exception as error:  # noqa: BLE001  # whatever it is, the project is stuck
        seconds = time.perf_counter() - start
        found.faults.append(f"stuck: {type(error).__name__}: {error}")
        whence_runs = []
    finally:
        close_stores()
    return {"faults": found.faults, "seconds": seconds, "cut off": whence_runs.count("crashed")}


def _list_runs() -> list[str]:
    return [str(run.status) for run in whence.runs(limit=None)]


def tell_times(seconds: list[float]) -> dict[str, dict[str, float]]:
    """Return how long the first look after a kill took."""
    times = sorted(seconds)
    ranks = {"p50": len(times) // 2, "p99": len(times) * 99 // 100, "max": -1}
    return {"recovery ms": {name: round(times[at] * 1000, 1) for name, at in ranks.items()}}


def print_figures(figures: dict[str, Any]) -> NoReturn:
    """Print them as JSON, and end: with 1 if anything was wrong."""
    print(json.dumps(figures, indent=2))
    sys.exit(bool(figures["faults"]))


def in_one_thread() -> None:
    """Start this program anew if its libraries may have started threads: it forks."""
    if not SINGLE_THREADED.items() <= os.environ.items():  # they read them when they load
        os.execve(
            sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | SINGLE_THREADED
        )
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main(kills: int, seed: int) -> None:
    """Kill so many victims; print the figures as JSON. Ends with 1 if anything was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    warm_up(folder / "warm")
    torture = Torture(folder, seed)
    for number in range(kills):
        torture.kill(number)
        if (number + 1) % 100 == 0:
            print(f"{number + 1} kills, {len(torture.faults)} faults", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    print_figures({"seed": seed, **torture.report()})


if __name__ == "__main__":
    in_one_thread()
    given = [int(each) for each in sys.argv[1:]]
    main(given[0] if given else 1000, given[1] if given[1:] else 7)
