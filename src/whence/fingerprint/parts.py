"""What a fingerprint tells: the parts of a user's code that a step reaches, and what it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CodePart:
    """One thing that a step reaches: of the user's own code, or a package.

    *digest* is of this part alone, with the names of what it refers to: it stays as it is where
    only another part changes.
    """

    kind: str  # "function", "class", "constant", "module", "package" or "file"
    name: str  # as people know it: "features.scale", "numpy"
    digest: str
    file: str | None = None
    first_line: int | None = None
    last_line: int | None = None
    text_digest: str | None = None  # of its source text, which is in `Fingerprint.texts`
    shown: str | None = None  # the value of a constant, or the version of a package, in short


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Something that a step may reach and that no look at its code can follow."""

    name: str
    where: str  # "features.py:12", or the part that holds it
    reason: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The code that a step runs, as it is loaded now.

    Two fingerprints share a digest only if the step does the same in both, as far as the code that
    was resolved says it; names of modules and files, and lines, do not count.
    """

    digest: str
    parts: tuple[CodePart, ...]
    unresolved: tuple[Unresolved, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    not_cacheable: str | None = None  # why no result may be kept or reused, if so
