"""Gates: what a version of a model must pass before it is promoted.

A gate is a function `gate(candidate, current)` of the version that is to bear an alias, and of the
one that bears it now, or None. It returns whether the candidate passes, or that and a text.
"""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from whence.domain.model_records import GateVerdict
from whence.errors import PromotionRefusedError, suggest
from whence.history.reports.quantities import format_number
from whence.values.validation import describe_value

if TYPE_CHECKING:
    from whence.history.metrics import Point
    from whence.history.models.versions import ModelVersion

_PAIR = 2


class Gate(Protocol):
    """A function of a candidate, and of the version that bears the alias now."""

    def __call__(self, candidate: "ModelVersion", current: "ModelVersion | None", /) -> Any:
        """Return whether *candidate* passes, or that and a text that is recorded."""
        ...


def better_than(metric: str, *, by: float = 0.0) -> Gate:
    """Return a gate that passes a version whose *metric* is better than that of the current one.

    Which way is better is what the metric says: `Metric("rmse", mode="min")`. With *by* it must be
    better by more than that. The first version to bear an alias passes if it has the metric.
    """
    return _BetterThan(metric, by)


def at_least(metric: str, bound: float) -> Gate:
    """Return a gate that passes a version whose *metric* is *bound* or more."""
    return _Within("at_least", metric, bound, operator.ge)


def at_most(metric: str, bound: float) -> Gate:
    """Return a gate that passes a version whose *metric* is *bound* or less."""
    return _Within("at_most", metric, bound, operator.le)


@dataclass(frozen=True)
class _BetterThan:
    metric: str
    by: float

    def __call__(
        self, candidate: "ModelVersion", current: "ModelVersion | None", /
    ) -> tuple[bool, str]:
        new = _find_point(candidate, self.metric)
        if new.mode not in {"min", "max"}:
            return False, (
                f"{self.metric} does not say which way is better: annotate the step with"
                f' `Metric("{self.metric}", mode="min")`'
            )
        if current is None:
            return True, f"{self.metric} is {format_number(new.value)}, and nothing is to be beaten"
        old = _find_point(current, self.metric)
        gain = old.value - new.value if new.mode == "min" else new.value - old.value
        values = f"{self.metric} {format_number(new.value)} against {format_number(old.value)}"
        if math.isnan(gain):
            return False, f"{values}, which cannot be compared"
        return gain > self.by, f"{values}, {'lower' if new.mode == 'min' else 'higher'} is better"

    def __repr__(self) -> str:
        by = f", by={self.by!r}" if self.by else ""
        return f"better_than({self.metric!r}{by})"


@dataclass(frozen=True)
class _Within:
    name: str  # of the function that makes it
    metric: str
    bound: float
    holds: Callable[[float, float], bool]

    def __call__(
        self, candidate: "ModelVersion", current: "ModelVersion | None", /
    ) -> tuple[bool, str]:
        del current
        value = _find_point(candidate, self.metric).value
        return self.holds(value, self.bound), f"{self.metric} is {format_number(value)}"

    def __repr__(self) -> str:
        return f"{self.name}({self.metric!r}, {self.bound!r})"


def _find_point(version: "ModelVersion", metric: str) -> "Point":
    points = version.metrics.last_points()
    if metric not in points:
        message = f"{version.title} has no metric {metric!r}. {suggest(metric, points)}"
        raise LookupError(message)
    return points[metric]


def judge(
    gates: Sequence[Gate], candidate: "ModelVersion", current: "ModelVersion | None", alias: str
) -> tuple[GateVerdict, ...]:
    """Return what all gates say, if they let *candidate* pass. Raises `PromotionRefusedError`."""
    return tuple(_ask(gate, candidate, current, alias) for gate in gates)


def _ask(
    gate: Gate, candidate: "ModelVersion", current: "ModelVersion | None", alias: str
) -> GateVerdict:
    name = name_gate(gate)
    facts = {"model": candidate.name, "version": candidate.label, "alias": alias, "gate": name}
    try:
        answer = gate(candidate, current)
    except Exception as error:
        reason = f"It raised {type(error).__name__}: {error}"
        raise PromotionRefusedError(**facts, reason=reason) from error
    passed, text = _read_answer(answer)
    if passed is None:
        reason = f"It returned {describe_value(answer)}, and not whether the version passes."
        raise PromotionRefusedError(**facts, reason=reason)
    if not passed:
        raise PromotionRefusedError(**facts, reason=text or "It gives no reason.")
    return GateVerdict(name, passed=True, text=text)


def _read_answer(answer: Any) -> tuple[bool | None, str]:
    """Return a gate's answer, None for what is none: forgetting to return must not pass."""
    text = ""
    if isinstance(answer, tuple) and len(answer) == _PAIR:  # pyright: ignore[reportUnknownArgumentType]  # whatever it returned
        answer, text = answer[0], str(answer[1])  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # as above
    if type(answer).__name__ not in {"bool", "bool_"}:  # NumPy's too  # pyright: ignore[reportUnknownArgumentType]  # as above
        return None, text
    return bool(answer), text  # pyright: ignore[reportUnknownArgumentType]  # as above


def name_gate(gate: Gate) -> str:
    """Return what a gate is called in the history."""
    return getattr(gate, "__name__", None) or repr(gate)
