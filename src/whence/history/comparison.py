"""Runs side by side, as data: what differed, and what came of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from whence.domain.records import ArtifactRecord, RunRecord, StepRunRecord
from whence.history.comparison_rows import (
    ComparedRuns,
    MetricRow,
    OutputRow,
    StepRow,
    TextRow,
)
from whence.history.frames import make_frame
from whence.history.plain_values import to_plain_data
from whence.history.reports.comparison_report import name_runs, report_comparison
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown

if TYPE_CHECKING:
    import pandas as pd


class Comparison(ComparedRuns, Shown):
    """Two or more runs side by side.

    `print` shows what differs, causes before effects; `to_dict` and `frame` give all of it as data.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return everything that was compared, equal or not, as what JSON has."""
        return {
            "runs": [_run_to_dict(run) for run in self.runs],
            "divergence": None
            if self.divergence is None
            else {"node": self.divergence.node, "reasons": list(self.divergence.reasons)},
            "parameters": [_text_to_dict(row, plain=True) for row in self.parameters],
            "environment": [_text_to_dict(row, plain=False) for row in self.environment],
            "metrics": [_metric_to_dict(row) for row in self.metrics],
            "outputs": [_output_to_dict(row) for row in self.outputs],
            "steps": [_step_to_dict(row) for row in self.steps],
        }

    def frame(self) -> "pd.DataFrame":
        """Return a DataFrame with a row for each thing compared and a column for each run."""
        columns = ("section", "name", *name_runs(self.runs), "equal")
        return make_frame(columns, list(self._frame_rows()), "Comparison.frame()")

    def _frame_rows(self) -> Iterator[tuple[Any, ...]]:
        for row in self.parameters:
            values = [None if text is None else to_plain_data(text) for text in row.per_run]
            yield "parameter", row.name, *values, row.equal
        for row in self.environment:
            yield "environment", row.name, *row.per_run, row.equal
        for row in self.metrics:
            yield "metric", row.name, *row.per_run, len(set(row.per_run)) == 1
        for row in self.outputs:
            digests = [artifact and artifact.digest for artifact in row.artifacts]
            yield "output", row.name, *digests, row.equal
        for row in self.steps:
            durations = [step and step.duration for step in row.steps]
            yield "duration", row.node, *durations, len(set(durations)) == 1

    def _report(self) -> Report:
        return report_comparison(self)


def _run_to_dict(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "pipeline": run.pipeline,
        "status": run.status.value,
        "started_at": run.started_at.isoformat(),
        "duration": run.duration,
        "tags": list(run.tags),
    }


def _text_to_dict(row: TextRow, *, plain: bool) -> dict[str, Any]:
    values = [to_plain_data(text) if plain and text is not None else text for text in row.per_run]
    present = [text is not None for text in row.per_run]
    return {"name": row.name, "values": values, "present": present, "equal": row.equal}


def _metric_to_dict(row: MetricRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "values": list(row.per_run),
        "mode": row.mode,
        "change": row.change,
        "best": row.best,
    }


def _output_to_dict(row: OutputRow) -> dict[str, Any]:
    artifacts = [artifact and _artifact_to_dict(artifact) for artifact in row.artifacts]
    return {"name": row.name, "artifacts": artifacts, "equal": row.equal}


def _artifact_to_dict(artifact: ArtifactRecord) -> dict[str, Any]:
    names = ("id", "digest", "size", "format", "value_type")
    return {name: getattr(artifact, name) for name in names}


def _step_to_dict(row: StepRow) -> dict[str, Any]:
    steps = [step and _step_run_to_dict(step) for step in row.steps]
    return {"node": row.node, "runs": steps, "swapped": row.swapped}


def _step_run_to_dict(step: StepRunRecord) -> dict[str, Any]:
    return {
        "step": step.step,
        "status": step.status.value,
        "cached": step.cached,
        "duration": step.duration,
    }
