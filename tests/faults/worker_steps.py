"""A pipeline whose worker processes are killed: maps that only the run knows, one in another.

Workers load this file, so it imports little.
"""

import subprocess
import time
from pathlib import Path

from whence import Retries, pipeline, step

PATIENT = Retries(3, pause=0.01)
BUSY_SECONDS = 0.02  # that steps take, so that kills meet them
HANG = "hang"  # the file whose presence lets a step wait for a process of its own
BLOCK = 70_000  # bytes: too many to be kept inline


@step(retries=PATIENT)
def sizes(seed: int) -> list[int]:
    print("sizes")
    time.sleep(BUSY_SECONDS)
    return [seed + each for each in range(3)]


@step(retries=PATIENT)
def parts(size: int) -> list[int]:
    print("parts")
    time.sleep(BUSY_SECONDS)
    return [size, size + 7]


@step(retries=PATIENT)
def fill(number: int) -> bytes:
    print("fill")
    with subprocess.Popen(["sleep", "600"]) as child:
        time.sleep(BUSY_SECONDS)
        child.kill()
    return bytes([number % 251]) * BLOCK


@step(retries=PATIENT)
def weigh(block: bytes) -> int:
    print("weigh")
    return sum(block)


@step(retries=PATIENT)
def total(weights: list[list[int]]) -> int:
    print("total")
    return sum(map(sum, weights))


@step
def frail(seed: int) -> int:
    print("frail")
    if Path(HANG).exists():
        subprocess.run(["sleep", "600"], check=True)
    time.sleep(10 * BUSY_SECONDS)
    return seed + 1


@pipeline
def branch(size: int):
    return weigh.map(fill.map(parts(size)))


@pipeline
def tree(seed: int):
    return {"total": total(branch.map(sizes(seed))), "frail": frail(seed)}


def foresee(seed: int) -> dict[str, int]:
    """Return what a run of the pipeline gives."""
    numbers = [seed + each + more for each in range(3) for more in (0, 7)]
    return {"total": sum(number % 251 * BLOCK for number in numbers), "frail": seed + 1}
