"""Stores with many runs, made through the store's own door."""

from datetime import UTC, datetime
from pathlib import Path

from whence.domain.ids import RunId, new_id
from whence.domain.records import RunFinished, RunRecord
from whence.domain.status import RunStatus
from whence.stacks.current import make_local_stack

BATCH = 2000


def fill_store(home: Path, count: int) -> None:
    """Record *count* completed runs in a new store."""
    stack = make_local_stack(home)
    stack.make_home()
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        stack.metadata_store.record([RunFinished(_make_run(start + each)) for each in range(size)])
    stack.close()


def _make_run(number: int) -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        id=RunId(new_id()),
        pipeline=f"pipeline_{number % 20}",
        name=None,
        status=RunStatus.COMPLETED,
        started_at=now,
        ended_at=now,
        duration=1.0,
        parameters={"depth": str(number % 10)},
    )
