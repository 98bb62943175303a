"""Collects what the step that runs takes from outside its key."""

from collections.abc import Iterable
from pathlib import Path

from whence.auditing.callers import Caller
from whence.auditing.file_reads import CoveredFiles, is_business_of_library
from whence.auditing.findings import FindingKind
from whence.auditing.observation import Read
from whence.authoring.places import shown_file
from whence.caching.path_contents import find_paths
from whence.graph.plan import PlannedNode


class WatchedStep:
    """What a step was seen to read; knows what its key covers."""

    def __init__(self, node: PlannedNode, stores: Iterable[Path]) -> None:
        parameters = node.parameters.values()
        given = [path for value in parameters for _, path in find_paths(value, "")]
        self.files = CoveredFiles([*given, *stores])
        self._declared = {*node.options.env, *node.options.secrets}
        self._place = node.step.place
        self._reads: dict[Read, None] = {}
        self.first_draws: dict[str, str] = {}  # by generator that all code shares

    @property
    def reads(self) -> tuple[Read, ...]:
        """What no key covers, in the order in which it was first read."""
        return tuple(self._reads)

    def note(self, kind: FindingKind, subject: str, caller: Caller) -> None:
        """Keep that *caller* read something that no key covers."""
        self._reads[Read(kind, subject, caller.place or self._place)] = None

    def note_path(self, kind: FindingKind, path: str, caller: Caller) -> None:
        """Keep that a file or folder was read, unless that is covered or a library's business."""
        if not self.files.holds(path) and not is_business_of_library(path, caller):
            self.note(kind, shown_file(path), caller)

    def note_variable(self, name: str, caller: Caller) -> None:
        """Keep that a variable of the environment was read, unless the step declares it."""
        if name not in self._declared:
            self.note(FindingKind.ENVIRONMENT, name, caller)

    def note_draw(self, generator: str, caller: Caller) -> None:
        """Keep where a generator that all code shares was first drawn from."""
        self.first_draws.setdefault(generator, caller.place or self._place)
