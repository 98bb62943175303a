"""`TextMaterializer`: text, character for character."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from whence.artifacts import DataArtifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers import TextMaterializer


@example("a\r\nb\rc\n\u2028\ufeff\0")
@settings(max_examples=500)
@given(st.text())
def test_text_comes_back_character_for_character(text):
    """Any text is the same after it was written and read, with its line ends as they were."""
    materializer = TextMaterializer()

    assert materializer.decode(materializer.encode(text)) == text


def test_file_holds_the_text_and_nothing_else(tmp_path):
    """The file is the text in UTF-8: no mark before it, no line end after it."""
    artifact = DataArtifact(tmp_path / "note")
    TextMaterializer().write("é\r\n", artifact)

    assert (artifact.path / "text.txt").read_bytes() == b"\xc3\xa9\r\n"
    assert TextMaterializer().read(artifact, str) == "é\r\n"


class Shout(str):
    """A string of a type of its own."""

    __slots__ = ()


@pytest.mark.parametrize("value", ["\ud800", Shout("a"), b"a", 3, None])
def test_other_values_are_refused(value):
    """What is not a plain string, or has no form in UTF-8, is refused."""
    with pytest.raises(NotStorableError):
        TextMaterializer().encode(value)


def test_bytes_that_are_no_text_are_refused():
    """A file that is not UTF-8 is unreadable, not text with replacements."""
    with pytest.raises(UnreadableArtifactError, match="UTF-8"):
        TextMaterializer().decode(b"\xff")


def test_text_is_read_as_text_only():
    """Asking for another type than `str` is an error that names it."""
    with pytest.raises(UnreadableArtifactError, match="int"):
        TextMaterializer().decode(b"3", int)
