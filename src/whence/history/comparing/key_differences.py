"""How the recorded keys of many step runs differ, read in a bounded number of queries."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from whence.caching.explain import (
    Change,
    describe_difference,
    find_code_changes,
    load_fingerprint,
)
from whence.caching.step_keys import CODE, code_of
from whence.domain.cache_keys import CacheKey, find_differences, parse_differing_parts
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
        self._keys = _load_keys(pairs, stores)
        self._texts = _Texts(stores)
        codes = {_codes_of(keys) for keys in self._keys.values()}
        self._texts.load(code for each in codes for code in each if code is not None)
        self._texts.load(digest for each in codes for digest in self._list_texts(*each))
        self._describe_code = functools.cache(self._find_code_changes)

    def are_known(self, pair: StepPair) -> bool:
        """Return whether it is recorded what both results depend on."""
        keys = _keys_of(pair)
        return None not in keys and (keys[0] == keys[1] or keys in self._keys)

    def find_changes(self, pair: StepPair) -> list[Change]:
        """Return what differs between two keys that are known, code down to its parts."""
        keys = self._keys.get(_keys_of(pair))
        found: list[Change] = []
        for difference in find_differences(*keys) if keys is not None else ():
            if difference.kind == CODE and keys is not None:
                found += self._describe_code(*_codes_of(keys))
            else:
                found += describe_difference(difference)
        return found

    def has_other_code(self, pair: StepPair) -> bool:
        """Return whether two step runs ran other code."""
        keys = self._keys.get(_keys_of(pair))
        return keys is not None and _codes_of(keys) != (None, None)

    def _find_code_changes(self, old: str | None, new: str | None) -> list[Change]:
        before, after = self._fingerprint(old), self._fingerprint(new)
        if before is None or after is None:
            return [Change(CODE, "", "its code changed")]
        return list(find_code_changes(before, after, self._texts))

    def _fingerprint(self, digest: str | None) -> Fingerprint | None:
        return None if digest is None else self._texts.fingerprint(digest)

    def _list_texts(self, old: str | None, new: str | None) -> set[str]:
        """Return which texts only one of two fingerprints has."""
        return _text_digests(self._fingerprint(old)) ^ _text_digests(self._fingerprint(new))


_KeyPair = tuple[CacheKey, CacheKey]
"""Two keys, without the parts that both have."""


def _keys_of(pair: StepPair) -> tuple[str | None, str | None]:
    return pair[0].cache_key, pair[1].cache_key


def _codes_of(keys: _KeyPair) -> tuple[str | None, str | None]:
    """Return the fingerprints of two keys; None where they are the same."""
    return code_of(keys[0]), code_of(keys[1])


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


def _load_keys(
    pairs: Iterable[StepPair], stores: Sequence[MetadataStore]
) -> dict[tuple[str | None, str | None], _KeyPair]:
    """Return the keys of pairs that have other keys, as far as they are recorded."""
    wanted = {_keys_of(pair) for pair in pairs}
    differing = [(one, other) for one, other in wanted if one and other and one != other]
    names = {name for keys in differing for name in keys}
    parts: dict[str, str] = {}
    for store in stores if names else ():
        parts.update(store.find_keys_parts(names))
    found: dict[tuple[str | None, str | None], _KeyPair] = {}
    for one, other in differing:
        if one in parts and other in parts:
            with suppress(UnreadableArtifactError):  # of a newer version, or damaged
                found[one, other] = parse_differing_parts(parts[one], parts[other])
    return found
