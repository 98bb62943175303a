"""One edit of a project: what is replaced, and the steps that must not be served from before."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Edit:
    """One change that somebody may make to a file, and the steps whose results it may change.

    Those are the steps that may run what was edited, or that take values of an edited class.
    *needless* names steps that Whence reruns although they give the same, and says why.
    """

    file: str
    old: str
    new: str
    changes: frozenset[str]
    why: str
    needless: Mapping[str, str] = field(default_factory=dict)
    also: tuple[tuple[str, str, str], ...] = ()  # further replacements: file, old text, new text


def edit(  # noqa: PLR0913  # as many as an edit has parts
    file, old, new, changes="", why="", *, needless=None, also=()
):
    """Return an edit; *changes* are the names of steps, apart by blanks."""
    return Edit(file, old, new, frozenset(changes.split()), why, needless or {}, tuple(also))
