"""One computation per key: who computes a key holds a lease on it and keeps it alive.

A holder that dies blocks nobody for longer than one lease.
"""

import os
import threading
from collections.abc import Collection
from contextlib import suppress

from whence.domain.ambient import Ambient
from whence.domain.ids import new_id
from whence.errors import StoreError
from whence.interfaces.metadata_store import MetadataStore

LEASE_SECONDS = 10.0
lease_length: Ambient[float] = Ambient("whence_lease_length")
"""Seconds that a lease lasts in the runs of a context, instead of `LEASE_SECONDS`."""

_BEATS_PER_LEASE = 4


class Leases:
    """The keys that one run computes just now."""

    def __init__(self, store: MetadataStore) -> None:
        self._store = store
        self._lease_seconds = lease_length.get() or LEASE_SECONDS
        self._holder = f"{os.getpid()}:{new_id()}"
        self._held: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._heart: threading.Thread | None = None

    def take(self, key: str) -> bool:
        """Take the sole right to compute *key*; false if somebody alive, or this run, has it."""
        with self._lock:
            if key in self._held:
                return False
        if not self._store.reserve(key, self._holder, self._lease_seconds).is_mine:
            return False
        with self._lock:
            self._held.add(key)
        if self._heart is None:
            self._heart = threading.Thread(target=self._beat, name="whence-leases", daemon=True)
            self._heart.start()
        return True

    def release(self, keys: Collection[str]) -> None:
        """Give keys back: their outputs are recorded, or will not come.

        Where the store cannot do that now, they come free when their leases end.
        """
        with self._lock:
            mine = self._held.intersection(keys)
            self._held -= mine
        with suppress(StoreError, OSError):
            self._store.release(sorted(mine), self._holder)

    def close(self) -> None:
        """Give everything back."""
        self._closing.set()
        if self._heart is not None:
            self._heart.join()
        self.release(tuple(self._held))

    def _beat(self) -> None:
        while not self._closing.wait(self._lease_seconds / _BEATS_PER_LEASE):
            with self._lock:
                held = sorted(self._held)
            if held:
                self._renew(held)

    def _renew(self, held: list[str]) -> None:
        with suppress(
            StoreError, OSError
        ):  # the next beat tries again; at worst a key is computed twice
            self._store.renew(held, self._holder, self._lease_seconds)
