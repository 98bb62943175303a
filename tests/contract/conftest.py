"""Every metadata store, for the tests of what all of them promise."""

import pytest
from tests.contract.metadata_store_kinds import STORES


@pytest.fixture(params=STORES)
def kind(request) -> str:
    """Return the kind of store that is tested."""
    return request.param


@pytest.fixture
def store(kind, tmp_path):
    """Return an empty store."""
    store = STORES[kind](tmp_path)
    yield store
    store.close()
