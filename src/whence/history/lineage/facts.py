"""What step runs of a lineage depend on beside artifacts: parameters, files, code, packages."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from whence.caching.past_runs import find_acceptances_used
from whence.caching.step_keys import CODE, code_of
from whence.domain.cache_keys import CacheKey, KeyPart, parse_cache_key
from whence.domain.ids import RunId, StepRunId
from whence.domain.records import AcceptanceRecord, StepRunRecord
from whence.errors import UnreadableArtifactError
from whence.fingerprint.parts import CodePart, Fingerprint, parse_fingerprint
from whence.history.lineage.graph import LineageGraph
from whence.interfaces.metadata_store import MetadataStore

_ARTIFACTS = {CODE, "input", "output", "parameter"}
"""Kinds of parts of a key that are told of elsewhere."""


class LineageFacts:
    """The recorded keys and code of all step runs of a lineage: a query each, when first needed."""

    def __init__(self, graph: LineageGraph, store: MetadataStore, met_in: RunId | None) -> None:
        self._graph = graph
        self._store = store
        self._met_in = met_in

    def parameters_of(self, step: StepRunRecord) -> Mapping[str, str]:
        """Return the parameters of a step run, as typed JSON, but for those that are files."""
        files = {part.name for part in self.files_of(step)}
        return {name: text for name, text in step.parameters.items() if name not in files}

    def files_of(self, step: StepRunRecord) -> Sequence[KeyPart]:
        """Return the files that were given as parameters."""
        return [part for part in self._parts_of(step) if part.kind == "file"]

    def environment_of(self, step: StepRunRecord) -> Sequence[KeyPart]:
        """Return the Python version, declared environment values and what else is in the key."""
        known = {*_ARTIFACTS, "file"}
        return [part for part in self._parts_of(step) if part.kind not in known]

    def code_of(self, step: StepRunRecord) -> Fingerprint | None:
        """Return the code that a step run ran, as far as it is recorded."""
        key = self._keys.get(step.cache_key or "")
        digest = code_of(key) if key is not None else None
        return self._codes.get(digest or "")

    def texts_of(self, parts: Sequence[CodePart]) -> Mapping[str, str]:
        """Return the source texts of code, by their digests."""
        return self._store.find_texts([each.text_digest for each in parts if each.text_digest])

    @cached_property
    def acceptances(self) -> Mapping[StepRunId, tuple[AcceptanceRecord, ...]]:
        """By which step runs' outputs were reused, though a change of code lies between."""
        found: dict[StepRunId, dict[str, AcceptanceRecord]] = {}
        for served, computed in self._served_by_others():
            if served.cache_key != computed.cache_key:
                used = {each.id: each for each in find_acceptances_used(served, self._store)}
                found.setdefault(computed.id, {}).update(used)
        return {name: tuple(used.values()) for name, used in found.items() if used}

    def _served_by_others(self) -> Iterator[tuple[StepRunRecord, StepRunRecord]]:
        steps = self._graph.records.steps
        here = self._store.list_steps(self._met_in) if self._met_in is not None else []
        for served in (*self._graph.records.reused, *here):
            if served.reused_from is not None and served.reused_from in steps:
                yield served, steps[served.reused_from].step

    def _parts_of(self, step: StepRunRecord) -> Sequence[KeyPart]:
        key = self._keys.get(step.cache_key or "")
        return key.parts if key is not None else ()

    @cached_property
    def _keys(self) -> Mapping[str, CacheKey]:
        steps = (self._graph.records.steps[each].step for each in self._graph.steps)
        wanted = {each.cache_key for each in steps if each.cache_key is not None}
        found: dict[str, CacheKey] = {}
        for digest, text in self._store.find_keys_parts(wanted).items():
            try:
                found[digest] = parse_cache_key(text)
            except UnreadableArtifactError:
                continue  # damaged: as if it were not there
        return found

    @cached_property
    def _codes(self) -> Mapping[str, Fingerprint]:
        wanted = {digest for key in self._keys.values() if (digest := code_of(key)) is not None}
        found: dict[str, Fingerprint] = {}
        for digest, text in self._store.find_texts(sorted(wanted)).items():
            try:
                found[digest] = parse_fingerprint(text)
            except UnreadableArtifactError:
                continue  # as above
        return found
