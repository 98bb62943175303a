"""The runs of a sweep: one for each variant, to be ranked, listed and taken as data."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whence.domain.frozen import frozen
from whence.domain.metrics import Mode
from whence.errors import UnrankedMetricError, suggest
from whence.history.frames import make_frame
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.reports.sweep_report import report_sweep
from whence.history.runs import Run

if TYPE_CHECKING:
    import pandas as pd


@frozen
class SweptVariant:
    """One variant of a sweep, and what came of it."""

    varied: Mapping[str, str]  # what varies, as it is shown
    run: Run[Any]
    failure: Exception | None = None  # what its failed step raised

    def find_metric(self, name: str) -> float | None:
        """Return the last value of a metric; None if the run has none that is a number."""
        value = self.run.metrics.get(name)
        return None if value is None or value != value else value  # noqa: PLR0124  # NaN differs from itself


class Sweep(Shown):
    """The finished runs of a sweep. `print` ranks them."""

    def __init__(
        self,
        name: str,
        variants: Sequence[SweptVariant],
        *,
        metric: str | None = None,
        plan: Callable[[], Any],
    ) -> None:
        self.name = name
        self.variants = tuple(variants)
        """All variants, in the order in which they were given."""
        self.metric = metric if metric is not None else self._find_metric()
        """The metric that ranks them; None if no run has one that says which way is better."""
        self.plan = plan
        """Gives what the same call would do now."""

    @property
    def runs(self) -> tuple[Run[Any], ...]:
        """The run of each variant, in the order in which they were given."""
        return tuple(variant.run for variant in self.variants)

    @property
    def failures(self) -> Mapping[int, Exception]:
        """What the failed variants raised, by their position."""
        failed = {position: each.failure for position, each in enumerate(self.variants)}
        return {position: failure for position, failure in failed.items() if failure is not None}

    def best(self, metric: str | None = None, *, mode: Mode | None = None) -> Run[Any]:
        """Return the run with the best value of *metric*, by default of the one that ranks.

        *mode*, `min` or `max`, is needed where the metric itself does not say which way is better.
        Of equal values it is the first. Raises `UnrankedMetricError`.
        """
        return self.rank(metric, mode=mode)[0].run

    def rank(self, metric: str | None = None, *, mode: Mode | None = None) -> list[SweptVariant]:
        """Return the variants that have a value of *metric*, best first; raises as `best` does."""
        name = metric if metric is not None else self.metric
        if name is None:
            raise UnrankedMetricError(
                metric="", reason="No metric of the runs says which way is better.", cure=self._name
            )
        known = [(each.find_metric(name), each) for each in self.variants]
        found = [(value, each) for value, each in known if value is not None]
        if not found:
            reason = f"No run of sweep '{self.name}' has a number under that name."
            cure = suggest(name, self._metrics())
            raise UnrankedMetricError(metric=name, reason=reason, cure=cure)
        sign = -1 if self._mode_of(name, mode) == "max" else 1
        return [each for _, each in sorted(found, key=lambda pair: sign * pair[0])]

    def frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each variant, in the order of the grid.

        Its columns are named as those of `whence.runs(...).frame()`: what varies comes first, as
        `parameters.depth`, or by its name alone where steps are swapped; then `id`, `status`,
        `duration`, and the metrics, as `metrics.rmse`.
        """
        varying = list(dict.fromkeys(name for each in self.variants for name in each.varied))
        metrics = self._metrics()
        rows = [
            [
                *(each.run.parameters.get(name, each.varied.get(name)) for name in varying),
                each.run.id,
                str(each.run.status),
                each.run.duration,
                *(each.run.metrics.get(name) for name in metrics),
            ]
            for each in self.variants
        ]
        columns = [
            *(self._name_column(name) for name in varying),
            *("id", "status", "duration"),
            *(f"metrics.{name}" for name in metrics),
        ]
        return make_frame(columns, rows, "Sweep.frame()")

    def _name_column(self, varying: str) -> str:
        is_parameter = any(varying in run.parameters for run in self.runs)
        return f"parameters.{varying}" if is_parameter else varying

    @property
    def _name(self) -> str:
        return 'Name one and say which way is better: `.best("rmse", mode="min")`.'

    def _metrics(self) -> list[str]:
        return list(dict.fromkeys(name for run in self.runs for name in run.metrics))

    def _find_metric(self) -> str | None:
        points = (run.metrics.last_points() for run in self.runs)
        return next((name for each in points for name, at in each.items() if at.mode), None)

    def _mode_of(self, name: str, given: Mode | None) -> str:
        if given is not None:
            return given
        said = [run.metrics.last_points()[name].mode for run in self.runs if name in run.metrics]
        if said and said[0] is not None and len(set(said)) == 1:
            return said[0]
        raise UnrankedMetricError(
            metric=name, reason="The runs do not say which way it is better.", cure=self._name
        )

    def _report(self) -> Report:
        ranked: list[SweptVariant] = []
        if self.metric is not None:
            try:
                ranked = self.rank()
            except UnrankedMetricError:
                ranked = []
        rest = [each for each in self.variants if not any(each is other for other in ranked)]
        return report_sweep(self.name, ranked, rest, self.metric)
