"""Tags and notes: what people said of runs, artifacts and models afterwards."""

import unicodedata
from datetime import datetime
from enum import StrEnum

from whence.domain.frozen import frozen

LONGEST_TAG = 128
SWEEP_TAG = "sweep:"
"""Starts the tag that all runs of a sweep bear without being asked; the sweep's name follows."""

_NOT_PRINTED = {"Cc", "Cs"}  # control characters and lone surrogates


class AnnotationKind(StrEnum):
    """What an annotation is."""

    TAG = "tag"
    NOTE = "note"


@frozen
class AnnotationRecord:
    """A tag or a note; one that was taken back stays, with who did so and when."""

    id: str
    subject: str  # id of a run, an artifact or a model version, or the name of a model
    kind: AnnotationKind
    text: str
    who: str
    made_at: datetime
    withdrawn_at: datetime | None = None  # None while it holds
    withdrawn_by: str | None = None


def check_tag(tag: object) -> str:
    """Return a tag. Raises `ValueError`, in a sentence, for what cannot be one."""
    if not isinstance(tag, str) or not tag or len(tag) > LONGEST_TAG:
        msg = f"Give a text of 1 to {LONGEST_TAG} characters."
        raise ValueError(msg)
    if tag != tag.strip():
        msg = "Leave out spaces at its beginning and end: nobody sees them."
        raise ValueError(msg)
    if any(unicodedata.category(character) in _NOT_PRINTED for character in tag):
        msg = "Leave out line breaks and other control characters."
        raise ValueError(msg)
    return tag
