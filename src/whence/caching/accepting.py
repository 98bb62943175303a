"""What changed in the code of a plan since the nearest earlier runs, and can be accepted."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from whence.caching.accepted_changes import WHOLE_STEP, AcceptedChanges
from whence.caching.earlier_inputs import EarlierInputs
from whence.caching.explain import Change, find_code_changes, load_code, load_key
from whence.caching.step_keys import code_of, compute_step_key, fingerprint_node
from whence.domain.cache_keys import CacheKey, find_differences
from whence.domain.frozen import frozen
from whence.domain.records import StepRunRecord
from whence.domain.status import StepStatus
from whence.errors import NothingToAcceptError, suggest
from whence.fingerprint.parts import Fingerprint
from whence.graph.plan import Plan, PlannedNode
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.metadata_store import MetadataStore

PACKAGE = "package"


@frozen
class ChangedCode:
    """A step whose code is not that of the nearest earlier run that completed."""

    node: PlannedNode
    code: Fingerprint
    old_code: Fingerprint
    earlier: StepRunRecord
    changes: tuple[Change, ...]


@frozen
class Harmless:
    """One change that is to be declared harmless."""

    kind: str
    subject: str
    old: str
    new: str


def find_changed_code(
    plan: Plan, accepted: AcceptedChanges, store: MetadataStore, artifacts: ArtifactStore
) -> tuple[ChangedCode, ...]:
    """Return the steps of *plan* whose code changed, as far as that is not accepted yet.

    What the inputs of a step hold is known only once others ran: its code is that which it would
    run with the inputs that it had.
    """
    inputs = EarlierInputs(plan, store, artifacts)
    steps = (node for node in plan.every_node.values() if node.template is None)
    found = (_find_change(node, inputs, accepted, store) for node in steps)
    return tuple(each for each in found if each is not None)


def _find_change(
    node: PlannedNode, inputs: EarlierInputs, accepted: AcceptedChanges, store: MetadataStore
) -> ChangedCode | None:
    nearest = _find_nearest(node, inputs, store)
    old_code = load_code(nearest.key, store) if nearest is not None else None
    if nearest is None or old_code is None:
        return None
    code = nearest.code
    if old_code.digest in {each.digest for each in accepted.find_older_code(code)}:
        return None  # asked twice, no change further back is accepted unseen
    changes = tuple(find_code_changes(old_code, code, store))
    return ChangedCode(node, code, old_code, nearest.step_run, changes)


class _Nearest(NamedTuple):
    step_run: StepRunRecord
    key: CacheKey
    code: Fingerprint  # which the step would run now, with the same inputs


def _find_nearest(
    node: PlannedNode, inputs: EarlierInputs, store: MetadataStore
) -> _Nearest | None:
    """Return the earlier run, of code other than its own now, that differs in fewest parts."""
    key = _key_without_inputs(node)
    nearest: tuple[int, _Nearest] | None = None
    for step_run in store.list_step_runs(step=node.step.name):
        earlier = load_key(step_run, store) if step_run.status is StepStatus.COMPLETED else None
        if earlier is None:
            continue
        code = fingerprint_node(node, list(inputs.describe(node, earlier)))
        if code_of(earlier) == code.digest:
            continue
        count = len(find_differences(earlier, key)) if key is not None else 0
        if nearest is None or count < nearest[0]:
            nearest = count, _Nearest(step_run, earlier, code)
    return nearest[1] if nearest is not None else None


def _key_without_inputs(node: PlannedNode) -> CacheKey | None:
    """Return the key of a step as far as it is known before others ran; they lack it alike."""
    try:
        return compute_step_key(node, (), lambda _: ()).key
    except OSError:  # a file that is given as a parameter cannot be read
        return None


# ------------------------------------------------------------------ what is meant


def select_step(changed: Sequence[ChangedCode], name: str) -> list[Harmless]:
    """Return the whole change of a step, named by its node or by itself."""
    meant = [each for each in changed if name in {each.node.name, each.node.step.name}]
    if not meant:
        names = list(dict.fromkeys(each.node.name for each in changed))
        raise _nothing_to_accept(WHOLE_STEP, name, names)
    return _without_repeats(
        Harmless(WHOLE_STEP, each.node.step.name, each.old_code.digest, each.code.digest)
        for each in meant
    )


def select_part(
    changed: Sequence[ChangedCode], name: str, *, is_package: bool = False
) -> list[Harmless]:
    """Return the change of one part of code, or of a package, for every step that reaches it."""
    shown = PACKAGE if is_package else "function"
    parts = [
        change
        for each in changed
        for change in each.changes
        if (change.kind == PACKAGE) == is_package and change.name
    ]
    meant = [each for each in parts if name in {each.name, each.name.rpartition(".")[2]}]
    exact = [each for each in meant if each.name == name] or meant
    if not exact:
        raise _nothing_to_accept(shown, name, list(dict.fromkeys(each.name for each in parts)))
    if len({each.name for each in exact}) > 1:
        raise _nothing_to_accept(shown, name, list(dict.fromkeys(each.name for each in exact)))
    return _without_repeats(_as_harmless(each) for each in exact)


def _as_harmless(change: Change) -> Harmless:
    if change.old_digest is None or change.new_digest is None:
        there = "is new" if change.old_digest is None else "is no longer used"
        reason = f"It {there}, so that there is nothing to compare it with."
        raise NothingToAcceptError(
            kind=change.kind,
            subject=change.name,
            reason=reason,
            cure="Accept the change of the whole step that reaches it: name the step.",
        )
    return Harmless(change.kind, change.name, change.old_digest, change.new_digest)


def _without_repeats(found: Iterator[Harmless]) -> list[Harmless]:
    return list(dict.fromkeys(found))


def _nothing_to_accept(kind: str, name: str, known: Sequence[str]) -> NothingToAcceptError:
    several = len([each for each in known if each.rpartition(".")[2] == name]) > 1
    return NothingToAcceptError(
        kind=kind,
        subject=name,
        reason="Several that changed end in this name."
        if several
        else "Against the nearest earlier runs that completed, it has not changed.",
        cure=suggest(name, known) if known else "Look at `whence plan`: it says what changed.",
    )


def find_what_remains(
    changed: Sequence[ChangedCode], accepted: AcceptedChanges
) -> dict[str, tuple[Change, ...]]:
    """Return, by node, what still keeps earlier results from serving; nothing, where they do."""
    remains: dict[str, tuple[Change, ...]] = {}
    for each in changed:
        older = accepted.find_older_code(each.code)
        if any(one.digest == each.old_code.digest for one in older):
            remains[each.node.name] = ()
            continue
        bridged = {(a.kind, a.new) for one in older for a in one.acceptances}
        remains[each.node.name] = tuple(
            change for change in each.changes if (change.kind, change.new_digest) not in bridged
        )
    return remains
