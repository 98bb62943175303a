"""What one process of an audit is to do, in a file, and how it tells what came of it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from whence.auditing.observation import Observation, parse_observation
from whence.domain.frozen import frozen

FOLDER_VARIABLE = "WHENCE_AUDIT_FOLDER"
"""Tells a process in its environment that it is one of an audit, and where its work lies."""

_WORK_FILE = "work.json"
_MARK = "whence-audit:"  # what a pipeline's file prints while it is loaded has none


@frozen
class Work:
    """The steps that one process runs, in this order, and what others are known to have given."""

    nodes: Sequence[str]
    known: Mapping[str, Observation]


def write_work(folder: Path, work: Work) -> None:
    """Leave *work* for a process that is started with *folder*."""
    known = [observation.to_line() for observation in work.known.values()]
    (folder / _WORK_FILE).write_text(
        json.dumps({"nodes": list(work.nodes), "known": known}), encoding="utf-8"
    )


def read_work(folder: Path) -> Work:
    """Return what was left in *folder*."""
    plain = json.loads((folder / _WORK_FILE).read_text(encoding="utf-8"))
    known = [parse_observation(line) for line in plain["known"]]
    return Work(plain["nodes"], {observation.node: observation for observation in known})


def tell_beginning(stream: TextIO, node: str) -> None:
    """Tell that a step begins, so that the death of the process can be laid at its door."""
    _tell(stream, json.dumps({"begins": node}))


def tell_end(stream: TextIO, observation: Observation) -> None:
    """Tell what was seen of a step that ended."""
    _tell(stream, observation.to_line())


def _tell(stream: TextIO, line: str) -> None:
    stream.write(f"\n{_MARK}{line}\n")
    stream.flush()


def parse_line(line: str) -> str | Observation | None:
    """Return the step that begins, or what was seen of one that ended; None for other words."""
    if not line.startswith(_MARK):
        return None
    told = line.removeprefix(_MARK)
    plain = json.loads(told)
    return str(plain["begins"]) if "begins" in plain else parse_observation(told)
