"""A comparison as plain data, complete, for JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from whence.domain.records import ArtifactRecord, RunRecord, StepRunRecord
from whence.history.comparing.content_summaries import ContentSummary, summary_to_dict
from whence.history.comparing.rows import (
    Cause,
    ComparedRuns,
    Divergence,
    MetricRow,
    OutputRow,
    StepDifference,
    StepRow,
    TextRow,
)
from whence.history.comparing.sentences import describe_divergence
from whence.history.plain_values import to_plain_data


def comparison_to_dict(
    compared: ComparedRuns, summaries: Mapping[str, ContentSummary | None]
) -> dict[str, Any]:
    """Return everything that was compared as what JSON has."""
    first = next((each for each in compared.divergences if each.run == 1), None)
    return {
        "runs": [_run_to_dict(run) for run in compared.runs],
        "divergence": first and _divergence_to_dict(first, compared),
        "divergences": [_divergence_to_dict(each, compared) for each in compared.divergences],
        "parameters": [_text_to_dict(row, plain=True) for row in compared.parameters],
        "environment": [_text_to_dict(row, plain=False) for row in compared.environment],
        "metrics": [_metric_to_dict(row) for row in compared.metrics],
        "outputs": [_output_to_dict(row, compared, summaries) for row in compared.outputs],
        "steps": [_step_to_dict(row, compared) for row in compared.steps],
    }


def _divergence_to_dict(found: Divergence, compared: ComparedRuns) -> dict[str, Any]:
    return {
        "run": compared.runs[found.run].id,
        "node": found.node,
        "reasons": list(found.reasons),
        "effect": found.effect,
        "sentence": describe_divergence(found, compared),
    }


def _run_to_dict(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "pipeline": run.pipeline,
        "status": run.status.value,
        "started_at": run.started_at.isoformat(),
        "duration_seconds": run.duration,
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
        "best_values": list(row.bests) if row.bests is not None else None,
        "mode": row.mode,
        "change": row.change,
        "best": row.best,
    }


def _output_to_dict(
    row: OutputRow, compared: ComparedRuns, summaries: Mapping[str, ContentSummary | None]
) -> dict[str, Any]:
    changes = {each.run: list(each.lines) for each in compared.contents.get(row.name, ())}
    contents = [
        summary_to_dict(summaries.get(each.digest)) if each is not None else None
        for each in row.artifacts
    ]
    return {
        "name": row.name,
        "artifacts": [artifact and _artifact_to_dict(artifact) for artifact in row.artifacts],
        "values": [each and compared.small_values.get(each.digest) for each in row.artifacts],
        "contents": contents,
        "content_changes": [changes.get(run) for run in range(1, len(compared.runs))],
        "equal": row.equal,
    }


def _artifact_to_dict(artifact: ArtifactRecord) -> dict[str, Any]:
    names = ("id", "digest", "size", "format", "value_type")
    return {name: getattr(artifact, name) for name in names}


def _step_to_dict(row: StepRow, compared: ComparedRuns) -> dict[str, Any]:
    return {
        "node": row.node,
        "runs": [step and _step_run_to_dict(step) for step in row.steps],
        "swapped": row.swapped,
        "differences": [
            {"run": run.id, **_difference_to_dict(each)}
            for run, each in zip(compared.runs[1:], row.differences, strict=True)
        ],
    }


def _step_run_to_dict(step: StepRunRecord) -> dict[str, Any]:
    return {
        "node": step.node,
        "step": step.step,
        "status": step.status.value,
        "cached": step.cached,
        "duration_seconds": step.duration,
        "usage": asdict(step.usage) if step.usage is not None else None,
    }


def _difference_to_dict(each: StepDifference) -> dict[str, Any]:
    return {
        "causes": [_cause_to_dict(cause) for cause in each.causes],
        "consequences": [
            {"input": found.argument, "from": list(found.rows)} for found in each.consequences
        ],
        "outputs": list(each.outputs),
        "status": [status.value for status in each.status] if each.status is not None else None,
        "unexplained": each.unexplained,
        "code_recorded": each.code_known,
    }


def _cause_to_dict(cause: Cause) -> dict[str, Any]:
    change = cause.change
    facts = {
        name: getattr(change, name) for name in ("kind", "name", "old", "new", "place", "diff")
    }
    return {"category": cause.category.value, "words": cause.words, **facts}
