"""`BytesMaterializer`: bytes as they are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.artifacts import DataArtifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers import BytesMaterializer


@settings(max_examples=500)
@given(st.binary())
def test_bytes_come_back(data):
    """Any bytes are the same after they were written and read."""
    materializer = BytesMaterializer()

    again = materializer.decode(materializer.encode(data))

    assert (type(again), again) == (bytes, data)


def test_file_holds_the_bytes(tmp_path):
    """The file is the bytes and nothing else."""
    artifact = DataArtifact(tmp_path / "image")
    BytesMaterializer().write(b"\x89PNG", artifact)

    assert (artifact.path / "data.bin").read_bytes() == b"\x89PNG"
    assert BytesMaterializer().read(artifact) == b"\x89PNG"


@pytest.mark.parametrize("view", [bytearray, memoryview, bytearray | None])
def test_reader_may_ask_for_a_buffer(view):
    """The bytes can be read as a `bytearray` or a `memoryview`."""
    seen = BytesMaterializer().decode(b"abc", view)

    assert isinstance(seen, view)
    assert bytes(seen) == b"abc"


@pytest.mark.parametrize("value", [bytearray(b"a"), memoryview(b"a"), "a", None])
def test_what_would_come_back_as_bytes_is_refused(value):
    """Only `bytes` are written, since the file does not say what they were."""
    with pytest.raises(NotStorableError, match="come back as bytes"):
        BytesMaterializer().encode(value)


def test_bytes_are_not_read_as_other_types():
    """Asking for another type is an error that names it."""
    with pytest.raises(UnreadableArtifactError, match="str"):
        BytesMaterializer().decode(b"a", str)
