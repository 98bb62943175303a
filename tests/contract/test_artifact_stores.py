"""What every artifact store promises."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.artifact_stores.local import LocalArtifactStore
from whence.domain.contents import Content, describe_files, make_inline_content
from whence.errors import ContentMissingError, IntegrityError, InvalidOutputFilesError
from whence.interfaces.artifact_store import ArtifactStore

STORES: dict[str, Callable[[Path], ArtifactStore]] = {"local": LocalArtifactStore}


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """Return an empty store of each kind."""
    return STORES[request.param](tmp_path / "artifacts")


def keep(store: ArtifactStore, files: dict[str, bytes]) -> Content:
    """Write files as a step does, and commit them."""
    folder = store.open_staging()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return store.commit(folder)


def read(folder: Path) -> dict[str, bytes]:
    """Return the bytes of a folder's files, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_committed_folder_comes_back(store):
    """What a step wrote is read back byte by byte, in its folders."""
    files = {"a.bin": b"1", "deep/er/b.bin": b"", "ünïcode 名.txt": b"3" * 70_000}

    content = keep(store, files)

    assert read(store.fetch(content)) == files
    assert content.size == 70_001
    store.verify(content, full=True)


@given(
    files=st.dictionaries(
        st.from_regex(r"[a-z]{1,3}|[0-9]{1,3}/[A-Z]{1,3}", fullmatch=True),  # no file is a folder
        st.binary(max_size=50),
        min_size=1,
        max_size=4,
    )
)
def test_the_digest_is_that_of_the_same_files_kept_inline(tmp_path_factory, files):
    """A content has one digest, wherever it is kept."""
    store = LocalArtifactStore(tmp_path_factory.mktemp("store"))

    content = keep(store, files)

    assert content == make_inline_content(files)


def test_a_staging_folder_is_new_empty_and_private(store):
    """Each output is written in a place of its own that no other user can enter."""
    first, second = store.open_staging(), store.open_staging()

    assert first != second
    assert list(first.iterdir()) == []
    assert first.stat().st_mode & 0o777 == 0o700


def test_stored_files_are_read_only(store):
    """Nobody changes an artifact by mistake."""
    folder = store.fetch(keep(store, {"sub/a.bin": b"1"}))

    assert (folder / "sub/a.bin").stat().st_mode & 0o777 == 0o444
    assert (folder / "sub").stat().st_mode & 0o777 == 0o555
    assert folder.stat().st_mode & 0o777 == 0o555


def test_equal_content_is_kept_once(store):
    """Two steps that write the same bytes share one content, and leave no staging folder."""
    first = keep(store, {"a.bin": b"same"})
    folder = store.open_staging()
    (folder / "a.bin").write_bytes(b"same")
    second = store.commit(folder)

    assert first == second
    assert store.locate(first.digest) == store.locate(second.digest)
    assert not folder.exists()


def test_empty_folders_do_not_count(store):
    """A manifest knows files only, so an empty folder does not survive."""
    folder = store.open_staging()
    (folder / "empty/inner").mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"1")

    content = store.commit(folder)

    assert content == keep(store, {"a.bin": b"1"})
    assert [path.name for path in store.fetch(content).iterdir()] == ["a.bin"]


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _folder_link(path: Path) -> None:
    path.symlink_to("/etc", target_is_directory=True)


def _hard_link(path: Path) -> None:
    path.with_name("first").write_bytes(b"1")
    path.hardlink_to(path.with_name("first"))


def _socket(path: Path) -> None:
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


@pytest.mark.parametrize(
    ("make", "form"),
    [
        (_link, "a symbolic link"),
        (_folder_link, "a symbolic link"),
        (_hard_link, "hard links"),
        (os.mkfifo, "a named pipe"),
        (_socket, "a socket"),
    ],
)
def test_links_and_special_files_are_refused(store, make, form):
    """An artifact is plain files, so what is none is named and nothing is kept."""
    folder = store.open_staging()
    make(folder / "odd")

    with pytest.raises(InvalidOutputFilesError, match=form):
        store.commit(folder)
    assert not folder.exists()


@pytest.mark.parametrize("name", [b"a\\b", b"a\nb", b"caf\xe9"])
def test_names_that_mean_something_else_elsewhere_are_refused(store, name):
    """A name that another system cannot hold is refused when it is written, not when read."""
    folder = store.open_staging()
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"1")

    with pytest.raises(InvalidOutputFilesError, match="another name"):
        store.commit(folder)


