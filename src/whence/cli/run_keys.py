"""Which run is meant: an id, its last characters, a name, `last` or `last~2`."""

import re
from typing import Any

from whence.errors import RecordNotFoundError
from whence.history.lookups import find_run, list_runs
from whence.history.models.versions import ModelVersion, find_model
from whence.history.runs import Run

_RELATIVE = re.compile(r"(?:last|latest)(?:~(\d{1,6}))?")


def find_compared(key: str) -> Run[Any] | ModelVersion:
    """Return the run, or the version of a model, that *key* means."""
    try:
        return find_meant_run(key)
    except RecordNotFoundError:
        if "@" not in key:
            raise
        return find_model(key)


def is_relative(key: str) -> bool:
    """Return whether *key* counts from the newest run: `last`, or `last~2`."""
    return _RELATIVE.fullmatch(key) is not None


def find_meant_run(key: str) -> Run[Any]:
    """Return the run that *key* means. Raises `RecordNotFoundError` and `AmbiguousNameError`."""
    relative = _RELATIVE.fullmatch(key)
    if relative is None:
        return find_run(key)
    back = int(relative[1] or 0)
    newest = list_runs(limit=back + 1)
    if len(newest) <= back:
        raise RecordNotFoundError(
            kind="run",
            name=key,
            reason=_tell_count(len(newest)),
            suggestion="List them: whence runs" if newest else "Start one: whence run FILE.py",
        )
    return newest[back]


def _tell_count(count: int) -> str:
    if count == 0:
        return "No run is recorded here yet."
    return (
        "Only one run is recorded here." if count == 1 else f"Only {count} runs are recorded here."
    )
