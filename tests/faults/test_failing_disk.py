"""A disk that fails: no false success, earlier work stays whole, and the next run succeeds."""

import errno
import os
from pathlib import Path

import pytest
from tests.faults.run_module import run_module
from tests.faults.store_work import VALUES

from whence.artifact_stores.local import LocalArtifactStore
from whence.errors import StoreUnavailableError

pytestmark = pytest.mark.timeout(600)  # seconds; a busy machine takes many times as long


@pytest.mark.parametrize(
    "error",
    [
        pytest.param("EIO", marks=pytest.mark.heavy),
        pytest.param("ENOSPC", marks=pytest.mark.torture),
        pytest.param("EMFILE", marks=pytest.mark.torture),
        *("EDQUOT", "ENOLCK"),
    ],
)
def test_a_call_that_fails_ends_the_run_in_order_or_does_no_harm(error, tmp_path, capsys):
    """Whichever call of a run fails: it completes whole or says why not, and runs again after."""
    found = run_module("failing_disk", tmp_path, error)

    with capsys.disabled():
        for name, tally in found.items():
            print(f"\n{error} {name}: {sum(tally['hits'].values())} hits, {tally['ends']}", end="")
    assert [fault for tally in found.values() for fault in tally["faults"]] == []
    assert all(tally["hits"] for tally in found.values())


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_whose_writing_fails_is_never_kept_in_part(kind, tmp_path):
    """No materializer takes a failed write for a good one: what is kept has the right digest."""
    found = run_module("failing_disk", tmp_path, kind)

    assert [fault for tally in found.values() for fault in tally["faults"]] == []
    assert sum(sum(tally["hits"].values()) for tally in found.values()) > 1


def test_a_file_whose_flush_failed_is_never_flushed_again(tmp_path):
    """The system may have dropped what it could not write, so that a second flush would lie."""
    found = run_module("failing_disk", tmp_path, "flushes")

    assert found["again"] == []
    assert found["hits"] > 5


def test_a_content_whose_name_was_not_flushed_is_not_relied_on(tmp_path, monkeypatch):
    """It may vanish at the next power loss, so it is taken away again and nobody finds it."""
    store = LocalArtifactStore(tmp_path / "artifacts")
    folder = store.open_staging()
    (folder / "a.bin").write_bytes(b"1")
    flush, places = os.fsync, []

    def fail_in_shards(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        if len(place.name) == 2:
            places.extend(place.iterdir())
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fail_in_shards)
    with pytest.raises(StoreUnavailableError, match="input/output"):
        store.commit(folder)

    assert len(places) == 1
    assert not places[0].exists()
