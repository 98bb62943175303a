"""The local store's care for its files."""

import errno
import os
import threading
from pathlib import Path

import pytest

from whence.artifact_stores.durable_files import SMALL_BYTES
from whence.artifact_stores.local import HASH_FIRST_BYTES, LocalArtifactStore
from whence.domain.contents import Content
from whence.errors import ContentMissingError, IntegrityError, StoreUnavailableError

LARGE = SMALL_BYTES + 1000


@pytest.fixture
def store(tmp_path):
    """Return an empty store."""
    return LocalArtifactStore(tmp_path / "artifacts")


def keep(store: LocalArtifactStore, size: int = 1000, seed: bytes = b"x") -> Content:
    """Commit one file of equal bytes."""
    folder = store.open_staging()
    (folder / "a.bin").write_bytes(seed * size)
    return store.commit(folder)


def unlock(path: Path) -> Path:
    """Make a stored file writable."""
    path.parent.chmod(0o755)
    path.chmod(0o644)
    return path


def stored_file(store: LocalArtifactStore, content: Content) -> Path:
    """Return a content's one file, made writable."""
    return unlock(store.fetch(content) / "a.bin")


def replace_by(path: Path, make) -> None:
    """Put something else in the place of a file."""
    path.unlink()
    make(path)


def flip_a_bit(path: Path) -> None:
    """Change one bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    """Take the last byte away."""
    os.truncate(path, path.stat().st_size - 1)


def extend(path: Path) -> None:
    """Add a byte."""
    with path.open("ab") as file:
        file.write(b"!")


DAMAGES = {
    "bit": flip_a_bit,
    "cut": cut,
    "emptied": lambda path: path.write_bytes(b""),
    "extended": extend,
    "deleted": Path.unlink,
    "folder": lambda path: replace_by(path, Path.mkdir),
    "link": lambda path: replace_by(path, lambda at: at.symlink_to("/etc/passwd")),
    "pipe": lambda path: replace_by(path, os.mkfifo),
    "added": lambda path: path.with_name("b.bin").write_bytes(b"1"),
    "added link": lambda path: path.with_name("b.bin").symlink_to("/etc"),
}


@pytest.mark.parametrize("size", [1000, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_every_damage_is_found(store, damage, size):
    """Whatever happens to a stored file, nobody is given it as if it were whole."""
    content = keep(store, size)
    damage(stored_file(store, content))

    for act in (store.verify, store.fetch, lambda at: store.verify(at, full=True)):
        with pytest.raises(IntegrityError):
            act(content)


def test_a_large_file_changed_in_secret_is_found_by_a_full_check(store):
    """An edit that keeps size, mode and time passes the quick look, which is documented."""
    content = keep(store, LARGE)
    path = stored_file(store, content)
    status = path.stat()
    flip_a_bit(path)
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    store.verify(content)
    with pytest.raises(IntegrityError):
        store.verify(content, full=True)


def test_a_removed_folder_is_missing(store):
    """A content whose folder is gone is reported as missing, wherever the path breaks off."""
    content = keep(store)
    path = store.fetch(content)
    path.parent.rename(path.parent.with_name("moved"))

    with pytest.raises(ContentMissingError):
        store.verify(content)


def test_a_forged_list_of_files_is_found(store):
    """Files that the digest does not stand for are not looked up."""
    content = keep(store)
    forged = Content(content.digest, content.size, keep(store, seed=b"y").files)

    with pytest.raises(IntegrityError, match="list of files"):
        store.verify(forged)


@pytest.mark.parametrize("size", [1000, LARGE, HASH_FIRST_BYTES + 1000])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_writing_a_damaged_content_again_heals_it(store, damage, size):
    """Running the step again repairs the store, as the error says."""
    content = keep(store, size)
    damage(stored_file(store, content))

    assert keep(store, size) == content
    store.verify(content, full=True)
    assert (store.fetch(content) / "a.bin").read_bytes() == b"x" * size


def test_nothing_is_made_before_the_first_write(store):
    """Looking into a store leaves no trace."""
    assert store.uri.startswith("file:///")
    store.locate("blake3:" + "0" * 64)

    assert not store.root.exists()


def test_a_store_removed_while_in_use_is_made_again(store):
    """Removing the store by hand in the middle of a session does not break the session."""
    keep(store)
    store.root.rename(store.root.with_name("gone"))

    content = keep(store)

    store.verify(content, full=True)


def test_many_writers_of_one_content_do_no_harm(store):
    """Threads and stores that commit equal content at once all succeed."""
    stores = [LocalArtifactStore(store.root) for _ in range(4)]
    found: list[Content] = []
    barrier = threading.Barrier(8)

    def write(own: LocalArtifactStore) -> None:
        barrier.wait()
        found.extend(keep(own, seed=bytes([number])) for number in range(20))

    threads = [threading.Thread(target=write, args=(own,)) for own in [*stores, *stores]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 160
    assert len({content.digest for content in found}) == 20
    for content in found:
        store.verify(content, full=True)


@pytest.mark.parametrize(
    "failure",
    [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "quota"), (errno.EIO, "input/output")],
    ids=["full", "quota", "broken"],
)
@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("size", [1000, HASH_FIRST_BYTES + 1000], ids=["small", "large"])
def test_a_failing_disk_is_a_clean_failure(store, monkeypatch, failure, call, size):
    """When the disk fails at any flush, the commit fails, says why, and leaves nothing."""
    keep(store, seed=b"first")
    folder = store.open_staging()
    (folder / "a.bin").write_bytes(b"z" * size)
    (number, reason), flush, calls = failure, os.fsync, []

    def fail(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == call:
            raise OSError(number, os.strerror(number))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreUnavailableError, match=reason):
        store.commit(folder)

    assert len(calls) == call  # what failed once is never flushed again
    assert not folder.exists()
    monkeypatch.undo()
    store.verify(keep(store, size, seed=b"z"), full=True)


def test_a_store_that_cannot_be_made_says_so(tmp_path):
    """A store in a place that is no folder is an error with a cure."""
    (tmp_path / "file").write_text("1")

    with pytest.raises(StoreUnavailableError) as caught:
        LocalArtifactStore(tmp_path / "file/artifacts").open_staging()
    assert caught.value.describe()["fix"]


def test_a_url_names_a_folder(tmp_path):
    """A `file://` address leads to the same store, also with signs that URLs write otherwise."""
    store = LocalArtifactStore(tmp_path / "with space % and ü")

    assert LocalArtifactStore.from_url(store.uri).root == store.root
