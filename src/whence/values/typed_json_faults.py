"""The two faults of typed JSON: a value that would not come back, a text that holds none."""

from typing import Any

from whence.errors import NotStorableError, UnreadableArtifactError
from whence.values.type_forms import type_name

FORMAT = "typed JSON"
_LONGEST_PLACE = 120  # characters of a path that a message shows


def refuse(value: Any, reason: str, cure: str) -> NotStorableError:
    """Return the error for a value that cannot be written so that it comes back as it is."""
    subject = f"A value of type '{type_name(type(value))}'"
    return NotStorableError(where="", subject=subject, format=FORMAT, reason=reason, cure=cure)


def unreadable(*, reason: str) -> UnreadableArtifactError:
    """Return the error for a text that `encode` never writes."""
    cure = "Read it with the code that wrote it, or run the step that made it again."
    return UnreadableArtifactError(where="", format=FORMAT, reason=reason, cure=cure)


def shorten_place(place: str) -> str:
    """Return a path such as `$.optimizer.lr[2]`, without its middle where it is very long."""
    if len(place) <= _LONGEST_PLACE:
        return place
    half = _LONGEST_PLACE // 2
    return f"{place[:half]}…{place[-half:]}"
