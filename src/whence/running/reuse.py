"""What one run reuses of earlier ones, and what it leaves for later ones."""

import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from whence.authoring.options import PipelineOptions
from whence.caching.accepted_changes import AcceptedChanges
from whence.caching.explain import load_fingerprint
from whence.caching.input_contents import (
    InputContent,
    describe_artifact,
    describe_collection,
    describe_output,
)
from whence.caching.leases import Leases
from whence.caching.lookup import CacheLookup, find_objection_to_filing
from whence.caching.remembered import remember_entries
from whence.caching.step_keys import (
    StepKey,
    compute_step_key,
    find_change,
    look_at_code_anew,
    texts_of,
)
from whence.domain.frozen import frozen
from whence.domain.ids import RunId, StepRunId
from whence.domain.records import CacheEntry, InputRecord, StepFinished
from whence.domain.status import StepStatus
from whence.engine.step_job import (
    CollectedInput,
    MissingInput,
    ProducedInput,
    StepInput,
)
from whence.graph.decisions import Decision
from whence.graph.interface import Argument
from whence.graph.plan import Plan, PlannedNode
from whence.interfaces.artifact_store import ArtifactStore
from whence.running.resumed_run import ResumedRun
from whence.running.run_records import Filing, reuse_step
from whence.running.step_checkpoints import StepCheckpoints
from whence.stacks.stack import Stack
from whence.values.canonical import compute_value_digest


@frozen
class Prepared:
    """A step whose inputs are there: its key, and what was decided of it."""

    step_key: StepKey
    decision: Decision
    not_filed: str | None  # why its outputs will serve no later run

    @property
    def digest(self) -> str:
        """The cache key."""
        return self.step_key.digest


class StepReuse:
    """Decides, for the steps of one run, what is reused; holds the leases on what is computed."""

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        run_id: RunId,
        options: PipelineOptions,
        resumed: ResumedRun | None = None,
    ) -> None:
        look_at_code_anew()
        self._run_id = run_id
        self._artifacts = stack.artifact_store
        self._lookup = CacheLookup(
            stack.metadata_store,
            stack.artifact_store,
            reuses=options.cache is not False,
            refresh=options.refresh,
        )
        every = plan.every_node
        self._lookup.prefetch([node.step for node in every.values()], len(every))
        self._accepted = AcceptedChanges(
            stack.metadata_store.list_acceptances(),
            functools.partial(load_fingerprint, stack.metadata_store),
        )
        self._leases = Leases(stack.metadata_store)
        self._remembered = remember_entries(stack.metadata_store)
        self._unrecorded: dict[str, CacheEntry] = {}  # what this run computed, until it is recorded
        self._kept_texts: set[str] = set()
        self._resumed = resumed
        first_run = run_id if resumed is None else resumed.first
        self._checkpoints = StepCheckpoints(stack.artifact_store, first_run)

    def prepare(self, node: PlannedNode, inputs: Mapping[str, StepInput]) -> Prepared:
        """Return the key of a step and what is decided of it."""
        contents = list(describe_inputs(node, inputs, self._artifacts))
        step_key = compute_step_key(node, contents, self._accepted.find_older_code)
        not_filed = find_objection_to_filing(node, step_key)
        decision = self._find_done(node, step_key) or self._lookup.decide(
            node, step_key, look=False
        )
        return Prepared(step_key, decision, not_filed)

    def _find_done(self, node: PlannedNode, step_key: StepKey) -> Decision | None:
        if self._resumed is None:
            return None
        return self._resumed.decide(node, step_key, self._lookup)

    def name_checkpoints(self, node: PlannedNode, prepared: Prepared) -> str:
        """Return the name under which a step that is computed keeps its checkpoints."""
        shared = self._lookup.find_objection(node, prepared.step_key) is None
        return self._checkpoints.name(node.name, prepared.digest, shared=shared)

    def secure(self, node: PlannedNode, prepared: Prepared) -> Prepared | None:
        """Return what holds of a step now: a hit, or this run's sole right to compute it.

        None, if another run computes it just now.
        """
        if prepared.decision.entry is not None or prepared.not_filed is not None:
            return prepared
        if not self._leases.take(prepared.digest):
            return None
        # Only now: who computed it before has recorded it before giving the lease back.
        decision = self._lookup.decide(node, prepared.step_key)
        if decision.entry is not None:
            self._leases.release([prepared.digest])
        return replace(prepared, decision=decision)

    def file(self, node: PlannedNode, status: StepStatus, prepared: Prepared) -> Filing:
        """Return what later runs need to reuse the outputs of a step that was computed."""
        not_filed = prepared.not_filed or find_change(node, prepared.step_key)
        if status is StepStatus.COMPLETED:
            self._checkpoints.end(prepared.digest, self.name_checkpoints(node, prepared))
        return Filing(
            prepared.digest,
            not_filed,
            reusable=status is StepStatus.COMPLETED and not_filed is None,
            key_parts=prepared.step_key.key.to_json(),
            texts=self._new_texts(prepared),
        )

    def remember(self, finished: StepFinished) -> None:
        """Keep what later runs of this process reuse, as soon as it is recorded."""
        key = finished.step.cache_key
        if finished.reusable and key is not None:
            self._unrecorded[key] = _entry_of(key, finished)

    def describe_hit(
        self,
        step_id: StepRunId,
        node: PlannedNode,
        prepared: Prepared,
        inputs: tuple[InputRecord, ...],
    ) -> StepFinished:
        """Return the record of a step whose outputs are those of an earlier step run.

        It bears its own key also where an accepted change led to the results of another one.
        """
        entry = prepared.decision.entry
        if entry is None:
            raise AssertionError  # a hit has one
        step = reuse_step(self._run_id, step_id, node, prepared.digest, entry.step_run_id)
        finished = StepFinished(step, inputs=inputs, outputs=entry.outputs, is_first=True)
        if entry.key == prepared.digest:
            return finished
        key_parts = prepared.step_key.key.to_json()
        return replace(finished, key_parts=key_parts, texts=self._new_texts(prepared))

    def _new_texts(self, prepared: Prepared) -> Mapping[str, str]:
        """Return the texts of a step's code that this run has not given to be recorded yet."""
        fingerprint = prepared.step_key.fingerprint
        if fingerprint.digest in self._kept_texts:
            return {}
        self._kept_texts.add(fingerprint.digest)
        return texts_of(fingerprint)

    def release(self, keys: Collection[str]) -> None:
        """Give back the leases on keys whose steps have ended and are recorded."""
        recorded = (self._unrecorded.pop(key, None) for key in keys)
        self._remembered.add(entry for entry in recorded if entry is not None)
        self._leases.release(keys)
        self._checkpoints.discard_recorded(keys)

    def close(self) -> None:
        """Give back all leases."""
        self._leases.close()


