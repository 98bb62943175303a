"""Where the time of a step goes: the parts of a chain of no-op steps, computed and reused."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chain import LENGTH, chain, stack_in
from benchmarks.measurement import Measurement, seconds
from benchmarks.stopwatches import Place, Stopwatches, watching

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
        for title, acts in {
            "computed": [lambda start=start: chain(LENGTH, start) for start in starts],
            "reused": [lambda: chain(LENGTH, starts[-1]) for _ in starts],
        }.items():
            unwatched = min(seconds(act) for act in acts[::2])
            with watching(watches, PLACES):
                whole, parts = min(_watch(watches, act) for act in acts[1::2])
            yield from _rows(title, whole, parts, unwatched)


def _watch(watches: Stopwatches, act: Callable[[], object]) -> tuple[float, list[float]]:
    """Return the seconds of a chain and those of each part."""
    watches.reset()
    whole = seconds(act)
    spent = [
        sum(watches.spent(place, beside=part.beside) for place in part.places) for part in _PARTS
    ]
    return whole, spent


def _rows(title: str, whole: float, parts: list[float], unwatched: float) -> Iterator[Measurement]:
    """Yield the parts of the best of several rounds; what was not watched is the rest."""
    each = 1_000_000 / LENGTH
    yield Measurement(f"a {title} step", each * unwatched, "us", note="nothing watched")
    yield Measurement(f"a {title} step, watched", each * whole, "us", note="of which:")
    for part, spent in zip(_PARTS, parts, strict=True):
        yield Measurement(f"  {part.title}", each * spent, "us")
    here = sum(spent for part, spent in zip(_PARTS, parts, strict=True) if not part.beside)
    yield Measurement("  follow the state machine, and all else", each * (whole - here), "us")
