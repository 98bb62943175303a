"""The digest of a file or folder that is given as a parameter."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.caching.path_contents import digest_path, find_paths

LONG_AGO = 1_000_000_000  # seconds of the clock: a file this old has settled


def write(path, data, *, at=LONG_AGO):
    """Write a file as if it had been written then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at, at))
    return path


def test_equal_files_have_one_digest_wherever_they_lie(tmp_path):
    """Name, place and time are not content."""
    one = write(tmp_path / "a.txt", b"data")
    other = write(tmp_path / "sub/b.csv", b"data", at=LONG_AGO + 1)

    assert digest_path(one) == digest_path(other)


@given(st.lists(st.binary(min_size=3, max_size=3), min_size=1, max_size=6))
def test_each_content_has_its_digest_however_fast_it_is_written(tmp_path_factory, contents):
    """The same size and the same time of modification deceive nobody."""
    file = tmp_path_factory.mktemp("file") / "data"

    digests = [digest_path(write(file, content)) for content in contents]

    by_content = dict(zip(contents, digests, strict=True))
    assert len(set(by_content.values())) == len(by_content)
    assert [by_content[content] for content in contents] == digests


def test_a_file_is_no_folder_that_holds_it(tmp_path):
    """Nor is an empty folder an empty file."""
    (tmp_path / "empty").mkdir()
    file = write(tmp_path / "folder/data", b"data")
    paths = [file, file.parent, tmp_path / "empty", write(tmp_path / "none", b"")]

    assert len({digest_path(path) for path in paths}) == len(paths)


def test_names_inside_a_folder_count(tmp_path):
    """The same bytes under other names, or spread otherwise, are another folder."""
    for name, files in {
        "one": {"a": b"1", "b": b"2"},
        "swapped": {"a": b"2", "b": b"1"},
        "renamed": {"a": b"1", "c": b"2"},
        "deeper": {"a": b"1", "b/b": b"2"},
        "joined": {"a": b"12", "b": b""},
    }.items():
        for file, data in files.items():
            write(tmp_path / name / file, data)

    assert len({digest_path(folder) for folder in tmp_path.iterdir()}) == 5


def test_what_is_neither_file_nor_folder_is_refused(tmp_path):
    """A pipe has no content to be known by; reading it would wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="neither a file nor a folder"):
        digest_path(tmp_path / "pipe")


def test_records_inside_a_folder_are_not_part_of_it(tmp_path):
    """A project given as a folder is not changed by the runs that are recorded in it."""
    write(tmp_path / "data.csv", b"data")
    before = digest_path(tmp_path)
    write(tmp_path / ".whence/metadata.sqlite", b"rows")

    assert digest_path(tmp_path) == before


def test_paths_are_found_with_their_places(tmp_path):
    """Those that name nothing are plain values."""
    there = write(tmp_path / "a", b"")
    value = {"x": [there, tmp_path / "missing"], there: ({there},)}

    assert dict(find_paths(value, "sources")) == {
        "sources['x'][0]": there,
        f"sources{{{there!r}}}": there,
        f"sources[{there!r}][0]{{...}}": there,
    }
