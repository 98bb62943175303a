"""Runs and looks while the clock is wrong: `clock_runs PROJECT SHIFT ACT [ARGUMENT]`, as JSON.

SHIFT is how many seconds the clock is ahead. ACT is `run`, whose argument is a second shift that
begins in the middle of a step; `serve`, a run of what stays good for an hour; `wait`, a run that
says so and waits for ever; `list`.
"""

from tests.faults.shifted_clock import shift_clock  # before anything else reads the time

# isort: split
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import whence
from whence import Retries, pipeline, step

MORE = 7200  # seconds that are added when a step is tried again


@step
def begin() -> int:
    return 1


@step(cache=False)
def live_through(begun: int, shift: int) -> int:
    """Meet a clock that is set."""
    whence.log_metric("loss", 2.0)
    shift_clock(shift)
    time.sleep(0.05)
    whence.log_metric("loss", 1.0)
    return begun


@step
def stretch(begun: int) -> list[int]:
    return [begun, begun + 1]


@step(cache=False, retries=Retries(1, pause=0.0))
def fail_once(number: int, shift: int) -> int:
    """Meet a clock that is set between two attempts, inside a map."""
    tried = Path(f"tried-{number}-{os.getpid()}")
    if not tried.exists():
        tried.touch()
        shift_clock(shift + MORE)
        raise RuntimeError
    return number


@step
def end(begun: int, numbers: list[int]) -> int:
    return begun + sum(numbers)


@step(cache="1h")
def look_up() -> list[int]:
    return [os.getpid()]


@step(cache=False)
def wait_for_ever() -> None:
    while not whence.runs(status="running"):
        time.sleep(0.01)  # records are written beside the run, a moment later
    print("waits", file=sys.__stdout__, flush=True)
    time.sleep(600)


@pipeline
def work(shift: int):
    begun = begin()
    return end(live_through(begun, shift), fail_once.map(stretch(begun), shift=shift))


def run(act: str, shift: int) -> None:
    """Run what is asked for."""
    if act == "run":
        work(shift)
    elif act == "serve":
        look_up.run()
    elif act == "wait":
        wait_for_ever.run()


def describe(run: Any) -> dict[str, Any]:
    """Return what is told of a run."""
    steps = [run.steps[name] for name in run.steps]
    return {
        "id": run.id,
        "status": str(run.status),
        "started": run.started_at.timestamp(),
        "ended": run.ended_at.timestamp() if run.ended_at else None,
        "durations": [run.duration, *(each.duration for each in steps)],
        "loss": run.metrics.get("loss"),
        "cached": [each.node for each in steps if each.cached],
    }


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    shift_clock(int(sys.argv[2]))
    run(sys.argv[3], int(sys.argv[4]) if sys.argv[4:] else 0)
    print(json.dumps([describe(each) for each in whence.runs(limit=None)]))
