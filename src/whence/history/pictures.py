"""Stored pictures, to be shown where a report can show them."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from whence.domain.records import ArtifactRecord
from whence.errors import WhenceError
from whence.history.reports.report import Drawing
from whence.registry.stored_content import StoredContentSource
from whence.stacks.stack import Stack

MOST_PICTURES = 8
_FORMATS = {"figure/1", "image/1"}
_LARGEST = 4 << 20  # bytes of a picture that is worth sending to a page


def find_pictures(artifacts: Iterable[ArtifactRecord], stack: Stack) -> tuple[Drawing, ...]:
    """Return the pictures among some artifacts; their bytes are read when they are shown."""
    found = [each for each in artifacts if each.format in _FORMATS and each.size <= _LARGEST]
    return tuple(
        Drawing(each.name, partial(_read_picture, each, stack)) for each in found[:MOST_PICTURES]
    )


def _read_picture(artifact: ArtifactRecord, stack: Stack) -> bytes | None:
    with suppress(WhenceError, OSError):  # what cannot be read is still listed
        content = stack.metadata_store.find_content(artifact.digest)
        if content is not None and len(content.files) == 1:
            source = StoredContentSource(content, artifact.format, stack.artifact_store)
            return source.read_file(content.files[0].name)
    return None
