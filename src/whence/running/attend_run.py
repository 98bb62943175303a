"""While a run goes on, others can see that it does, and ask for its end."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from whence.domain.frozen import frozen
from whence.domain.records import RunRecord
from whence.interfaces.metadata_store import MetadataStore
from whence.running.cancellation import Cancellation


@frozen
class AttendedRun:
    """A run whose process others can see."""

    record: RunRecord  # with its owner
    cancellation: Cancellation  # what others ask of it


@contextmanager
def attended(run: RunRecord, store: MetadataStore) -> Generator[AttendedRun]:
    """Let others see that this process goes on with a run, which is to be recorded only then.

    A block that raises has not recorded the end of the run: who looks next records that it crashed.
    """
    cancellation = Cancellation()
    presence = store.attend(run.id, cancellation.ask)
    ended = False
    try:
        yield AttendedRun(replace(run, owner=presence.owner), cancellation)
        ended = True
    finally:
        presence.close(ended=ended)