def test_a_discarded_folder_is_gone(store):
    """What is not wanted leaves nothing behind."""
    folder = store.open_staging()
    (folder / "a.bin").write_bytes(b"1")

    store.discard(folder)

    assert not folder.exists()


def test_a_content_that_was_never_kept_is_missing(store):
    """A missing content is an error that says so, not an empty folder."""
    content = make_inline_content({"a.bin": b"1"})
    recorded = describe_files(content.files)

    with pytest.raises(ContentMissingError):
        store.verify(recorded)
    with pytest.raises(ContentMissingError):
        store.fetch(recorded)


def test_an_inline_content_is_unfolded_read_only(store):
    """A small value that lives in its record has a folder when asked for."""
    content = make_inline_content({"a/b.json": b"1", "c.json": b"2"})

    folder = store.fetch(content)

    assert read(folder) == {"a/b.json": b"1", "c.json": b"2"}
    assert (folder / "c.json").stat().st_mode & 0o777 == 0o444
    assert store.fetch(content) == folder


def test_altered_inline_bytes_are_found(store):
    """A record whose bytes were changed is refused."""
    good = make_inline_content({"a.json": b"1"})
    bad = Content(good.digest, good.size, good.files, {"a.json": b"2"})

    with pytest.raises(IntegrityError, match=r"a\.json"):
        store.verify(bad)
    with pytest.raises(IntegrityError):
        store.fetch(bad)


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out"])
def test_a_recorded_name_cannot_lead_out_of_the_store(store, tmp_path, name):
    """A forged record makes the store write nowhere else."""
    with pytest.raises(IntegrityError):
        store.fetch(make_inline_content({name: b"1"}))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("digest", ["", "blake3:../../etc", "sha256:00", "blake3:" + "A" * 64])
def test_a_forged_digest_has_no_address(store, digest):
    """Only digests have addresses."""
    with pytest.raises(IntegrityError, match="not a digest"):
        store.locate(digest)


def test_a_folder_from_elsewhere_is_not_taken(store, tmp_path):
    """The store moves and removes its own staging folders only."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for act in (store.commit, store.discard):
        with pytest.raises(ValueError, match="not a staging folder"):
            act(mine)
    assert mine.is_dir()


LARGE = b"3" * 70_000
LIST = {"index.json": b"{}", "0/a.bin": LARGE, "0/deep/b.bin": b"4", "1/a.bin": b"5"}


def test_a_part_is_the_content_that_it_would_be_alone(store):
    """A folder of a content has the digest and the files that it has when kept by itself."""
    whole = keep(store, LIST)
    alone = keep(store, {"a.bin": LARGE, "deep/b.bin": b"4"})

    part = store.take_part(whole, "0")

    assert part == alone
    assert read(store.fetch(part)) == {"a.bin": LARGE, "deep/b.bin": b"4"}
    store.verify(part, full=True)


def test_a_part_needs_nothing_to_be_there_before(store):
    """A folder of a content becomes a content of its own, and the whole stays what it was."""
    whole = keep(store, LIST)

    part = store.take_part(whole, "0")

    store.verify(part, full=True)
    store.verify(whole, full=True)
    assert read(store.fetch(part)) == {"a.bin": LARGE, "deep/b.bin": b"4"}


def test_a_small_part_is_kept_inline(store):
    """A part that is one small file carries its bytes, as it would have done alone."""
    part = store.take_part(keep(store, LIST), "1")

    assert part == make_inline_content({"a.bin": b"5"})
    assert part.inline == {"a.bin": b"5"}


def test_a_part_of_an_inline_content_is_inline(store):
    """A part can be taken of what the metadata store keeps, too."""
    part = store.take_part(make_inline_content({"0/a": b"1", "1/a": b"2"}), "1")

    assert part.inline == {"a": b"2"}


def test_a_folder_that_is_not_there_is_no_part(store):
    """Asking for a part that a content does not have is an error that names it."""
    with pytest.raises(ContentMissingError, match="'7'"):
        store.take_part(keep(store, LIST), "7")


def test_a_part_of_a_damaged_content_is_refused(store):
    """Of a content that is not as recorded no part is taken."""
    whole = keep(store, LIST)
    damaged = store.fetch(whole) / "1" / "a.bin"
    damaged.chmod(0o600)
    damaged.write_bytes(b"6")

    with pytest.raises(IntegrityError):
        store.take_part(whole, "1")
