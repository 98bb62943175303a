"""Results of earlier runs in one plan: each name means one artifact, wherever it is used."""

from collections.abc import Callable
from itertools import count
from typing import Self

from whence.domain.artifacts import Artifact, FreeSource
from whence.domain.earlier_results import EarlierName
from whence.domain.ids import ArtifactId
from whence.errors import FactNotKnownError
from whence.graph.bindings import Given

Recall = Callable[[str], Artifact | None]
"""Gives what a name was settled to mean before; None for a name that is new."""


class EarlierInputs:
    """What the names of earlier results mean in a plan, settled when each is first met."""

    def __init__(self, recall: Recall | None = None) -> None:
        self._recall = recall
        self._settled: dict[str, Artifact] = {}
        self._met: dict[str, Artifact] = {}
        self._stand_for: dict[str, str] = {}  # by name, the digest of what was first given as it

    def for_another_plan(self) -> Self:
        """Return the same meanings, of which another plan meets its own."""
        other = type(self)(self._recall)
        other._settled = self._settled  # noqa: SLF001  # its own class makes it
        other._stand_for = self._stand_for  # noqa: SLF001  # as above
        return other

    def find(self, name: str) -> Artifact | None:
        """Return what a name means, if that is settled."""
        found = self._settled.get(name)
        if found is None and self._recall is not None:
            found = self._recall(name)
        return None if found is None else self._meet(name, found)

    def settle(self, name: str, artifact: Artifact) -> Artifact:
        """Return what a name means: *artifact*, unless it is settled otherwise.

        Two that were asked for by one name, and are not the same, were looked up at two times
        before the body ran: each is itself, and the later is known as `delay (2)`.
        """
        for number in count(2):
            found = self.find(name)
            first = self._stand_for.setdefault(name, artifact.digest)
            if found is None:
                return self._meet(name, artifact)
            if artifact.digest in {first, found.digest}:
                return found
            name = f"{name.removesuffix(f' ({number - 1})')} ({number})"
        raise AssertionError  # there are numbers enough

    def _meet(self, name: str, artifact: Artifact) -> Artifact:
        self._settled[name] = self._met[name] = artifact
        return artifact

    def take(self, artifact: Artifact) -> Given:
        """Return an artifact that a body uses as a binding."""
        named = _find_name(artifact)
        if named is None:
            return Given(artifact)
        settled = self.settle(named.name, artifact)
        return Given(settled, _find_name(settled))

    def list_ids(self) -> dict[str, ArtifactId]:
        """Return the artifact that each name means which this plan has met."""
        return {
            name: ArtifactId(str(artifact.source.fact("id")))
            for name, artifact in self._met.items()
        }


def _find_name(artifact: Artifact) -> EarlierName | None:
    if isinstance(artifact.source, FreeSource):
        return None
    try:
        return artifact.source.fact("earlier_name")
    except FactNotKnownError:  # of what came from another process, no more is known
        return None
