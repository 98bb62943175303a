"""Leases on the keys that a run computes."""

import threading

import pytest

from whence.caching.leases import Leases, lease_length
from whence.domain.records import Reservation
from whence.errors import StoreUnavailableError


class Reservations:
    """Keeps reservations in memory, as a store that may be out of reach."""

    def __init__(self):
        self.holders = {}
        self.renewed = threading.Semaphore(0)
        self.out_of_reach = False

    def reserve(self, key, holder, lease_seconds):
        """Take a key that nobody has."""
        taken_by = self.holders.setdefault(key, holder)
        return Reservation(key, taken_by, is_mine=taken_by == holder, seconds_left=lease_seconds)

    def renew(self, keys, holder, lease_seconds):
        """Say that it was renewed."""
        self.renewed.release()
        self._answer()

    def release(self, keys, holder):
        """Give keys back."""
        self._answer()
        for key in keys:
            del self.holders[key]

    def _answer(self):
        if self.out_of_reach:
            raise StoreUnavailableError(store="store", location="", act="read", reason="", cure="")


@pytest.fixture
def store():
    """A store of reservations."""
    return Reservations()


def test_a_key_has_one_holder(store):
    """Whoever comes second gets it after the first gave it back."""
    one, other = Leases(store), Leases(store)

    assert one.take("key")
    assert not other.take("key")
    one.release(["key", "of another"])
    assert other.take("key")
    one.close()
    other.close()
    assert store.holders == {}


def test_a_run_takes_a_key_once(store):
    """Two equal steps of one run are not both computed."""
    leases = Leases(store)

    assert leases.take("key")
    assert not leases.take("key")
    leases.close()


def test_what_is_held_is_renewed_until_it_is_given_back(store):
    """A long step keeps its lease, also past a moment when the store is out of reach."""
    with lease_length.entered(0.01):
        leases = Leases(store)
    leases.take("key")
    assert store.renewed.acquire(timeout=60)
    store.out_of_reach = True
    assert store.renewed.acquire(timeout=60)
    assert store.renewed.acquire(timeout=60)
    leases.close()


def test_a_store_that_cannot_be_reached_does_not_fail_a_release(store):
    """The work is done and recorded; the lease ends by itself."""
    leases = Leases(store)
    leases.take("key")
    store.out_of_reach = True

    leases.close()

    assert list(store.holders) == ["key"]
    store.out_of_reach = False
    assert not Leases(store).take("key")
