"""Changes of code that somebody declared harmless: results of the old code serve the new."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from whence.domain.frozen import frozen
from whence.domain.records import AcceptanceRecord
from whence.fingerprint.parts import CodePart, Fingerprint

WHOLE_STEP = "step"
"""The kind of an acceptance for all code of one step; others name the kind of one part of it."""

_MOST_LOOKED_AT = 32
"""How many codes are followed back; what is accepted is in general one chain of a few."""


@frozen
class OlderCode:
    """Code whose results serve newer code, by way of acceptances: the newest change first."""

    digest: str
    acceptances: tuple[AcceptanceRecord, ...]


@frozen
class _Code:
    """Code on the way back: a fingerprint in which some parts are held to be older ones."""

    digest: str
    fingerprint: Fingerprint | None  # None where nothing is recorded of it but its digest
    replaced: Mapping[tuple[str, str], str]  # contents of its parts, by kind and real content
    acceptances: tuple[AcceptanceRecord, ...]


class AcceptedChanges:
    """Knows, of the code of a step, which older code gives results that serve it as well.

    *load_code* gives a recorded fingerprint by its digest.
    """

    def __init__(
        self,
        acceptances: Sequence[AcceptanceRecord],
        load_code: Callable[[str], Fingerprint | None] = lambda _: None,
    ) -> None:
        self._newest_first = sorted(acceptances, key=lambda each: each.made_at, reverse=True)
        self._load_code = load_code

    def find_older_code(self, fingerprint: Fingerprint) -> tuple[OlderCode, ...]:
        """Return the codes whose results serve a step with this fingerprint.

        What was accepted last is undone first, so that the codes come in the order of their
        history, backwards. Each comes once, and never that of *fingerprint* itself.
        """
        if not self._newest_first:
            return ()
        seen = {fingerprint.digest}
        start = _Code(fingerprint.digest, fingerprint, {}, ())
        found = list(self._follow(start, seen))
        return tuple(OlderCode(each.digest, each.acceptances) for each in found)

    def _follow(self, code: _Code, seen: set[str]) -> Iterator[_Code]:
        for acceptance in self._newest_first:
            older = self._undo(acceptance, code)
            if older is None or older.digest in seen or len(seen) > _MOST_LOOKED_AT:
                continue
            seen.add(older.digest)
            yield older
            yield from self._follow(older, seen)

    def _undo(self, acceptance: AcceptanceRecord, code: _Code) -> _Code | None:
        """Return the code before an accepted change, if it is one of this code."""
        path = (*code.acceptances, acceptance)
        if acceptance.kind == WHOLE_STEP:
            if acceptance.new != code.digest:
                return None
            return _Code(acceptance.old, self._load_code(acceptance.old), {}, path)
        if code.fingerprint is None:
            return None
        changed = {
            (part.kind, part.content): acceptance.old
            for part in code.fingerprint.parts
            if part.kind == acceptance.kind and _content_of(part, code.replaced) == acceptance.new
        }
        if not changed:
            return None
        replaced = {**code.replaced, **changed}
        digest = code.fingerprint.digest_with(lambda part: _content_of(part, replaced))
        return replace(code, digest=digest, replaced=replaced, acceptances=path)


def _content_of(part: CodePart, replaced: Mapping[tuple[str, str], str]) -> str:
    return replaced.get((part.kind, part.content), part.content)
