"""Runs as a list: what is shown of them, and a table with their parameters and metrics."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from whence.domain.annotations import AnnotationKind, AnnotationRecord
from whence.domain.ids import RunId
from whence.domain.records import LastMetric
from whence.domain.run_filters import Quantity
from whence.history.frames import make_frame
from whence.history.plain_values import describe_value
from whence.history.reports.listings import report_runs
from whence.history.reports.quantities import format_numbers
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.runs import Run

if TYPE_CHECKING:
    import pandas as pd

_FACTS = ("id", "name", "pipeline", "status", "started_at", "duration", "tags")


class RunList(Shown, Sequence[Run[Any]]):
    """Runs, newest first unless they were asked for otherwise."""

    def __init__(
        self, runs: Sequence[Run[Any]], shown: Sequence[tuple[Quantity, str]] = ()
    ) -> None:
        self._runs = tuple(runs)
        self._shown = tuple(shown)  # metrics and parameters that have a column

    @overload
    def __getitem__(self, index: int) -> Run[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> "RunList": ...
    def __getitem__(self, index: int | slice) -> "Run[Any] | RunList":
        if isinstance(index, slice):
            return RunList(self._runs[index], self._shown)
        return self._runs[index]

    def __len__(self) -> int:
        return len(self._runs)

    @cached_property
    def _last_metrics(self) -> Mapping[RunId, Sequence[LastMetric]]:
        """The metrics of all runs that have ended, by one call of the store."""
        if not self._runs:
            return {}
        store = self._runs[0].records.stack.metadata_store
        return store.list_last_metrics([run.id for run in self._runs])

    @cached_property
    def _notes(self) -> Mapping[str, Sequence[AnnotationRecord]]:
        """The notes on all runs, by one call of the store."""
        notes: dict[str, list[AnnotationRecord]] = {}
        if self._runs:
            store = self._runs[0].records.stack.metadata_store
            for each in store.list_annotations([run.id for run in self._runs]):
                if each.kind is AnnotationKind.NOTE:
                    notes.setdefault(each.subject, []).append(each)
        return notes

    def metrics_of(self, run: Run[Any]) -> Mapping[str, float]:
        """Return the last value of each metric, named as in `run.metrics`, once the run ended."""
        found = self._last_metrics.get(run.id, ())
        reporters = Counter(metric.name for metric in found)
        return {
            each.name if reporters[each.name] == 1 else f"{each.node}.{each.name}": each.value
            for each in found
        }

    def notes_of(self, run: Run[Any]) -> Sequence[AnnotationRecord]:
        """Return the notes on a run, oldest first."""
        return self._notes.get(run.id, ())

    def frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each run.

        Beside what identifies a run it has a column for each parameter and each metric that any of
        them has: `parameters.depth`, `parameters.fit.seed`, `metrics.rmse`.
        """
        rows = [self._describe(run) for run in self]
        columns = [*_FACTS, *_name_columns(rows, "parameters"), *_name_columns(rows, "metrics")]
        cells = [[row.get(column) for column in columns] for row in rows]
        return make_frame(columns, cells, "RunList.frame()")

    def _describe(self, run: Run[Any]) -> dict[str, Any]:
        facts = {name: getattr(run, name) for name in _FACTS}
        parameters = {f"parameters.{name}": value for name, value in run.parameters.items()}
        metrics = {f"metrics.{name}": value for name, value in self.metrics_of(run).items()}
        return {**facts, "status": str(run.status), **parameters, **metrics}

    def _report(self) -> Report:
        columns = {name: self._write_column(kind, name) for kind, name in self._shown}
        return report_runs([run.record for run in self], columns)

    def _write_column(self, quantity: Quantity, name: str) -> list[str]:
        """Return what stands under the name of a metric or parameter, for each run."""
        metrics: list[list[float]] = [
            [] if quantity is Quantity.PARAMETER else self._find_metrics(run, name) for run in self
        ]
        numbers = iter(format_numbers([value for values in metrics for value in values]))
        written = [", ".join(next(numbers) for _ in values) for values in metrics]
        return [
            text or _write_parameter(run, name) for run, text in zip(self, written, strict=True)
        ]

    def _find_metrics(self, run: Run[Any], name: str) -> list[float]:
        return [
            each.value
            for each in self._last_metrics.get(run.id, ())
            if name in {each.name, f"{each.node}.{each.name}"}
        ]


def _write_parameter(run: Run[Any], name: str) -> str:
    text = run.record.parameters.get(name)
    return "" if text is None else describe_value(text)


def _name_columns(rows: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """Return the columns of one kind that any row has, in the order in which they are met."""
    return list(dict.fromkeys(name for row in rows for name in row if name.startswith(f"{kind}.")))
