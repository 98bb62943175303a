"""What a comparison consists of: one value for each run, under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from whence.domain.frozen import frozen
from whence.domain.records import ArtifactRecord, RunRecord, StepRunRecord


@frozen
class TextRow:
    """A parameter (as typed JSON) or a fact of the environment; None where a run has none."""

    name: str
    per_run: tuple[str | None, ...]

    @property
    def equal(self) -> bool:
        """Whether all runs have the same."""
        return len(set(self.per_run)) == 1


@frozen
class MetricRow:
    """The last value of a metric in each run."""

    name: str
    per_run: tuple[float | None, ...]
    mode: str | None  # which way is better, where all runs that have it say so

    @property
    def change(self) -> float | None:
        """How far it moved from the first run to the second, of two."""
        if len(self.per_run) != 2:  # noqa: PLR2004  # more runs have no one change
            return None
        first, second = self.per_run
        return None if first is None or second is None else second - first

    @property
    def best(self) -> int | None:
        """Which run has the best value; None where that is not known, or several have it."""
        known = [value for value in self.per_run if value is not None and value == value]  # noqa: PLR0124  # not NaN
        if self.mode is None or len(known) < 2:  # noqa: PLR2004  # one alone is not better
            return None
        best = min(known) if self.mode == "min" else max(known)
        return self.per_run.index(best) if known.count(best) == 1 else None


@frozen
class OutputRow:
    """An output of a node in each run."""

    name: str
    artifacts: tuple[ArtifactRecord | None, ...]

    @property
    def equal(self) -> bool:
        """Whether all runs have it, with the same bytes."""
        return len({artifact and artifact.digest for artifact in self.artifacts}) == 1


@frozen
class StepRow:
    """A node in each run; None where a run has no such node."""

    node: str
    steps: tuple[StepRunRecord | None, ...]

    @property
    def swapped(self) -> bool:
        """Whether different steps filled the node."""
        return len({step.step for step in self.steps if step is not None}) > 1

    @property
    def partial(self) -> bool:
        """Whether some runs lack the node."""
        return None in self.steps

    @property
    def change(self) -> float:
        """By how many seconds its durations differ."""
        known = [step.duration for step in self.steps if step and step.duration is not None]
        return max(known) - min(known) if len(known) == len(self.steps) else 0.0


@frozen
class Divergence:
    """The first node at which the runs part, and why, in words."""

    node: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ComparedRuns:
    """Two or more runs side by side, everything in the order of the first that has it."""

    runs: tuple[RunRecord, ...]
    parameters: tuple[TextRow, ...]
    environment: tuple[TextRow, ...]
    metrics: tuple[MetricRow, ...]
    outputs: tuple[OutputRow, ...]
    steps: tuple[StepRow, ...]
    divergence: Divergence | None = None
    small_values: Mapping[str, str] = field(default_factory=dict[str, str])
    """What small outputs that differ hold, in words, by digest."""
    show_equal: bool = False
