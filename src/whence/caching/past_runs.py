"""Why a past step run ran, or was reused: the same question as for a plan, asked of the records."""

import functools

from whence.caching.accepted_changes import AcceptedChanges
from whence.caching.explain import (
    Change,
    Explanation,
    explain_key,
    find_changes,
    load_code,
    load_fingerprint,
    load_key,
)
from whence.caching.step_keys import code_of
from whence.domain.cache_keys import CacheKey
from whence.domain.frozen import frozen
from whence.domain.records import AcceptanceRecord, StepRunRecord
from whence.domain.status import StepStatus
from whence.fingerprint.parts import Unresolved
from whence.interfaces.metadata_store import MetadataStore

_NOTHING = Explanation(None, ())


@frozen
class PastDecision:
    """How it came that a step ran, or that it was reused."""

    step_run: StepRunRecord
    key: CacheKey | None  # None where the step never came so far
    explanation: Explanation = _NOTHING  # of one that ran; of one reused, what was accepted
    origin: StepRunRecord | None = None  # of one that was reused: who computed it
    acceptances: tuple[AcceptanceRecord, ...] = ()  # by which it was reused
    same_key: StepRunRecord | None = None  # of one that ran: an earlier run under the same key
    unresolved: tuple[Unresolved, ...] = ()  # what the key cannot see


def explain_step_run(step_run: StepRunRecord, store: MetadataStore) -> PastDecision:
    """Return why a recorded step run ran or was reused, down to the parts of its code."""
    key = load_key(step_run, store)
    if key is None:
        return PastDecision(step_run, None)
    code = load_code(key, store)
    unresolved = tuple(code.unresolved) if code is not None else ()
    if step_run.reused_from is not None:
        origin = store.find_step(step_run.reused_from)
        return PastDecision(
            step_run,
            key,
            _explain_accepted(key, origin, store),
            origin,
            find_acceptances_used(step_run, store),
            unresolved=unresolved,
        )
    candidates = [
        each
        for each in store.list_step_runs(step=step_run.step, before=step_run.id)
        if each.status is StepStatus.COMPLETED and each.run_id != step_run.run_id
    ]
    same = next((each for each in candidates if each.cache_key == step_run.cache_key), None)
    explanation = _NOTHING if same else explain_key(key, code, candidates, store)
    return PastDecision(step_run, key, explanation, same_key=same, unresolved=unresolved)


def _explain_accepted(
    key: CacheKey, origin: StepRunRecord | None, store: MetadataStore
) -> Explanation:
    """Return the accepted changes between a reused step run and the one that computed it."""
    old = load_key(origin, store) if origin is not None else None
    if old is None or old.digest == key.digest:
        return _NOTHING
    changes: tuple[Change, ...] = tuple(find_changes(old, key, None, store))
    return Explanation(origin, changes)


def find_acceptances_used(
    step_run: StepRunRecord, store: MetadataStore
) -> tuple[AcceptanceRecord, ...]:
    """Return the acceptances through which a step run was reused; none where nothing differed."""
    origin = store.find_step(step_run.reused_from) if step_run.reused_from is not None else None
    if origin is None or origin.cache_key == step_run.cache_key:
        return ()
    key, old_key = load_key(step_run, store), load_key(origin, store)
    code = load_code(key, store) if key is not None else None
    if code is None or old_key is None:
        return ()
    accepted = AcceptedChanges(
        [each for each in store.list_acceptances(withdrawn=True) if _held(each, step_run)],
        functools.partial(load_fingerprint, store),
    )
    wanted = code_of(old_key)
    older = accepted.find_older_code(code)
    return next((each.acceptances for each in older if each.digest == wanted), ())


def _held(acceptance: AcceptanceRecord, step_run: StepRunRecord) -> bool:
    """Return whether an acceptance held when a step run was reused."""
    moment = step_run.started_at
    if moment is None or acceptance.made_at > moment:
        return False
    return acceptance.withdrawn_at is None or acceptance.withdrawn_at > moment
