"""`PathMaterializer`: files and folders that a step has made."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.artifacts import DataArtifact
from whence.domain.contents import make_inline_content
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers import PathMaterializer

NAMES = st.text(st.characters(categories=["L", "N"], max_codepoint=127), min_size=1, max_size=8)
TREES = st.dictionaries(
    st.lists(NAMES.map(str.lower), min_size=1, max_size=2).map("/".join),
    st.binary(max_size=50),
    min_size=1,
    max_size=5,
)


def files_below(folder):
    """Return the bytes of each file, by its relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_file_comes_back_under_its_name(tmp_path):
    """The path that is read is of a copy, with the name and the bytes of the file."""
    source = tmp_path / "flights.csv"
    source.write_bytes(b"a,b\r\n1,2\r\n")
    artifact = DataArtifact(tmp_path / "artifact")
    PathMaterializer().write(source, artifact)
    source.unlink()

    copy = PathMaterializer().read(artifact, Path)

    assert (copy.name, copy.read_bytes()) == ("flights.csv", b"a,b\r\n1,2\r\n")


@settings(max_examples=100)
@given(TREES)
def test_folder_comes_back(tmp_path_factory, tree):
    """A folder of any files comes back with the same files, and the same digest each time."""
    base = tmp_path_factory.mktemp("folder")
    digests = set()
    for attempt in ("first", "second"):
        source = base / attempt
        tree = write_tree(source, tree)
        artifact = DataArtifact(base / f"{attempt}-artifact")
        PathMaterializer().write(source, artifact)

        assert files_below(PathMaterializer().read(artifact)) == tree
        digests.add(make_inline_content(files_below(artifact.path)).digest)

    assert len(digests) == 1


def write_tree(folder, tree):
    """Write what can be written of a tree, where a file and a folder have no name in common."""
    folders = {name.partition("/")[0] for name in tree if "/" in name}
    written = {name: data for name, data in tree.items() if name not in folders}
    for name, data in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return written


def test_folder_with_one_file_stays_a_folder(tmp_path):
    """A folder that holds one file is read as the folder, not as the file."""
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "a.txt").write_text("a")
    artifact = DataArtifact(tmp_path / "artifact")
    PathMaterializer().write(tmp_path / "made", artifact)

    assert files_below(PathMaterializer().read(artifact)) == {"a.txt": b"a"}


def make_link(path):
    """Make a folder that holds a link to a file."""
    path.mkdir()
    (path / "real").write_text("a")
    (path / "link").symlink_to("real")


def make_pipe(path):
    """Make a named pipe, from which reading would wait for ever."""
    os.mkfifo(path)


def make_odd_name(path):
    """Make a folder that holds a file whose name is no Unicode."""
    path.mkdir()
    (path / "\udcff").write_text("a")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_link, "a link"),
        (make_pipe, "neither a file nor a folder"),
        (make_odd_name, "no Unicode"),
        (Path.mkdir, "no file in it"),
        (lambda path: path.symlink_to("elsewhere"), "a link"),
        (lambda _: None, "No such file"),
    ],
)
def test_what_is_no_plain_file_is_refused(tmp_path, make, reason):
    """Links, pipes, odd names, empty folders and missing files are refused before any is copied."""
    make(tmp_path / "made")
    artifact = DataArtifact(tmp_path / "artifact")

    with pytest.raises(NotStorableError, match=reason):
        PathMaterializer().write(tmp_path / "made", artifact)

    assert not artifact.path.exists()


def test_text_is_not_taken_for_a_path(tmp_path):
    """A string that looks like a path is refused: it may be meant as text."""
    with pytest.raises(NotStorableError, match="not a Path"):
        PathMaterializer().write(__file__, DataArtifact(tmp_path / "artifact"))


@pytest.mark.parametrize("names", [[], ["a", "b"], ["other/a"]])
def test_folder_of_another_shape_is_unreadable(tmp_path, names):
    """A folder that was not written by this materializer is refused."""
    write_tree(tmp_path / "artifact", dict.fromkeys(names, b""))

    with pytest.raises(UnreadableArtifactError, match="neither one file nor one folder"):
        PathMaterializer().read(DataArtifact(tmp_path / "artifact"))


def test_files_are_not_read_as_other_types(tmp_path):
    """Asking for another type than a path is an error that names it."""
    with pytest.raises(UnreadableArtifactError, match="int"):
        PathMaterializer().read(DataArtifact(tmp_path), int)
