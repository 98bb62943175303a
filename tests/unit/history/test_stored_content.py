"""Contents given out: verified first, read by the materializer of their format."""

from pathlib import Path

import pytest
from tests.unit.history.recorded_runs import json_content

from whence.domain.artifacts import DataArtifact
from whence.domain.contents import Content, make_inline_content
from whence.errors import (
    ContentMissingError,
    FactNotKnownError,
    IntegrityError,
    UnknownFormatError,
    UnreadableArtifactError,
)
from whence.registry.stored_content import StoredContentSource


def open_content(stack, content, format_name="json/1"):
    """Return the artifact over a content."""
    source = StoredContentSource(content, format_name, stack.artifact_store)
    return DataArtifact.from_source(source)


def commit(stack, files):
    """Return the content of files that are in the store."""
    folder = stack.artifact_store.open_staging()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return stack.artifact_store.commit(folder)


def test_small_contents_are_read_without_touching_the_disk(stack):
    """An inline content gives its value and files, and nothing is written for it."""
    artifact = open_content(stack, json_content(3))

    assert artifact.read() == 3
    assert artifact.read_file("value.json") == b"3"
    assert artifact.uri == f"whence:{artifact.digest}"
    assert not (stack.home / "artifacts").exists()


def test_stored_contents_are_read_from_their_place(stack):
    """A content in the store gives its value, its address and its folder."""
    artifact = open_content(stack, commit(stack, {"value.json": b"[1,2]"}))

    assert artifact.read() == [1, 2]
    assert artifact.uri.startswith("file://")
    assert (artifact.path / "value.json").read_bytes() == b"[1,2]"
    assert artifact.size == 5


def test_a_path_view_is_the_one_file_or_the_folder(stack):
    """Read as a `Path`, an artifact of any format is its file; of several files, its folder."""
    one = open_content(stack, commit(stack, {"a.txt": b"a"}), None)
    two = open_content(stack, commit(stack, {"a.txt": b"a", "b.txt": b"b"}), "text/1")

    assert one.read(Path).read_text() == "a"
    assert sorted(each.name for each in two.read(Path).iterdir()) == ["a.txt", "b.txt"]


def test_altered_bytes_are_never_given_out(stack):
    """Damage is an error, whether the content is inline or in the store."""
    good = json_content(3)
    damaged = Content(good.digest, good.size, good.files, {"value.json": b"4"})
    stored = commit(stack, {"value.json": b"[1,2]"})
    file = stack.artifact_store.fetch(stored) / "value.json"
    file.chmod(0o644)
    file.write_bytes(b"[1,3]")

    for content in (damaged, stored):
        with pytest.raises(IntegrityError):
            open_content(stack, content).read()


def test_bytes_that_are_gone_are_missed(stack):
    """A content that is not in the store is an error that says so."""
    content = make_inline_content({"value.json": b"3"})
    elsewhere = Content(content.digest, content.size, content.files)

    with pytest.raises(ContentMissingError):
        open_content(stack, elsewhere).read()


def test_an_unknown_format_is_refused(stack):
    """A format that no materializer reads is an error that lists those that are known."""
    with pytest.raises(UnknownFormatError, match="json/1"):
        open_content(stack, json_content(3), "nonsense/1").read()


def test_only_the_files_of_an_artifact_can_be_read(stack):
    """A name that is not among the artifact's files leads nowhere, also not out of its folder."""
    artifact = open_content(stack, commit(stack, {"value.json": b"3"}))

    for name in ("other.json", "../../metadata.sqlite"):
        with pytest.raises(UnreadableArtifactError, match=r"value\.json"):
            artifact.read_file(name)


def test_a_step_cannot_ask_for_what_is_recorded_later(stack):
    """Producer and consumers are not known to a running step, and the error says when they are."""
    with pytest.raises(FactNotKnownError, match="after the run"):
        _ = open_content(stack, json_content(3)).producer
