"""How each program here times its chain of steps; imported first, so that imports count."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

_IMPORTED_AT = time.perf_counter()

LENGTH, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
WARM_UP_START = -1000


def report(prepare: Callable[[int], Callable[[int], int]]) -> None:
    """Time a chain and print its seconds as one line of JSON.

    *prepare* makes whatever the tool needs for a chain of so many steps and returns what runs it
    from a first number; that belongs to the start, as does a chain of two steps of other numbers.
    """
    prepare(2)(WARM_UP_START)
    run = prepare(LENGTH)
    start = time.perf_counter() - _IMPORTED_AT
    first, again = _run_seconds(run), _run_seconds(run)
    print(json.dumps({"start": start, "first": first, "again": again}), flush=True)


def _run_seconds(run: Callable[[int], int]) -> float:
    start = time.perf_counter()
    last = run(0)
    seconds = time.perf_counter() - start
    assert last == LENGTH - 1, f"the chain of {LENGTH} steps gave {last!r}"
    return seconds
