"""Changes of code that somebody declared harmless: results of the old code serve the new."""

from collections.abc import Mapping, Sequence

from whence.domain.records import AcceptanceRecord
from whence.fingerprint.parts import CodePart, Fingerprint
from whence.graph.interface import StepSpec

WHOLE_STEP = "step"


class AcceptedChanges:
    """Gives the code digest that counts, after what was accepted.

    A chain of acceptances leads back to the oldest code; a circle (there and back) to the least.
    """

    def __init__(self, acceptances: Sequence[AcceptanceRecord]) -> None:
        self._by_step = {(a.subject, a.new): a.old for a in acceptances if a.kind == WHOLE_STEP}
        self._by_part = {(a.kind, a.new): a.old for a in acceptances if a.kind != WHOLE_STEP}

    def digest_for(self, step: StepSpec, fingerprint: Fingerprint) -> str:
        """Return the digest of the code that *step* is held to have."""
        digest = fingerprint.digest
        if self._by_part:
            digest = fingerprint.digest_with(self._substitute)
        return _follow({new: old for (name, new), old in self._by_step.items() if name == step.name}, digest)

    def _substitute(self, part: CodePart) -> str:
        kind = part.kind
        return _follow({new: old for (of, new), old in self._by_part.items() if of == kind}, part.digest)


def _follow(older: Mapping[str, str], digest: str) -> str:
    seen = [digest]
    while (before := older.get(seen[-1])) is not None:
        if before in seen:
            return min(seen[seen.index(before) :])
        seen.append(before)
    return seen[-1]
