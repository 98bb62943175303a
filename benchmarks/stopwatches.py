"""How long named functions of Whence take while it runs, each without the others it calls."""

import functools
import importlib
import inspect
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A function or a method of Whence, such as `Leases.take` in `whence.caching.leases`."""

    module: str
    name: str


class Seconds(NamedTuple):
    """How long something took, and for how much of that this thread kept the processor busy."""

    time: float
    busy: float

    def more(self, other: "Seconds", times: float = 1.0) -> "Seconds":
        """Return these seconds and the others, as often as said."""
        return Seconds(self.time + times * other.time, self.busy + times * other.busy)


NOTHING = Seconds(0.0, 0.0)


class Stopwatches:
    """Seconds spent in each place, by thread: what one watch measures, no other does.

    What it costs to stop the time is taken off, as far as it can be known.
    """

    def __init__(self) -> None:
        self._spent: defaultdict[tuple[bool, Place], Seconds] = defaultdict(lambda: NOTHING)
        self._open = threading.local()
        self._inside = self._outside = NOTHING  # what a watch adds, to its place and to its caller
        self._inside, self._outside = self._measure_cost()

    def spent(self, place: Place, *, beside: bool) -> Seconds:
        """Return the seconds spent in a place, in the main thread or *beside* it."""
        return self._spent[beside, place]

    def reset(self) -> None:
        """Begin anew."""
        self._spent.clear()

    def watch(self, place: Place, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return *function*, timed; what yields its results is run to its end."""
        call = _to_its_end(function) if inspect.isgeneratorfunction(function) else function

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = self._begin()
            try:
                return call(*args, **kwargs)
            finally:
                self._end(place, start)

        return timed

    def _begin(self) -> Seconds:
        inner: list[Seconds] = self._open.__dict__.setdefault("inner", [])
        inner.append(NOTHING)
        return _now()

    def _end(self, place: Place, start: Seconds) -> None:
        inner: list[Seconds] = self._open.inner
        whole = _now().more(start, -1)
        beside = threading.current_thread() is not threading.main_thread()
        own = whole.more(inner.pop(), -1).more(self._inside, -1)
        self._spent[beside, place] = self._spent[beside, place].more(own)
        if inner:
            inner[-1] = inner[-1].more(whole).more(self._outside)

    def _measure_cost(self) -> tuple[Seconds, Seconds]:
        times = 10_000
        place = Place(__name__, "nothing")
        nothing = self.watch(place, lambda: None)
        start = _now()
        for _ in range(times):
            nothing()
        whole, inside = _now().more(start, -1), self._spent.pop((False, place))
        return NOTHING.more(inside, 1 / times), NOTHING.more(whole.more(inside, -1), 1 / times)


def _now() -> Seconds:
    return Seconds(time.perf_counter(), time.thread_time())


def _to_its_end(function: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[Any]]:
    return lambda *args, **kwargs: iter(list(function(*args, **kwargs)))


@contextmanager
def watching(watches: Stopwatches, places: Iterable[Place]) -> Iterator[None]:
    """Watch *places* inside the block, whoever has imported them."""
    replaced = [each for place in places for each in _replace(watches, place)]
    try:
        yield
    finally:
        for owner, name, original in replaced:
            setattr(owner, name, original)


def _replace(watches: Stopwatches, place: Place) -> list[tuple[Any, str, Any]]:
    """Put a timed function wherever the original is known; return where that was."""
    owner_name, _, name = place.name.rpartition(".")
    module = importlib.import_module(place.module)
    owner = getattr(module, owner_name) if owner_name else module
    original = getattr(owner, name)
    owners = [owner] if owner_name else _knowing(name, original)
    for each in owners:
        setattr(each, name, watches.watch(place, original))
    return [(each, name, original) for each in owners]


def _knowing(name: str, function: object) -> list[Any]:
    modules = [each for key, each in sys.modules.items() if key.startswith("whence.")]
    return [each for each in modules if getattr(each, "__dict__", {}).get(name) is function]
