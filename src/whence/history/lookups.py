"""Finding runs: by id, by name, and as a list."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from whence.domain.ids import RunId, short_id
from whence.domain.records import RunFilter, RunRecord
from whence.domain.status import RunStatus
from whence.errors import (
    AmbiguousNameError,
    RecordNotFoundError,
    StoreError,
    suggest,
)
from whence.history.runs import Run
from whence.history.searching.conditions import name_quantities
from whence.history.searching.moments import Moment, parse_moment
from whence.history.searching.run_list import RunList
from whence.history.searching.run_search import (
    check_given,
    parse_status,
    read_conditions,
    read_model,
    read_order,
    search,
)
from whence.interfaces.metadata_store import MetadataStore
from whence.stacks.current import open_stack

SHORTEST_ID = 6
"""How many of an id's last characters name a run."""

_SUFFIX = re.compile(rf"[0-9a-f-]{{{SHORTEST_ID},36}}")
_ID_LENGTH = 36
_START_ONE = "Start one: whence run FILE.py:PIPELINE"
_LOOKED_THROUGH = 50  # recent runs, for a suggestion


def list_runs(  # noqa: PLR0913  # a search has many sides; each is given by its name
    *,
    pipeline: str | None = None,
    status: RunStatus | str | None = None,
    tag: str | Sequence[str] = (),
    name: str | None = None,
    model: str | None = None,
    note: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    parameters: Mapping[str, Any] | None = None,
    where: str | Sequence[str] = (),
    order: str = "-started",
    before: "Run[Any] | str | None" = None,
    limit: int | None = 50,
) -> RunList:
    """Return runs, at most *limit* of them, that meet everything that is given.

    *where* has conditions on metrics and parameters, such as `"rmse<3.2"` or `"fit.depth>=4"`;
    *parameters* are those that have just these values. *since* and *until* are moments, dates, or
    how far back, such as `"7d"`. *tag* is a tag or several, *note* a part of a note, *model* one
    that they made: `"delay"`, or a version of it as `"delay@3"`. *order* is `started`, `duration`,
    a metric or a parameter, with `-` before it from the largest down. *before* is the last run of
    the page before this one. Raises `InvalidSearchError`, and
    `UnknownQuantityError` or `RecordNotFoundError` for a name that nothing here has.
    """
    stack = open_stack()
    store = stack.metadata_store
    check_given(limit, pipeline=pipeline, name=name, model=model, note=note, order=order)
    note_crashes(store)
    made, digests = (None, ()) if model is None else read_model(store, model)
    wanted = RunFilter(
        pipeline=pipeline,
        status=None if status is None else parse_status(status),
        tags=(tag,) if isinstance(tag, str) else tuple(tag),
        name=name,
        model=made,
        model_digests=digests,
        note=note,
        since=None if since is None else parse_moment(since),
        until=None if until is None else parse_moment(until, end_of_day=True),
        conditions=read_conditions(where, parameters),
        order=read_order(store, order),
        before=None if before is None else _find_id(store, before),
        limit=limit,
    )
    runs = [Run[Any](record, stack) for record in search(store, wanted)]
    return RunList(runs, name_quantities(wanted.conditions, wanted.order))


def _find_id(store: MetadataStore, run: Run[Any] | str) -> RunId:
    return run.id if isinstance(run, Run) else find_run_record(store, run).id


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
    if not recent:
        reason = "No run is recorded here yet."
        return RecordNotFoundError(kind="run", name=key, reason=reason, suggestion=_START_ONE)
    known = list(dict.fromkeys([*names, *(short_id(run.id) for run in recent)]))
    return RecordNotFoundError(kind="run", name=key, reason=reason, suggestion=suggest(key, known))
