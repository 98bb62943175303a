"""What a comparison consists of: one value for each run, under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from whence.caching.explain import Change
from whence.domain.frozen import frozen
from whence.domain.records import ArtifactRecord, RunRecord, StepRunRecord
from whence.domain.status import StepStatus


class Category(StrEnum):
    """What kind of thing was changed."""

    STEP = "step"  # one was added, taken away or swapped in
    CODE = "code"  # a function, class or constant
    PARAMETER = "parameter"
    INPUT = "input"  # connected otherwise, or another value handed in
    MATERIALIZER = "materializer"  # how an output is stored
    PACKAGE = "package"
    ENVIRONMENT = "environment"


@frozen
class Cause:
    """Something that was changed by hand, not by another step."""

    category: Category
    words: str  # "helper `scale` in features.py changed (lines 12-14)"
    change: Change


@frozen
class Consequence:
    """An input that differs because the steps that it comes from made something else."""

    argument: str
    rows: tuple[str, ...]  # of the steps that it comes from


@frozen
class StepDifference:
    """How a step of one run differs from that of the first run."""

    causes: tuple[Cause, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    outputs: tuple[str, ...] = ()  # that differ
    status: tuple[StepStatus, StepStatus] | None = None  # where it ended otherwise
    unexplained: str | None = None  # what may have been, where outputs differ without a cause
    code_known: bool = True  # whether the code of both is recorded

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return bool(self.causes or self.consequences or self.has_effect)

    @property
    def has_effect(self) -> bool:
        """Whether it came to something else."""
        return bool(self.outputs or self.status)


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
    step: int | None = None  # the row of the step that reported it
    bests: tuple[float | None, ...] | None = None  # of series whose mode is known: the best values

    @property
    def change(self) -> float | None:
        """How far it moved from the first run to the second, of two."""
        return self.change_in(1) if len(self.per_run) == 2 else None  # noqa: PLR2004  # more runs have no one change

    def change_in(self, run: int) -> float | None:
        """Return how far it moved from the first run to another."""
        first, other = self.per_run[0], self.per_run[run]
        return None if first is None or other is None else other - first

    def is_better_in(self, run: int) -> bool | None:
        """Return whether another run has a better value than the first; None if not known."""
        change = self.change_in(run)
        if self.mode is None or change is None or change == 0 or change != change:  # noqa: PLR0124  # NaN
            return None
        return (change < 0) == (self.mode == "min")

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
    """An output of a step in each run."""

    name: str
    artifacts: tuple[ArtifactRecord | None, ...]
    step: int = 0  # the row of the step that made it

    @property
    def equal(self) -> bool:
        """Whether all runs have it, with the same bytes."""
        return len({artifact and artifact.digest for artifact in self.artifacts}) == 1


@frozen
class StepRow:
    """A step in each run, and how it differs from that of the first; None where a run has none."""

    steps: tuple[StepRunRecord | None, ...]
    differences: tuple[StepDifference, ...] = ()  # of each run but the first

    @property
    def node(self) -> str:
        """Its node, in the first run that has it."""
        return next(step.node for step in self.steps if step is not None)

    @property
    def title(self) -> str:
        """Its nodes, where it has several names."""
        return " / ".join(dict.fromkeys(step.node for step in self.steps if step is not None))

    @property
    def swapped(self) -> bool:
        """Whether different steps filled the node."""
        return len({step.step for step in self.steps if step is not None}) > 1

    @property
    def partial(self) -> bool:
        """Whether some runs lack the node."""
        return None in self.steps

    @property
    def differs(self) -> bool:
        """Whether any run differs in it from the first."""
        return any(each.any for each in self.differences)

    @property
    def changed(self) -> bool:
        """Whether something was changed in it by hand, or by chance."""
        return any(each.causes or each.unexplained for each in self.differences)

    @property
    def change(self) -> float:
        """By how many seconds its durations differ."""
        known = [step.duration for step in self.steps if step and step.duration is not None]
        return max(known) - min(known) if len(known) == len(self.steps) else 0.0


@frozen
class Divergence:
    """Where a run parts from the first, in one sentence."""

    run: int
    node: str
    reasons: tuple[str, ...]
    effect: str  # "rmse 3.41 → 3.12 (better)"
    step: int  # the row


@frozen
class ContentChange:
    """How the content of an output differs from that of the first run, in words."""

    run: int
    lines: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
    """Two or more runs side by side, everything in the order of the first that has it."""

    runs: tuple[RunRecord, ...]
    names: tuple[str, ...]
    parameters: tuple[TextRow, ...]
    environment: tuple[TextRow, ...]
    metrics: tuple[MetricRow, ...]
    outputs: tuple[OutputRow, ...]
    steps: tuple[StepRow, ...]
    divergences: tuple[Divergence, ...] = ()
    small_values: Mapping[str, str] = field(default_factory=dict[str, str])
    """What small outputs that differ hold, in words, by digest."""
    show_equal: bool = False

    @cached_property
    def contents(self) -> Mapping[str, Sequence[ContentChange]]:
        """How frames and arrays that differ have changed, by output."""
        return {}
