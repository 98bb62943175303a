"""What is said of the difference between two keys."""

import pytest

from whence.caching.explain import describe_place, find_changes, find_code_changes
from whence.domain.cache_keys import KeyPart, compute_cache_key
from whence.fingerprint.parts import CodePart, Fingerprint, combine_parts
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.values.typed_json import encode


@pytest.fixture
def store(tmp_path):
    """Return a store in which nothing is recorded."""
    return SqliteMetadataStore(tmp_path / "none.sqlite")


def part(name: str, content: str, kind: str = "function", **facts: object) -> CodePart:
    """Return a part of code whose text is its content."""
    return CodePart(kind, name, f"{name} {content}", text_digest=content, content=content, **facts)


def code(*parts: CodePart, frame: str = "frame") -> Fingerprint:
    """Return a fingerprint, with the texts of its parts."""
    texts = {each.content: f"{each.content}\n" for each in parts}
    contents = [each.content for each in parts]
    return Fingerprint(combine_parts(frame, contents), parts, texts=texts, frame=frame)


def sentences(old: list[KeyPart], new: list[KeyPart], store) -> list[str]:
    """Return what is said of two keys."""
    keys = compute_cache_key(old), compute_cache_key(new)
    return [str(each) for each in find_changes(*keys, None, store)]


def test_changed_code_is_named_with_place_and_diff(store):
    """Of a helper that changed it is said where it stands, and what changed in it."""
    old = code(part("fit", "a"), part("features.scale", "x * 2"))
    new = code(
        part("fit", "a"), part("features.scale", "x + x", file="/f.py", first_line=3, last_line=4)
    )
    (change,) = find_code_changes(old, new, store)

    assert str(change) == "function features.scale changed in /f.py, lines 3-4"
    assert change.diff == "@@ -1 +1 @@\n-x * 2\n+x + x"


def test_a_package_shows_its_versions(store):
    """Of a package, both versions are told."""
    old = code(part("numpy", "v1", "package", shown="1.26.4"))
    new = code(part("numpy", "v2", "package", shown="2.0.1"))
    (change,) = find_code_changes(old, new, store)

    assert str(change) == "package numpy 1.26.4 → 2.0.1"


def test_code_that_came_or_went_is_named(store):
    """A helper that is called for the first time, or no more, is a change of its own."""
    old, new = code(part("fit", "a"), part("old", "b")), code(part("fit", "a"), part("new", "c"))
    found = [str(each) for each in find_code_changes(old, new, store)]

    assert found == ["function new is new", "function old is no longer used"]


def test_moved_code_is_no_change(store):
    """A helper that lies in another module now is not what made the difference."""
    old = code(part("a.scale", "x"), part("fit", "1"))
    new = code(part("b.scale", "x"), part("fit", "2"))

    assert [each.name for each in find_code_changes(old, new, store)] == ["fit"]


def test_code_that_moved_and_changed_is_one_change(store):
    """A helper that lies elsewhere now and does something else is not one gone and one new."""
    old = code(part("a.scale", "x * 2"), part("fit", "1"))
    new = code(part("b.scale", "x + x", file="/b.py", first_line=3, last_line=4), part("fit", "1"))
    (change,) = find_code_changes(old, new, store)

    assert str(change) == "function b.scale changed in /b.py, lines 3-4"
    assert change.diff == "@@ -1 +1 @@\n-x * 2\n+x + x"


def test_of_two_that_may_have_moved_none_is_taken_for_it(store):
    """Where two helpers of one name are gone, it is not guessed which of them the new one was."""
    old = code(part("a.scale", "1"), part("b.scale", "2"))
    new = code(part("c.scale", "3"))

    assert [str(each) for each in find_code_changes(old, new, store)] == [
        "function c.scale is new",
        "function a.scale is no longer used",
        "function b.scale is no longer used",
    ]


def test_code_that_stands_deeper_is_told_apart_by_its_words(store):
    """Of a helper that was indented, the diff shows only the lines that say something else."""
    old = code(part("f", "def f():\n    a()\n    return 1"))
    new = code(part("f", "    def f():\n        a()\n        return 2"))
    (change,) = find_code_changes(old, new, store)

    assert change.diff.splitlines()[1:] == [
        " def f():",
        "     a()",
        "-    return 1",
        "+    return 2",
    ]


def test_what_no_part_shows_is_said_too(store):
    """Where all parts are equal, it is said that they hang together otherwise."""
    (change,) = find_code_changes(code(part("f", "a")), code(part("f", "a"), frame="x"), store)

    assert str(change) == "its code is put together otherwise"


def test_parameters_are_explained_field_by_field(store):
    """Of a nested parameter, the path that differs is named with both values."""
    old = encode({"model": {"depth": 6, "rate": 0.1}})
    new = encode({"model": {"depth": 8, "rate": 0.1}})
    found = sentences(
        [KeyPart("parameter", "cfg", "1", old)], [KeyPart("parameter", "cfg", "2", new)], store
    )

    assert found == ["parameter cfg.model.depth 6 → 8"]


def test_inputs_name_their_producers(store):
    """Of an input with other content it is said where it comes from."""
    old, new = (
        KeyPart("input", "train", "1", "split.train"),
        KeyPart("input", "train", "2", "split.train"),
    )

    assert sentences([old], [new], store) == ["input train: new digest, from split.train"]


def test_other_parts_are_told_in_words(store):
    """Files, environment values, Python, and what came or went have sentences of their own."""
    old = [
        KeyPart("file", "data", "1", encode("data.csv")),
        KeyPart("environment", "REGION", "1", "eu"),
        KeyPart("python", "", "3.11", "3.11"),
        KeyPart("parameter", "gone", "1", "1"),
    ]
    new = [
        KeyPart("file", "data", "2", encode("data.csv")),
        KeyPart("environment", "REGION", "2", "us"),
        KeyPart("python", "", "3.12", "3.12"),
        KeyPart("parameter", "come", "1", "1"),
    ]

    assert sentences(old, new, store) == [
        "environment REGION eu → us",
        "parameter data: the file 'data.csv' has other content",
        "parameter come is new: 1",
        "parameter gone is gone",
        "Python 3.11 → 3.12",
    ]


def test_a_place_below_the_working_directory_is_short(tmp_path, monkeypatch):
    """A file of the project is named as seen from where one works."""
    monkeypatch.chdir(tmp_path)
    here = part("f", "a", file=str(tmp_path / "pkg" / "f.py"), first_line=7, last_line=7)

    assert describe_place(here) == "pkg/f.py, line 7"
