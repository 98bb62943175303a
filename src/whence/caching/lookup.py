"""Finds what a step can reuse, and makes sure that it is there."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from whence.caching.remembered import remember_entries
from whence.caching.step_keys import StepKey
from whence.domain.node_names import without_items
from whence.domain.records import AcceptanceRecord, CacheEntry
from whence.errors import StoreError
from whence.graph.decisions import Decision, Verdict
from whence.graph.interface import StepOptions, StepSpec
from whence.graph.plan import PlannedNode
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.metadata_store import MetadataStore

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MOST_AHEAD = timedelta(minutes=1)  # that clocks of machines which share a store may differ
_MOST_PREFETCHED = 120_000
UNCACHED = "the step says cache=False"
WITHOUT_OUTPUTS = "it has no outputs and runs for its effect"
_NOTHING_STORED = ("nothing is stored under its key",)


class CacheLookup:
    """Decides for one run, or one plan, what is reused.

    *reuses* is false for a run that computes everything again; *refresh* names nodes that do.
    """

    def __init__(
        self,
        metadata_store: MetadataStore,
        artifact_store: ArtifactStore,
        *,
        reuses: bool = True,
        refresh: Collection[str] = (),
    ) -> None:
        self._metadata = metadata_store
        self._artifacts = artifact_store
        self._reuses = reuses
        self._refresh = refresh
        self._remembered = remember_entries(metadata_store)
        self._known: Mapping[str, CacheEntry] = {}
        self._found: dict[str, CacheEntry] = {}  # by a look of its own

    def prefetch(self, steps: Iterable[StepSpec], count: int) -> None:
        """Load the newest entries of some steps at once, for a plan of *count* nodes."""
        if self._reuses:
            limit = min(count + 100, _MOST_PREFETCHED)
            self._known = self._remembered.load({step.name for step in steps}, limit)

    def decide(self, node: PlannedNode, step_key: StepKey, *, look: bool = True) -> Decision:
        """Return whether the outputs of *node* are reused. A hit exists and verifies.

        Without *look*, only what was loaded already is considered.
        """
        because = self.find_objection(node, step_key)
        if because is not None:
            return Decision(Verdict.MISS, (because,))
        objections: list[str] = []
        for entry, acceptances in self._find(step_key, look=look):
            because = find_expiry(node.options, entry) or self.find_damage(entry)
            if because is None:
                reasons = tuple([describe_acceptance(each) for each in acceptances])
                return Decision(Verdict.HIT, reasons, entry)
            objections.append(because)
        return Decision(Verdict.MISS, tuple(objections[:1]) or _NOTHING_STORED)

    def find_objection(self, node: PlannedNode, step_key: StepKey) -> str | None:
        """Return why nothing is looked up for *node*, or None."""
        if not self._reuses:
            return "this run reuses nothing"
        if self._refresh and {node.name, without_items(node.name)}.intersection(self._refresh):
            return "it is to be refreshed"
        return find_objection_to_filing(node, step_key)

    def _find(
        self, step_key: StepKey, *, look: bool
    ) -> list[tuple[CacheEntry, tuple[AcceptanceRecord, ...]]]:
        """Return what is stored under the step's own key, then under those accepted for it."""
        known = self._find_loaded(step_key.digest)
        if known is not None and not step_key.accepted:  # by far the most frequent
            return [(known, ())]
        candidates = [
            (step_key.digest, ()),
            *[(each.key.digest, each.acceptances) for each in step_key.accepted],
        ]
        if look:
            unknown = [key for key, _ in candidates if self._find_loaded(key) is None]
            self._found.update(self._metadata.find_cache_entries(unknown) if unknown else {})
        return [
            (entry, acceptances)
            for key, acceptances in candidates
            if (entry := self._find_loaded(key)) is not None
        ]

    def _find_loaded(self, key: str) -> CacheEntry | None:
        return self._known.get(key) or self._found.get(key)

    def find_damage(self, entry: CacheEntry) -> str | None:
        """Return why the outputs of an entry cannot be used, or None."""
        if self._remembered.is_sound(entry):
            return None
        damage = self._verify(entry)
        if damage is None:
            self._remembered.call_sound(entry)
        return damage

    def _verify(self, entry: CacheEntry) -> str | None:
        for output in entry.outputs:
            content = entry.contents.get(output.digest)
            if content is None:
                return f"the stored output '{output.name}' is not recorded"
            if content.collected_at is not None:
                moment = f"{content.collected_at.astimezone():%Y-%m-%d %H:%M}"
                return f"the stored output '{output.name}' was deleted by gc or doctor on {moment}"
            if content.condemned:
                return f"the stored output '{output.name}' is being deleted by gc"
            try:
                self._artifacts.verify(content)
            except StoreError as error:
                said = error.describe()
                because = said["why"] or said["what"]
                return f"the stored output '{output.name}' cannot be used: {because}"
        return None


def find_objection_to_filing(node: PlannedNode, step_key: StepKey) -> str | None:
    """Return why the outputs of *node* serve no other run, or None."""
    if node.options.cache is False:
        return UNCACHED
    if not node.step.outputs and node.options.cache is not True:
        return WITHOUT_OUTPUTS
    return step_key.fingerprint.not_cacheable


def find_expiry(options: StepOptions, entry: CacheEntry) -> str | None:
    """Return that an entry is too old, if a step says how long its results stay good."""
    if not isinstance(options.cache, str):
        return None
    age = datetime.now(UTC) - entry.created_at
    if age < -_MOST_AHEAD:
        return "the stored result is of a time to come: a clock was wrong, so its age is unknown"
    if age <= parse_duration(options.cache):
        return None
    return f"the stored result is older than {options.cache}"


def describe_acceptance(acceptance: AcceptanceRecord) -> str:
    """Return who accepted which change, and why, as one sentence."""
    return (
        f"the change of {acceptance.kind} {acceptance.subject} was accepted by {acceptance.who}: "
        f"{acceptance.reason}"
    )


def parse_duration(text: str) -> timedelta:
    """Return a duration such as `7d`, `8h` or `1.5m`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text)
    if found is None:
        raise ValueError(text)
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])
