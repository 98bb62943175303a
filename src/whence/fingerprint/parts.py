"""What a fingerprint tells: the parts of a user's code that a step reaches, and what it cannot."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, field
from types import FunctionType

from whence.domain.frozen import frozen
from whence.errors import UnreadableArtifactError
from whence.fingerprint.tagged import digest, tagged, text


@frozen
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
    content: str = ""  # digest of this part without any names: what the fingerprint is made of


@frozen
class Unresolved:
    """Something that a step may reach and that no look at its code can follow."""

    name: str
    where: str  # "features.py:12", or the part that holds it
    reason: str


@frozen
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
    frame: str = ""  # digest of how the parts hang together, and of what is in none of them
    reached: tuple[type | FunctionType, ...] = field(default=(), compare=False, repr=False)
    """The classes and functions among the parts, while they are loaded; it is not recorded."""

    def digest_with(self, substitute: Callable[[CodePart], str]) -> str:
        """Return the digest if the content of each part were what *substitute* gives for it."""
        return combine_parts(self.frame, [substitute(part) for part in self.parts])

    def to_json(self) -> str:
        """Return the fingerprint as text, without source texts; `parse_fingerprint` reads it."""
        plain = {
            "digest": self.digest,
            "frame": self.frame,
            "parts": [asdict(part) for part in self.parts],
            "unresolved": [asdict(each) for each in self.unresolved],
        }
        return json.dumps(plain, separators=(",", ":"))


def combine_parts(frame: str, contents: Iterable[str]) -> str:
    """Return the digest of a fingerprint: parts with *contents*, in an order, in a *frame*."""
    return digest(tagged("fingerprint", text(frame), *map(text, contents)))


def parse_fingerprint(text: str) -> Fingerprint:
    """Return the fingerprint that was written by `to_json`. Raises `UnreadableArtifactError`."""
    try:
        plain = json.loads(text)
        parts = tuple(CodePart(**part) for part in plain["parts"])
        unresolved = tuple(Unresolved(**each) for each in plain["unresolved"])
        return Fingerprint(plain["digest"], parts, unresolved, frame=plain["frame"])
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableArtifactError(
            format="a fingerprint",
            reason=f"{type(error).__name__}: {error}",
            cure="A newer Whence wrote it, or it is damaged. Run the step again to replace it.",
        ) from error
