"""One writer for all records of a run, beside the run and not in its way.

What happens within a moment is recorded together, so that many short steps share a transaction: one
for each would take the interpreter from the run at every step. A long step never waits in memory.
"""

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from time import monotonic

from whence.domain.collector import CollectorHold
from whence.domain.records import Event, RunFinished, StepFinished, StepStarted
from whence.interfaces.metadata_store import MetadataStore

_LARGEST_BATCH = 2048
_GATHERING_SECONDS = 0.05
"""How long the first of several events waits for the others."""

_LATER_SECONDS = 0.5
"""How long a run goes on before that is recorded which a shorter one need not tell."""


class Recorder:
    """Records events in their order, in a thread of its own.

    What was given to `record` is in the store when `flush` or `close` returns; both raise the
    `StoreError` of a record that could not be made, and so does the next `record`.
    """

    def __init__(
        self,
        store: MetadataStore,
        release: Callable[[Collection[str]], None] | None = None,
        tell_later: Callable[[], Event] | None = None,
    ) -> None:
        self._store = store
        self._release = release  # told the cache keys of steps whose end is recorded
        self._tell_later = tell_later  # asked once, if the recorder is open for long enough
        self._later = monotonic() + _LATER_SECONDS
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="whence-recorder", daemon=True)
        self._thread.start()

    def record(self, event: Event) -> None:
        """Take an event to be recorded soon."""
        self.raise_failure()
        self._events.put(event)

    def close(self, last: Event | None = None) -> None:
        """Record all that waits, durably with *last*, and end the thread."""
        self._closing.set()
        if last is not None:
            self._events.put(last)
        self._events.put(None)
        self._thread.join()
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise the error of a record that could not be made, if there is one."""
        if self._failure is not None:
            raise self._failure

    def _write(self) -> None:
        while (event := self._next()) is not None:
            self._closing.wait(_GATHERING_SECONDS)
            self._record([event, *self._take_waiting()])

    def _next(self) -> Event | None:
        if self._tell_later is None:
            return self._events.get()
        with suppress(queue.Empty):
            left = self._later - monotonic()
            if left > 0 or self._closing.is_set():
                return self._events.get(timeout=max(left, 0))
        tell, self._tell_later = self._tell_later, None
        return tell()

    def _take_waiting(self) -> Iterator[Event]:
        for _ in range(min(self._events.qsize(), _LARGEST_BATCH - 1)):
            event = self._events.get()
            if event is None:
                self._events.put(None)  # nothing comes after it
                return
            yield event

    def _record(self, batch: Sequence[Event]) -> None:
        if self._failure is not None:
            return  # a gap in the records would be worse than their end
        try:
            durable = isinstance(batch[-1], RunFinished)
            with CollectorHold():
                self._store.record(without_overtaken(batch), durable=durable)
            if self._release is not None:
                self._release(keys_of(batch))
        except BaseException as error:  # noqa: BLE001  # raised where the run goes on
            self._failure = error


def without_overtaken(batch: Sequence[Event]) -> list[Event]:
    """Return *batch* without the beginnings of steps whose end it holds as well."""
    ended = {event.step.id for event in batch if isinstance(event, StepFinished)}
    return [
        event
        for event in batch
        if not (isinstance(event, StepStarted) and event.step_run_id in ended)
    ]


def keys_of(batch: Sequence[Event]) -> list[str]:
    """Return the cache keys of the steps that end in *batch*."""
    ended = (event.step.cache_key for event in batch if isinstance(event, StepFinished))
    return [key for key in ended if key is not None]
