"""Declaring changes of code harmless, and taking it back."""

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, overload

from whence.caching.accepted_changes import AcceptedChanges
from whence.caching.accepting import (
    ChangedCode,
    Harmless,
    find_changed_code,
    find_what_remains,
    select_part,
    select_step,
)
from whence.caching.explain import load_fingerprint
from whence.domain.ids import new_id, short_id
from whence.domain.records import AcceptanceChanged, AcceptanceRecord
from whence.errors import (
    AmbiguousNameError,
    InvalidSettingError,
    RecordNotFoundError,
    list_names,
    suggest,
)
from whence.graph.plan import Plan
from whence.history.frames import make_frame
from whence.history.lookups import SHORTEST_ID
from whence.history.people import find_user
from whence.history.reports.acceptance_report import report_acceptances
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.interfaces.metadata_store import MetadataStore
from whence.stacks.current import open_stack

if TYPE_CHECKING:
    import pandas as pd

_FACTS = ("id", "kind", "subject", "who", "reason", "made_at", "withdrawn_at", "withdrawn_by")


class AcceptanceList(Shown, Sequence[AcceptanceRecord]):
    """Changes that were declared harmless, oldest first."""

    def __init__(self, records: Sequence[AcceptanceRecord], notes: Sequence[str] = ()) -> None:
        self._records = tuple(records)
        self.notes = tuple(notes)

    @overload
    def __getitem__(self, index: int) -> AcceptanceRecord: ...
    @overload
    def __getitem__(self, index: slice) -> "AcceptanceList": ...
    def __getitem__(self, index: int | slice) -> "AcceptanceRecord | AcceptanceList":
        if isinstance(index, slice):
            return AcceptanceList(self._records[index])
        return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def to_dict(self) -> dict[str, Any]:
        """Return the acceptances as what JSON has."""
        return {
            "acceptances": [acceptance_to_dict(each) for each in self],
            "notes": list(self.notes),
        }

    def frame(self) -> "pd.DataFrame":
        """Return the acceptances as a DataFrame, one row each."""
        rows = [[getattr(each, name) for name in _FACTS] for each in self]
        return make_frame(_FACTS, rows, "AcceptanceList.frame()")

    def _report(self) -> Report:
        return report_acceptances(self._records, self.notes)


def acceptance_to_dict(acceptance: AcceptanceRecord) -> dict[str, Any]:
    """Return an acceptance as what JSON has."""
    withdrawn = acceptance.withdrawn_at
    return {
        "id": acceptance.id,
        "kind": acceptance.kind,
        "subject": acceptance.subject,
        "old": acceptance.old,
        "new": acceptance.new,
        "who": acceptance.who,
        "reason": acceptance.reason,
        "made_at": acceptance.made_at.isoformat(),
        "withdrawn_at": withdrawn.isoformat() if withdrawn is not None else None,
        "withdrawn_by": acceptance.withdrawn_by,
    }


def accept(  # noqa: PLR0913  # one thing is meant, in one of three ways
    plan: Plan,
    step: str | None = None,
    *,
    function: str | None = None,
    package: str | None = None,
    reason: str,
    who: str | None = None,
) -> AcceptanceList:
    """Declare a change of code harmless, so that results from before it serve the code of *plan*.

    Name either a step, for the whole change of its code; or a function (or class, or constant),
    for every step that reaches it; or a package, for its new version. What changed is seen against
    the nearest earlier run of each step that completed. Raises `NothingToAcceptError`.
    """
    checked_reason = _check_reason(reason)
    stack = open_stack()
    store = stack.metadata_store
    changed = find_changed_code(plan, _load_accepted(store), store, stack.artifact_store)
    found = _select(changed, step, function, package)
    moment, by = datetime.now(UTC), who or find_user()
    records = [
        AcceptanceRecord(
            new_id(), each.kind, each.subject, each.old, each.new, by, checked_reason, moment
        )
        for each in found
    ]
    stack.make_home()
    store.record([AcceptanceChanged(record) for record in records], durable=True)
    remains = find_what_remains(changed, _load_accepted(store))
    return AcceptanceList(records, [_describe_rest(*each) for each in remains.items()])


def _check_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidSettingError(
            setting="reason",
            value=reason,
            reason="Whoever meets a result that was reused so will want to know why.",
            cure="Say in a few words why the change cannot matter.",
        )
    return reason.strip()


def _load_accepted(store: MetadataStore) -> AcceptedChanges:
    return AcceptedChanges(store.list_acceptances(), functools.partial(load_fingerprint, store))


def _select(
    changed: Sequence[ChangedCode], step: str | None, function: str | None, package: str | None
) -> list[Harmless]:
    asked = [each for each in (step, function, package) if each is not None]
    if len(asked) != 1:
        names = list_names(list(dict.fromkeys(_changed_names(changed))))
        raise InvalidSettingError(
            setting="what to accept",
            value=", ".join(asked) or None,
            reason="It is a step, or a function, or a package: one of them.",
            cure=f"These changed: {names}." if names else "No code has changed.",
        )
    if step is not None:
        return select_step(changed, step)
    return select_part(changed, asked[0], is_package=package is not None)


def _changed_names(changed: Sequence[ChangedCode]) -> list[str]:
    parts = [change.name for each in changed for change in each.changes if change.name]
    return [*(f"step {each.node.name}" for each in changed), *parts]


def _describe_rest(node: str, remaining: Sequence[Any]) -> str:
    if not remaining:
        return f"Earlier results of '{node}' serve its new code now."
    return f"'{node}' still runs: {'; '.join(str(each) for each in remaining)}."


def list_acceptances(*, withdrawn: bool = False) -> AcceptanceList:
    """Return the changes that are held to be harmless, oldest first; on demand also past ones."""
    return AcceptanceList(open_stack().metadata_store.list_acceptances(withdrawn=withdrawn))


def withdraw(acceptance: str, *, who: str | None = None) -> AcceptanceRecord:
    """Take back an acceptance, given by its id or the last 6 or more characters of that.

    It stays recorded, with who withdrew it and when; results that were reused by it stay what they
    are, and are not reused by it again. Raises `RecordNotFoundError` and `AmbiguousNameError`.
    """
    store = open_stack().metadata_store
    found = _find(store, acceptance)
    if found.withdrawn_at is not None:
        return found
    record = replace(found, withdrawn_at=datetime.now(UTC), withdrawn_by=who or find_user())
    store.record([AcceptanceChanged(record)], durable=True)
    return record


def _find(store: MetadataStore, key: str) -> AcceptanceRecord:
    known = store.list_acceptances(withdrawn=True)
    found = [each for each in known if key and each.id.endswith(key.lower())]
    if len(found) > 1:
        candidates = ", ".join(f"{each.id} ({each.subject})" for each in found)
        raise AmbiguousNameError(
            name=key, kind="acceptance", count=len(found), candidates=candidates
        )
    if not found or len(key) < SHORTEST_ID:
        raise RecordNotFoundError(
            kind="acceptance",
            name=key,
            suggestion=suggest(key, [short_id(each.id) for each in known]),
        )
    return found[0]
