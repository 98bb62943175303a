"""Finding runs: by id, by name, and as a list."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, overload

from whence.domain.ids import RunId, short_id
from whence.domain.records import RunFilter, RunRecord
from whence.domain.status import RunStatus
from whence.errors import (
    AmbiguousNameError,
    InvalidSettingError,
    RecordNotFoundError,
    StoreError,
    suggest,
)
from whence.history.frames import make_frame
from whence.history.reports.listings import report_runs
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.runs import Run
from whence.interfaces.metadata_store import MetadataStore
from whence.stacks.current import open_stack

if TYPE_CHECKING:
    import pandas as pd

SHORTEST_ID = 6
"""How many of an id's last characters name a run."""

_SUFFIX = re.compile(rf"[0-9a-f-]{{{SHORTEST_ID},36}}")
_ID_LENGTH = 36
_LOOKED_THROUGH = 50  # recent runs, for a suggestion


class RunList(Shown, Sequence[Run[Any]]):
    """Runs, newest first."""

    def __init__(self, runs: Sequence[Run[Any]]) -> None:
        self._runs = tuple(runs)

    @overload
    def __getitem__(self, index: int) -> Run[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> "RunList": ...
    def __getitem__(self, index: int | slice) -> "Run[Any] | RunList":
        if isinstance(index, slice):
            return RunList(self._runs[index])
        return self._runs[index]

    def __len__(self) -> int:
        return len(self._runs)

    def frame(self) -> "pd.DataFrame":
        """Return the runs as a DataFrame, one row each."""
        columns = ("id", "pipeline", "name", "status", "started_at", "duration", "tags")
        rows = [[getattr(run.record, column) for column in columns] for run in self]
        return make_frame(columns, rows, "RunList.frame()")

    def _report(self) -> Report:
        return report_runs([run.record for run in self])


def list_runs(
    *,
    pipeline: str | None = None,
    status: RunStatus | str | None = None,
    tag: str | None = None,
    limit: int | None = 50,
) -> RunList:
    """Return the newest runs, at most *limit* of them, as far as they meet what is given."""
    stack = open_stack()
    note_crashes(stack.metadata_store)
    wanted = RunFilter(
        pipeline=pipeline,
        status=None if status is None else _parse_status(status),
        tags=() if tag is None else (tag,),
        limit=limit,
    )
    return RunList([Run(record, stack) for record in stack.metadata_store.list_runs(wanted)])


def find_run(key: str) -> Run[Any]:
    """Return a run by its id, by the last 6 or more characters of that, or by its name.

    Of several runs of one name it is the newest. Raises `RecordNotFoundError`, and
    `AmbiguousNameError` where several ids end so.
    """
    stack = open_stack()
    note_crashes(stack.metadata_store)
    return Run(find_run_record(stack.metadata_store, key), stack)


def note_crashes(store: MetadataStore) -> None:
    """Record which runs have crashed, so that none is shown as going on whose process has died.

    Where that cannot be recorded, such as in a folder that others own, they are shown as they were.
    """
    with suppress(StoreError):
        store.mark_crashed_runs()


def find_run_record(store: MetadataStore, key: str) -> RunRecord:
    """Return the record of the run that *key* names; raises as `find_run` does."""
    found = _find_by_id(store, key) or _find_by_name(store, key) or _find_by_suffix(store, key)
    if found is None:
        raise _not_found(store, key)
    return found


def _find_by_id(store: MetadataStore, key: str) -> RunRecord | None:
    return store.find_run(RunId(key)) if len(key) == _ID_LENGTH else None


def _find_by_name(store: MetadataStore, key: str) -> RunRecord | None:
    return next(iter(store.list_runs(RunFilter(name=key, limit=1))), None)


def _find_by_suffix(store: MetadataStore, key: str) -> RunRecord | None:
    suffix = key.lower()
    if not _SUFFIX.fullmatch(suffix):
        return None
    found = store.list_runs(RunFilter(id_suffix=suffix, limit=5))
    if len(found) > 1:
        candidates = ", ".join(f"{run.id} ({run.pipeline})" for run in found)
        raise AmbiguousNameError(name=key, kind="run", count=len(found), candidates=candidates)
    return found[0] if found else None


def _not_found(store: MetadataStore, key: str) -> RecordNotFoundError:
    recent = store.list_runs(RunFilter(limit=_LOOKED_THROUGH))
    names = [run.name for run in recent if run.name]
    reason = ""
    if len(key) < SHORTEST_ID and re.fullmatch(r"[0-9a-f]+", key):
        reason = f"Of an id, the last {SHORTEST_ID} characters or more are needed."
    known = list(dict.fromkeys([*names, *(short_id(run.id) for run in recent)]))
    return RecordNotFoundError(kind="run", name=key, reason=reason, suggestion=suggest(key, known))


def _parse_status(status: RunStatus | str) -> RunStatus:
    try:
        return RunStatus(status)
    except ValueError:
        known = [each.value for each in RunStatus]
        raise InvalidSettingError(
            setting="status",
            value=status,
            reason="Runs have no such status.",
            cure=suggest(status, known),
        ) from None
