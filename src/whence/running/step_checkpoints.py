"""Under which name a step keeps its checkpoints, and when they go."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress

from whence.domain.contents import hash_bytes
from whence.domain.ids import RunId
from whence.errors import StoreError
from whence.interfaces.artifact_store import ArtifactStore


class StepCheckpoints:
    """The names of one run's checkpoints.

    Work that other runs may reuse has the name of its cache key: whoever computes it next goes on
    from what is there. Other work belongs to its run and to those that resume it.
    """

    def __init__(self, store: ArtifactStore, first_run: RunId) -> None:
        self._store = store
        self._first_run = first_run
        self._over: defaultdict[str, list[str]] = defaultdict(list)  # names by cache key

    def name(self, node: str, digest: str, *, shared: bool) -> str:
        """Return the name for the work of a node under a cache key."""
        if shared:
            return digest.rpartition(":")[2]
        return hash_bytes(f"{self._first_run} {node} {digest}".encode())

    def end(self, digest: str, name: str) -> None:
        """Say that a step has completed; its checkpoints are needed until that is recorded."""
        self._over[digest].append(name)

    def discard_recorded(self, digests: Collection[str]) -> None:
        """Remove the checkpoints of steps that have completed, now that it is recorded."""
        for digest in digests:
            for name in self._over.pop(digest, ()):
                with suppress(StoreError, OSError):  # what stays is of no harm
                    self._store.open_checkpoints(name).discard()
