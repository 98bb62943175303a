"""How the recorded keys of many step runs differ, read in a bounded number of queries."""

import functools
from collections.abc import Iterable, Mapping, Sequence

from whence.caching.explain import (
    Change,
    describe_difference,
    find_code_changes,
    load_fingerprint,
)
from whence.caching.step_keys import CODE, code_of
from whence.domain.cache_keys import CacheKey, find_differences, parse_cache_key
from whence.domain.records import StepRunRecord
from whence.errors import UnreadableArtifactError
from whence.fingerprint.parts import Fingerprint
from whence.interfaces.metadata_store import MetadataStore

StepPair = tuple[StepRunRecord, StepRunRecord]
"""A step run of the first run, and one of another."""


class KeyDifferences:
    """What differs in the keys of pairs of step runs.

    All keys are read at once, then all code, then the source texts of what differs.
    """

    def __init__(self, pairs: Iterable[StepPair], stores: Sequence[MetadataStore]) -> None:
        wanted = [
            step.cache_key
            for pair in pairs
            if pair[0].cache_key != pair[1].cache_key
            for step in pair
            if step.cache_key is not None
        ]
        self._keys = _load_keys(wanted, stores)
        self._texts = _Texts(stores)
        self._texts.load(code for key in self._keys.values() if (code := code_of(key)) is not None)
        self._load_texts_that_differ(pairs)
        self._describe_code = functools.cache(self._find_code_changes)

    def are_known(self, pair: StepPair) -> bool:
        """Return whether it is recorded what both results depend on."""
        one, other = pair
        if one.cache_key is None or other.cache_key is None:
            return False
        if one.cache_key == other.cache_key:
            return True
        return one.cache_key in self._keys and other.cache_key in self._keys

    def find_changes(self, pair: StepPair) -> list[Change]:
        """Return what differs between two keys that are known, code down to its parts."""
        one, other = pair
        if one.cache_key == other.cache_key or one.cache_key is None or other.cache_key is None:
            return []
        old, new = self._keys[one.cache_key], self._keys[other.cache_key]
        found: list[Change] = []
        for difference in find_differences(old, new):
            if difference.kind == CODE:
                found += self._describe_code(code_of(old), code_of(new))
            else:
                found += describe_difference(difference)
        return found

    def has_other_code(self, pair: StepPair) -> bool:
        """Return whether two step runs ran other code."""
        keys = [self._keys.get(step.cache_key or "") for step in pair]
        return len({code_of(key) for key in keys if key is not None}) > 1

    def _find_code_changes(self, old: str | None, new: str | None) -> list[Change]:
        before, after = self._fingerprint(old), self._fingerprint(new)
        if before is None or after is None:
            return [Change(CODE, "", "its code changed")]
        return list(find_code_changes(before, after, self._texts))

    def _fingerprint(self, digest: str | None) -> Fingerprint | None:
        return None if digest is None else self._texts.fingerprint(digest)

    def _load_texts_that_differ(self, pairs: Iterable[StepPair]) -> None:
        wanted: set[str] = set()
        for codes in {self._codes(pair) for pair in pairs}:
            if len(set(codes)) > 1:
                one, other = (_text_digests(self._fingerprint(code)) for code in codes)
                wanted |= one ^ other
        self._texts.load(wanted)

    def _codes(self, pair: StepPair) -> tuple[str | None, str | None]:
        one, other = (self._keys.get(step.cache_key or "") for step in pair)
        return (one and code_of(one), other and code_of(other))


def _text_digests(code: Fingerprint | None) -> set[str]:
    parts = code.parts if code is not None else ()
    return {part.text_digest for part in parts if part.text_digest is not None}


class _Texts:
    """Source texts that were read from their stores already."""

    def __init__(self, stores: Sequence[MetadataStore]) -> None:
        self._stores = stores
        self._known: dict[str, str] = {}
        self.fingerprint = functools.cache(self._fingerprint)

    def load(self, digests: Iterable[str]) -> None:
        """Read texts, with one query for each store."""
        wanted = list(set(digests) - self._known.keys())
        for store in self._stores if wanted else ():
            self._known.update(store.find_texts(wanted))

    def find_texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """Return those texts that were read."""
        return {digest: self._known[digest] for digest in digests if digest in self._known}

    def _fingerprint(self, digest: str) -> Fingerprint | None:
        try:
            return load_fingerprint(self, digest)
        except UnreadableArtifactError:
            return None


def _load_keys(wanted: Sequence[str], stores: Sequence[MetadataStore]) -> dict[str, CacheKey]:
    found: dict[str, CacheKey] = {}
    for store in stores if wanted else ():
        for name, parts in store.find_keys_parts(wanted).items():
            try:
                found[name] = parse_cache_key(parts)
            except UnreadableArtifactError:  # of a newer version, or damaged
                continue
    return found