def _entry_of(key: str, finished: StepFinished) -> CacheEntry:
    """Return what later runs of this process reuse, as they would read it from the store."""
    step = finished.step
    ended_at = (step.started_at or datetime.now(UTC)) + timedelta(seconds=step.duration or 0)
    digests = {artifact.digest for artifact in finished.outputs}
    contents = {each.digest: each for each in finished.contents if each.digest in digests}
    measured = bool(finished.metrics)
    return CacheEntry(key, step.id, ended_at, tuple(finished.outputs), contents, measured)


def describe_inputs(
    node: PlannedNode, inputs: Mapping[str, StepInput], store: ArtifactStore
) -> Iterator[InputContent]:
    """Yield what a step takes, as its key sees it."""
    for name, given in inputs.items():
        argument = node.step.arguments[name]
        if isinstance(given, ProducedInput):  # by far the most frequent
            yield describe_output(argument, "", given.node, given.output, given.content, store)
        else:
            yield from _describe(argument, "", given, store)


def _describe(
    argument: Argument, path: str, given: StepInput, store: ArtifactStore
) -> Iterator[InputContent]:
    if isinstance(given, CollectedInput):
        yield describe_collection(argument, path, given.kind, len(given.items))
        for key, item in given.items:
            yield from _describe(argument, f"{path}[{key!r}]", item, store)
    elif isinstance(given, ProducedInput):
        yield describe_output(argument, path, given.node, given.output, given.content, store)
    elif isinstance(given, MissingInput):
        yield InputContent(argument.name, path, _NOTHING, None, "nothing: it did not come")
    else:
        yield describe_artifact(argument, path, given.artifact, given.shown)


_NOTHING = compute_value_digest(None)
