"""What one process saw of one step, as one line of text."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from whence.auditing.findings import FindingKind
from whence.domain.contents import Content, FileEntry
from whence.domain.frozen import frozen


@dataclass(frozen=True, slots=True, order=True)
class Read:
    """Something that a step took from outside its key."""

    kind: FindingKind
    subject: str
    place: str | None


@frozen
class SharedDraws:
    """What a step did with a generator that all code of a process shares."""

    generator: str  # `random`, `numpy.random`
    state: str  # a digest of its state when the step ended
    place: str | None  # of the first draw, where it was seen


@frozen
class Observation:
    """How one run of a step went."""

    node: str
    error: str | None = None  # None if it completed
    outputs: Mapping[str, Content] = field(default_factory=dict[str, Content])
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])  # as typed JSON
    reads: tuple[Read, ...] = ()
    draws: tuple[SharedDraws, ...] = ()

    def to_line(self) -> str:
        """Return it as one line; `parse_observation` gives it back."""
        plain = {
            "node": self.node,
            "error": self.error,
            "outputs": {name: _plain(content) for name, content in self.outputs.items()},
            "parameters": dict(self.parameters),
            "reads": [asdict(read) for read in self.reads],
            "draws": [asdict(draw) for draw in self.draws],
        }
        return json.dumps(plain)


def parse_observation(line: str) -> Observation:
    """Return what `to_line` wrote."""
    plain = json.loads(line)
    return Observation(
        node=plain["node"],
        error=plain["error"],
        outputs={name: _content(each) for name, each in plain["outputs"].items()},
        parameters=plain["parameters"],
        reads=tuple(
            Read(FindingKind(each["kind"]), each["subject"], each["place"])
            for each in plain["reads"]
        ),
        draws=tuple(SharedDraws(**each) for each in plain["draws"]),
    )


def _plain(content: Content) -> dict[str, Any]:
    inline = content.inline
    return {
        "digest": content.digest,
        "size": content.size,
        "files": [[file.name, file.size, file.digest] for file in content.files],
        "inline": None
        if inline is None
        else {name: base64.b64encode(data).decode() for name, data in inline.items()},
    }


def _content(plain: Mapping[str, Any]) -> Content:
    inline = plain["inline"]
    return Content(
        plain["digest"],
        plain["size"],
        tuple(FileEntry(*fields) for fields in plain["files"]),
        None if inline is None else {name: base64.b64decode(text) for name, text in inline.items()},
    )
