"""What this process need not read again: cache entries that it has read or recorded itself.

They hold as long as nobody else writes to the store, which the store can tell.
"""

from collections.abc import Collection, Iterable, Mapping
from weakref import WeakKeyDictionary

from whence.domain.records import CacheEntry
from whence.interfaces.metadata_store import MetadataStore

_MOST_ENTRIES = 120_000
_MOST_BYTES = 32 * 1024 * 1024  # of what small outputs hold


class RememberedEntries:
    """The newest entries of some steps of one store, for all runs of this process."""

    def __init__(self, store: MetadataStore) -> None:
        self._store = store
        self._version: object = None
        self._forget()

    def load(self, steps: Collection[str], limit: int) -> Mapping[str, CacheEntry]:
        """Return entries by key, among them the newest *limit* of steps of these names.

        What is added later is in the mapping that was returned as well.
        """
        version = self._store.find_version()
        if version is None or version != self._version or self._is_full:
            self._forget()
        self._version = version
        missing = sorted(set(steps) - self._steps)
        if missing:
            self._keep(self._store.list_cache_entries_like(missing, limit).values())
            self._steps |= set(missing)
        return self._entries

    def is_sound(self, entry: CacheEntry) -> bool:
        """Return whether the bytes of *entry* are in memory and were found to be right."""
        return self._sound.get(entry.key) is entry

    def call_sound(self, entry: CacheEntry) -> None:
        """Keep that *entry* was verified, if its bytes are in memory, where they cannot change."""
        if all(content.inline is not None for content in entry.contents.values()):
            self._sound[entry.key] = entry

    def add(self, entries: Iterable[CacheEntry]) -> None:
        """Keep entries that this process has recorded."""
        if not self._is_full:
            self._keep(entries)

    @property
    def _is_full(self) -> bool:
        return len(self._entries) > _MOST_ENTRIES or self._bytes > _MOST_BYTES

    def _keep(self, entries: Iterable[CacheEntry]) -> None:
        for entry in entries:
            self._entries[entry.key] = entry
            self._bytes += sum(
                content.size for content in entry.contents.values() if content.inline is not None
            )

    def _forget(self) -> None:
        """Begin anew; a run that goes on keeps the entries that it was given."""
        self._entries: dict[str, CacheEntry] = {}
        self._steps: frozenset[str] = frozenset()  # whose newest entries were read
        self._sound: dict[str, CacheEntry] = {}
        self._bytes = 0


_by_store: "WeakKeyDictionary[MetadataStore, RememberedEntries]" = WeakKeyDictionary()


def remember_entries(store: MetadataStore) -> RememberedEntries:
    """Return what this process remembers of *store*."""
    return _by_store.setdefault(store, RememberedEntries(store))
