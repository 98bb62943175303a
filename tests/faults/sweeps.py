"""Sweeps: the same work again and again, each time with a fault one system call further on."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.store_work import REFUSED
from tests.faults.system_calls import Call
from tests.faults.tracing import AtCall, Ending, Fate, run_traced


@dataclass(frozen=True, slots=True)
class Hit:
    """One fault that has struck."""

    number: int
    call: Call
    folder: Path
    ending: Ending


@dataclass(slots=True)
class Tally:
    """What a sweep met, and what it found wrong."""

    hits: Counter[str] = field(default_factory=Counter[str])  # by name of the call
    ends: Counter[str] = field(default_factory=Counter[str])
    faults: list[str] = field(default_factory=list[str])

    def add(self, hit: Hit, faults: Collection[str]) -> None:
        """Count a hit and what is wrong after it."""
        self.hits[hit.call.name] += 1
        self.ends[name_ending(hit.ending)] += 1
        where = f"{hit.call.name} {hit.call.path.removeprefix(str(hit.folder))} ({hit.number})"
        self.faults += [f"{where}: {fault}" for fault in faults]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"hits": self.hits, "ends": self.ends, "faults": self.faults[:20]}


def name_ending(ending: Ending) -> str:
    """Return how work ended, in a word."""
    known = {
        0: "done",
        1: "failed",
        REFUSED: "refused",
        130: "cancelled",
        -9: "killed",
        -15: "terminated",
    }
    return known.get(ending.code, f"code {ending.code}")


def sweep(  # noqa: PLR0913  # each says something else of the sweep
    make_work: Callable[[Path], Callable[[int], None]],
    root: Path,
    fate: Fate,
    names: Collection[str],
    *,
    stride: int = 1,
    below: str = "",
) -> Iterator[Hit]:
    """Yield each hit of *fate*, at every *stride*-th call of *names*, until none is left.

    Each time the work is made anew, in a folder of its own below *root*. Only calls about paths
    that hold the words *below* count.
    """
    number = 1
    while True:
        folder = root / str(number)
        at = AtCall(number, fate, names, below=below)
        with _quiet():
            work = make_work(folder)
            ending = run_traced(work, at, folder=str(root), names=names)
        if at.met is None:
            return
        yield Hit(number, at.met, folder, ending)
        number += stride


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep to ourselves what failing children write to standard error."""
    if os.environ.get("WHENCE_TESTS_LOUD"):
        yield
        return
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
