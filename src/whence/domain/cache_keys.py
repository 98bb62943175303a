"""Cache keys: what a step run's result depends on, part by part, and the one digest of it all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import attrgetter
from typing import Any

from blake3 import blake3

from whence.domain.frozen import frozen
from whence.errors import UnreadableArtifactError

CACHE_KEY_VERSION = 1
"""Raise it when what goes into a key, or how, changes: an old key must never match."""

_TAG = b"whence-cache-key-%d" % CACHE_KEY_VERSION
_fields_of = attrgetter("kind", "name", "digest")


@dataclass(frozen=True, slots=True, order=True)
class KeyPart:
    """One thing that a result depends on.

    Kind, name and digest are the key; *shown* is for people and never enters it. Several parts may
    share kind and name, as two helpers `scale` of two modules do.
    """

    kind: str  # "code", "parameter", "input", "output", "environment", "python", ...
    name: str  # unlike other parts of its kind, as far as it can be: `depth`, `train`, `scale`
    digest: str  # of the content: a fingerprint, a value's canonical bytes, an artifact's digest
    shown: str = field(default="", compare=False)  # a parameter's typed JSON, a package's version
    written: bytes = field(init=False, compare=False, repr=False)
    """Kind, name and digest, each preceded by its length: no two parts are written alike."""

    def __post_init__(self) -> None:
        kind, name, digest = map(_encode_text, _fields_of(self))
        fields = len(kind), kind, len(name), name, len(digest), digest
        object.__setattr__(self, "written", b"%d:%b%d:%b%d:%b" % fields)


@frozen
class CacheKey:
    """The digest under which a result may be found again, and the parts that it was made of."""

    digest: str
    parts: tuple[KeyPart, ...] = field(compare=False)

    def to_json(self) -> str:
        """Return the key as text; `parse_cache_key` gives it back."""
        parts = [[part.kind, part.name, part.digest, part.shown] for part in self.parts]
        return json.dumps({"digest": self.digest, "parts": parts}, separators=(",", ":"))


@frozen
class KeyDifference:
    """One part in which two keys differ; *old* or *new* is None where only the other has it."""

    kind: str
    name: str
    old: KeyPart | None
    new: KeyPart | None


def compute_cache_key(parts: Iterable[KeyPart]) -> CacheKey:
    """Return the key of a result that depends on *parts*, given in any order.

    Two keys are equal exactly when they are of one version and have the same parts.
    """
    ordered = tuple(sorted(parts, key=_fields_of))
    written = b"".join([b"%b:%d:" % (_TAG, len(ordered)), *[part.written for part in ordered]])
    return CacheKey("blake3:" + blake3(written).hexdigest(), ordered)


def _encode_text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # what a system names may hold surrogates


def parse_cache_key(text: str) -> CacheKey:
    """Return the key that was written by `to_json`. Raises `UnreadableArtifactError`.

    It keeps the digest that it was written with, also where that is of an older version.
    """
    try:
        return _from_plain(json.loads(text))
    except _FAULTS as error:
        raise _unreadable(error) from error


def parse_differing_parts(old: str, new: str) -> tuple[CacheKey, CacheKey]:
    """Return two written keys without the parts that both have; those are never made.

    `find_differences` finds the same between these as between the whole keys. Raises as
    `parse_cache_key` does.
    """
    try:
        before, after = json.loads(old), json.loads(new)
        common = _find_common(before["parts"], after["parts"])
        for plain in (before, after):
            plain["parts"] = [part for part in plain["parts"] if tuple(part[:3]) not in common]
        return _from_plain(before), _from_plain(after)
    except _FAULTS as error:
        raise _unreadable(error) from error


_FAULTS = (ValueError, TypeError, KeyError, RecursionError)


def _unreadable(error: Exception) -> UnreadableArtifactError:
    return UnreadableArtifactError(
        format="a cache key",
        reason=f"{type(error).__name__}: {error}",
        cure="A newer Whence wrote it, or it is damaged. Run the step again to replace it.",
    )


def _find_common(old: Sequence[Any], new: Sequence[Any]) -> set[tuple[str, ...]]:
    """Return what parts of two keys have in common; nothing where a key has one part twice."""
    before, after = ({tuple(part[:3]) for part in parts} for parts in (old, new))
    return before & after if (len(before), len(after)) == (len(old), len(new)) else set()


def find_differences(old: CacheKey, new: CacheKey) -> tuple[KeyDifference, ...]:
    """Return the parts in which two keys differ, sorted by kind and name.

    None differ exactly when the keys have the same parts. Of several parts under one kind and name,
    those that are equal are set aside before the others are matched.
    """
    before, after = _group_parts(old.parts), _group_parts(new.parts)
    found: list[KeyDifference] = []
    for name in sorted(before.keys() | after.keys()):
        pairs = _match_parts(before.get(name, []), after.get(name, []))
        found += [KeyDifference(*name, *pair) for pair in pairs]
    return tuple(found)


def _group_parts(parts: Iterable[KeyPart]) -> Mapping[tuple[str, str], list[KeyPart]]:
    groups: dict[tuple[str, str], list[KeyPart]] = {}
    for part in parts:
        groups.setdefault((part.kind, part.name), []).append(part)
    return groups


def _match_parts(
    old: Sequence[KeyPart], new: Sequence[KeyPart]
) -> list[tuple[KeyPart | None, KeyPart | None]]:
    """Return what is left of parts under one name when the equal ones are set aside, in pairs."""
    return list(zip_longest(_without(old, new), _without(new, old)))


def _without(parts: Sequence[KeyPart], others: Sequence[KeyPart]) -> list[KeyPart]:
    """Return *parts* with one left out for each equal one among *others*."""
    spare = list(others)
    kept: list[KeyPart] = []
    for part in parts:
        if part in spare:
            spare.remove(part)
        else:
            kept.append(part)
    return kept


def _from_plain(plain: Any) -> CacheKey:
    parts = tuple(_part_from_plain(*fields) for fields in plain["parts"])
    return CacheKey(_checked_text(plain["digest"]), parts)


def _part_from_plain(kind: Any, name: Any, digest: Any, shown: Any) -> KeyPart:
    return KeyPart(*map(_checked_text, (kind, name, digest, shown)))


def _checked_text(value: Any) -> str:
    if not isinstance(value, str):
        msg = f"{value!r} is not text"
        raise TypeError(msg)
    return value
