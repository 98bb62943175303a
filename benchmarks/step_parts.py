"""Where the time of a step goes: the parts of a chain of no-op steps, computed and reused."""

import functools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

from benchmarks.chain import LENGTH, chain, stack_in
from benchmarks.measurement import Measurement, seconds
from benchmarks.stopwatches import NOTHING, Place, Seconds, Stopwatches, watching

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class _Part:
    """What is done in a few places."""

    title: str
    places: tuple[Place, ...]
    beside: bool = False  # in the recorder's thread, while the run goes on


_PARTS = (
    _Part("build and check the plan", (Place("whence.authoring.build_pipeline", "build_plan"),)),
    _Part("compute the cache key", (Place("whence.caching.step_keys", "compute_step_key"),)),
    _Part("look for a stored result", (Place("whence.caching.lookup", "CacheLookup.decide"),)),
    _Part("reserve the key", (Place("whence.caching.leases", "Leases.take"),)),
    _Part("read the inputs", (Place("whence.engine.read_inputs", "read_inputs"),)),
    _Part(
        "call the function, keep its log", (Place("whence.engine.execute_step", "execute_step"),)
    ),
    _Part("store the outputs", (Place("whence.engine.store_outputs", "store_values"),)),
    _Part(
        "make the record",
        (
            Place("whence.running.run_records", "new_step"),
            Place("whence.running.run_records", "finish_step"),
            Place("whence.running.reuse", "StepReuse.file"),
            Place("whence.running.reuse", "StepReuse.remember"),
            Place("whence.running.reuse", "StepReuse.describe_hit"),
        ),
    ),
    _Part("wait for the recorder", (Place("whence.running.recorder", "Recorder.close"),)),
    _Part(
        "beside: write the records",
        (Place("whence.metadata_stores.sqlite", "SqliteMetadataStore.record"),),
        beside=True,
    ),
    _Part(
        "beside: give the keys back",
        (Place("whence.caching.leases", "Leases.release"),),
        beside=True,
    ),
)
PLACES = [place for part in _PARTS for place in part.places]


def measure() -> Iterator[Measurement]:
    """Yield the parts of a computed step and those of a reused one, in microseconds."""
    watches = Stopwatches()
    with tempfile.TemporaryDirectory() as folder, stack_in(Path(folder) / "home"):
        chain(LENGTH, -10 * LENGTH)
        starts = [10 * LENGTH * number for number in range(ROUNDS)]
        new = [functools.partial(chain, LENGTH, start) for start in starts]
        yield from _parts_of("a computed step", new, watches)
        yield from _parts_of("a reused step", new[-1:] * ROUNDS, watches)


def _parts_of(
    title: str, acts: Sequence[Callable[[], object]], watches: Stopwatches
) -> Iterator[Measurement]:
    """Yield the rows of the best of several rounds, in every other of which nothing is watched."""
    alone = min(_spend(act) for act in acts[::2])
    with watching(watches, PLACES):
        whole, parts = min(_watch(watches, act) for act in acts[1::2])
    yield _row(title, alone, ", nothing watched")
    yield _row(f"{title}, watched", whole, ", of which:")
    for part, spent in zip(_PARTS, parts, strict=True):
        yield _row(f"  {part.title}", spent)
    here = (spent for part, spent in zip(_PARTS, parts, strict=True) if not part.beside)
    yield _row("  follow the state machine, and all else", whole.more(_total(here), -1))


def _watch(watches: Stopwatches, act: Callable[[], object]) -> tuple[Seconds, Sequence[Seconds]]:
    """Return the seconds of a chain and those of each part."""
    watches.reset()
    whole = _spend(act)
    return whole, [
        _total(watches.spent(place, beside=part.beside) for place in part.places) for part in _PARTS
    ]


def _spend(act: Callable[[], object]) -> Seconds:
    busy = thread_time()
    return Seconds(seconds(act), thread_time() - busy)


def _total(spent: Iterable[Seconds]) -> Seconds:
    return functools.reduce(Seconds.more, spent, NOTHING)


def _row(title: str, spent: Seconds, note: str = "") -> Measurement:
    each = 1_000_000 / LENGTH
    busy = f"{each * spent.busy:.3g} us of processor time"
    return Measurement(title, each * spent.time, "us", note=busy + note)
