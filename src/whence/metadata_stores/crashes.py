"""Did the process of a run that says it goes on die, and of what?"""

from datetime import datetime, timedelta

from whence.domain.records import ErrorRecord, RunCrashed, RunOwner, RunRecord
from whence.metadata_stores.presence_files import Sign

SILENT_SECONDS = 30
"""How long a run of another machine, whose locks may not be seen here, may be silent."""

_FORGOTTEN = timedelta(days=1)
"""How long a run may go on of which no process is known: versions up to 0.1 named none."""


def find_crash(run: RunRecord, sign: Sign, here: RunOwner, now: datetime) -> RunCrashed | None:
    """Return the crash of a run that is recorded as running, or None if it may go on."""
    if sign.is_present or _may_go_on_unseen(run, sign, here, now):
        return None
    last_heard = max(sign.last_heard or run.started_at, run.started_at)
    return RunCrashed(
        run.id,
        ended_at=last_heard,
        duration=(last_heard - run.started_at).total_seconds(),
        error=ErrorRecord("RunCrashed", _tell_cause(run.owner, here), traceback=""),
    )


def _may_go_on_unseen(run: RunRecord, sign: Sign, here: RunOwner, now: datetime) -> bool:
    if run.owner is None:
        return now - run.started_at < _FORGOTTEN
    if run.owner.boot == here.boot or sign.last_heard is None:
        return False
    return abs((now - sign.last_heard).total_seconds()) < SILENT_SECONDS


def _tell_cause(owner: RunOwner | None, here: RunOwner) -> str:
    if owner is None:
        return "It has not ended for a day, and the Whence that began it left no sign of life."
    process = f"process {owner.process} on {owner.host}"
    if owner.boot == here.boot:
        return f"Its {process} ended without a word: it was killed, or could record nothing more."
    if owner.host == here.host:
        return f"The machine was started anew while it went on in {process}."
    return f"It went on in {process}, of which nothing is heard on {here.host}."
