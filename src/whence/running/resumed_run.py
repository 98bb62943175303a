"""What a run that goes on from an earlier one need not do again."""

from collections.abc import Iterator
from functools import cached_property

from whence.caching.lookup import UNCACHED, WITHOUT_OUTPUTS, CacheLookup
from whence.caching.step_keys import StepKey
from whence.domain.contents import Content
from whence.domain.ids import RunId, short_id
from whence.domain.records import (
    ArtifactRecord,
    CacheEntry,
    RunRecord,
    StepArtifacts,
    StepRunRecord,
)
from whence.domain.status import StepStatus
from whence.graph.decisions import Decision, Verdict
from whence.graph.plan import PlannedNode
from whence.interfaces.metadata_store import MetadataStore

_OF_NO_OTHER_RUN = {None, UNCACHED, WITHOUT_OUTPUTS}
"""Why outputs may not be filed and still be those of their key, as far as this chain goes."""


class ResumedRun:
    """The completed steps of a run, and of those that it went on from itself.

    They are found by node and cache key: what has other code, parameters or inputs now is not done.
    """

    def __init__(self, store: MetadataStore, run: RunRecord) -> None:
        self._store = store
        self.chain = list(_follow(store, run))

    @property
    def run_id(self) -> RunId:
        """The run that is resumed."""
        return self.chain[0].id

    @property
    def first(self) -> RunId:
        """The run with which it all began."""
        return self.chain[-1].id

    def decide(self, node: PlannedNode, step_key: StepKey, lookup: CacheLookup) -> Decision | None:
        """Return the hit for a step that has completed, or None if it is to be looked at anew."""
        done = self._done.get((node.name, step_key.digest))
        if done is None or step_key.fingerprint.not_cacheable is not None:
            return None
        entry = self._make_entry(done)
        if entry is None or lookup.find_damage(entry) is not None:
            return None
        reason = f"it completed in run {short_id(done.run_id)}, from which this one goes on"
        return Decision(Verdict.HIT, (reason,), entry)

    @property
    def nodes(self) -> set[str]:
        """The nodes of the run that is resumed."""
        return {step.node for step in self._store.list_steps(self.run_id)}

    @cached_property
    def _done(self) -> dict[tuple[str, str], StepRunRecord]:
        return {
            (step.node, step.cache_key): step
            for run in reversed(self.chain)
            for step in self._store.list_steps(run.id)
            if step.cache_key is not None and _is_done(step)
        }

    @cached_property
    def _artifacts(self) -> dict[str, StepArtifacts]:
        return {
            step_run_id: around
            for run in self.chain
            for step_run_id, around in self._store.list_artifacts_of_steps(run.id).items()
        }

    def _make_entry(self, done: StepRunRecord) -> CacheEntry | None:
        """Return the outputs of a step run as those of its key; None where a record is lost."""
        around = self._artifacts.get(done.id)
        outputs = () if around is None else around.outputs
        contents = dict(self._find_contents(outputs))
        if any(output.digest not in contents for output in outputs):
            return None
        computed_by = done.reused_from or done.id
        made_at = done.started_at or self.chain[0].started_at
        return CacheEntry(str(done.cache_key), computed_by, made_at, outputs, contents)

    def _find_contents(self, outputs: tuple[ArtifactRecord, ...]) -> Iterator[tuple[str, Content]]:
        for output in outputs:
            content = self._store.find_content(output.digest)
            if content is not None:
                yield output.digest, content


def _is_done(step: StepRunRecord) -> bool:
    return step.status is StepStatus.COMPLETED and step.not_reused in _OF_NO_OTHER_RUN


def _follow(store: MetadataStore, run: RunRecord) -> Iterator[RunRecord]:
    """Yield a run, the one that it went on from, and so on."""
    following: RunRecord | None = run
    while following is not None:
        yield following
        following = None if following.resumes is None else store.find_run(following.resumes)
