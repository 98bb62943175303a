"""Runs a pipeline of slow steps when told to, and says what became of it.

    python cache_worker.py PROJECT LEASE_SECONDS PIPELINE

Its steps tell who computes them, and wait for what the test answers through named pipes: these are
events between processes.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from whence import pipeline, step
from whence.caching.leases import lease_length

LENGTH = 20  # steps of the chain


def note(name: str) -> None:
    """Say in one write that a step is computed here."""
    with Path("computed.txt").open("a") as file:
        file.write(f"{name}\n")


@step(cache=False)
def begin() -> int:
    return 0


@step
def wait(begun: int) -> str:
    """Tell that this process computes it; end as the test says; give what none else can."""
    Path("entered").write_text(f"{os.getpid()}\n")
    answer = Path(f"answer-{os.getpid()}").read_text().strip()
    if answer == "fail":
        raise RuntimeError(answer)
    return f"{answer} {os.getpid()} {begun}"


@step
def follow(waited: str) -> str:
    return f"after {waited}"


@pipeline
def gated():
    waited = wait(begin())
    return {"wait": waited, "follow": follow(waited)}


@step
def link(number: int, before: list[int]) -> list[int]:
    note(f"link {number}")
    return [*before, os.getpid()]


@step
def first() -> list[int]:
    note("first")
    return [os.getpid()]


@pipeline
def chain():
    value = first()
    for number in range(LENGTH):
        value = link.with_options(name=f"link_{number}")(number, value)
    return value


def run_once(name: str) -> tuple[Any, dict[str, Any]]:
    """Return a finished run, and its result or failure."""
    try:
        run = {"gated": gated, "chain": chain}[name]()
    except (RuntimeError, KeyboardInterrupt) as error:
        return error.whence_run, {"failed": type(error).__name__}
    cached = [each for each in run.steps if run.steps[each].cached]
    return run, {"result": run.read(), "cached": cached}


def main(project: Path, lease_seconds: float, name: str) -> None:
    """Run when a line comes; print the result, and the id of the run."""
    os.chdir(project)
    os.mkfifo(f"answer-{os.getpid()}")
    print("ready", flush=True)
    sys.stdin.readline()
    with lease_length.entered(lease_seconds):
        run, outcome = run_once(name)
    statuses = {each: str(run.steps[each].status) for each in run.steps}
    print(json.dumps({**outcome, "status": str(run.status), "steps": statuses}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
