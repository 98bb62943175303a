"""Asking a run to end early, from any process that shares its store."""

from typing import Any

from whence.domain.ids import short_id
from whence.domain.records import RunRecord
from whence.domain.status import CancelLevel
from whence.errors import RunNotRunningError
from whence.history.lookups import find_run_record, note_crashes
from whence.history.runs import Run
from whence.stacks.current import open_stack


def cancel(run: Run[Any] | str, *, now: bool = False) -> None:
    """Ask a run that goes on to end: what runs may finish, nothing more starts.

    With *now*, what runs is stopped too. It is heard within a second; how the run ends is seen in
    its record. Raises `RunNotRunningError` for a run that has ended, and as `whence.run` does.
    """
    stack = open_stack() if isinstance(run, str) else run.records.stack
    store = stack.metadata_store
    note_crashes(store)
    record = find_run_record(store, run if isinstance(run, str) else run.id)
    _check_running(record)
    store.ask_to_end(record.id, CancelLevel.AT_ONCE if now else CancelLevel.ORDERLY)


def _check_running(run: RunRecord) -> None:
    if run.status.finished:
        reason = f"It is {run.status}."
    elif run.owner is None:
        reason = "The Whence that began it does not listen to others."
    else:
        return
    raise RunNotRunningError(run=run.name or short_id(run.id), pipeline=run.pipeline, reason=reason)
