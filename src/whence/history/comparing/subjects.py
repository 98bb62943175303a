"""What can be compared: a run, a step run with all that it depends on, and what names them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from whence.domain.frozen import frozen
from whence.domain.records import StepRunRecord
from whence.history.run_records import RunRecords


@frozen
class Subject:
    """A run to be compared; of one that was asked of for a step, only what leads to that step."""

    records: RunRecords
    node: str | None = None
    name: str | None = None  # by which it is shown; None for the run's own

    @property
    def steps(self) -> Sequence[StepRunRecord]:
        """The steps that are compared."""
        steps = self.records.steps
        if self.node is None:
            return steps
        wanted = _find_ancestors(steps, self.node)
        return [
            replace(step, depends_on=tuple(each for each in step.depends_on if each in wanted))
            for step in steps
            if step.node in wanted
        ]


@runtime_checkable
class ComesFromRun(Protocol):
    """Something that came of a run and knows which, such as a version of a model."""

    def to_subject(self) -> Subject:
        """Return the run that it came of, and the step that made it."""
        ...


def _find_ancestors(steps: Sequence[StepRunRecord], node: str) -> set[str]:
    needed: dict[str, Any] = {step.node: step.depends_on for step in steps}
    found: set[str] = set()
    open_nodes = [node]
    while open_nodes:
        each = open_nodes.pop()
        if each not in found:
            found.add(each)
            open_nodes += needed.get(each, ())
    return found
