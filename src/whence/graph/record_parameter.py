"""Which values are recorded as parameters: plain data that is not too large."""

from typing import Any

from whence.errors import NotStorableError
from whence.values.typed_json import encode

LONGEST_PARAMETER = 64 * 1024
"""Characters of typed JSON; a longer value is stored as an input instead of recorded in the row."""


def record_parameter(value: Any) -> str | None:
    """Return a value as typed JSON, or None where it is no plain data, or too much of it."""
    try:
        text = encode(value)
    except NotStorableError:
        return None
    return text if len(text) <= LONGEST_PARAMETER else None
