"""What can be compared: a run, a step run with all that it depends on, and what names them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from whence.domain.frozen import frozen
from whence.domain.records import StepRunRecord
from whence.history.run_records import RunRecords


@frozen
class Subject:
    """A run to be compared, or the part of it that leads to one of its steps."""

    records: RunRecords
    node: str | None = None  # of that step; None for the whole run
    name: str | None = None  # by which it is shown; None for the run's own
    with_takers: bool = False  # also the steps that take what that step made: they judge it

    @property
    def steps(self) -> Sequence[StepRunRecord]:
        """The steps that are compared."""
        steps = self.records.steps
        if self.node is None:
            return steps
        ends = {self.node}
        if self.with_takers:
            ends |= {step.node for step in steps if self.node in step.depends_on}
        wanted = _find_ancestors(steps, ends)
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


def _find_ancestors(steps: Sequence[StepRunRecord], ends: set[str]) -> set[str]:
    needed = {step.node: step.depends_on for step in steps}
    found: set[str] = set()
    to_see = list(ends)
    while to_see:
        node = to_see.pop()
        if node not in found:
            found.add(node)
            to_see += needed.get(node, ())
    return found
