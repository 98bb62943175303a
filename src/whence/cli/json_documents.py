"""What `--json` prints: one document, of plain data alone."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

import click

from whence.graph.bindings import Binding, earlier_names, references
from whence.graph.decisions import Verdict
from whence.graph.plan import Plan, PlannedNode

if TYPE_CHECKING:
    from whence.domain.annotations import AnnotationRecord
    from whence.domain.artifacts import Artifact
    from whence.domain.records import ErrorRecord
    from whence.history.metrics import Metrics
    from whence.history.runs import Run, StepRun
    from whence.history.searching.run_list import RunList
    from whence.history.series import Series
    from whence.history.sweeps import Sweep
    from whence.running.sweep_plan import SweepPlan


def print_json(document: Any) -> None:
    """Print *document* as JSON that every reader takes: numbers that are not finite become null."""
    text = json.dumps(make_plain(document), indent=2, ensure_ascii=False, allow_nan=False)
    click.echo(text.encode(errors="backslashreplace").decode())


def make_plain(value: Any) -> Any:
    """Return *value* as what JSON can hold: classes become their fields, the rest its text."""
    if isinstance(value, Enum):
        return make_plain(value.value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return _make_container_plain(value)


def _make_container_plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: make_plain(getattr(value, name)) for name in names}
    for method in ("model_dump", "_asdict"):  # of pydantic's models, and of NamedTuples
        if hasattr(value, method):
            return make_plain(getattr(value, method)())
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        return {str(make_plain(key)): make_plain(item) for key, item in items}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [make_plain(item) for item in cast("list[Any]", value)]
    return str(value)


# ------------------------------------------------------------------ plans


def describe_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as `whence plan --json` shows it."""
    return {
        "pipeline": plan.pipeline,
        "parameters": {name: json.loads(text) for name, text in plan.parameters.items()},
        "nodes": [
            {**_describe_node(node), **_describe_decision(node.name, plan)}
            for node in plan.nodes.values()
        ],
        "earlier_results": dict(plan.earlier_results),
        "returns": _describe_binding(plan.returned) if plan.returned is not None else [],
    }


def _describe_node(node: PlannedNode) -> dict[str, Any]:
    return {
        "node": node.name,
        "step": node.step.name,
        "slot": node.slot,
        "place": node.step.place,
        "depends_on": node.depends_on,
        "parameters": {name: json.loads(text) for name, text in node.recorded.items()},
        "inputs": {name: _describe_binding(binding) for name, binding in node.inputs.items()},
        "outputs": [
            {
                "name": output.name,
                "type": output.type_shown,
                "artifact_type": output.artifact_type.__name__,
                "format": output.format,
            }
            for output in node.step.outputs.values()
        ],
        "when": [
            {"flag": _describe_binding(each.flag), "is": each.expected} for each in node.conditions
        ],
        **_describe_map(node),
    }


def _describe_map(node: PlannedNode) -> dict[str, Any]:
    """Return what a map will place for each item."""
    if node.template is None:
        return {}
    return {"places": [_describe_node(each) for each in node.template.nodes.values()]}


def _describe_decision(name: str, plan: Plan) -> dict[str, Any]:
    """Return what is decided of a node, with the nodes that may run again because it does."""
    decision = plan.decisions.get(name)
    if decision is None:
        return {}
    entry = decision.entry
    return {
        "verdict": decision.verdict,
        "reasons": list(decision.reasons),
        "warnings": list(decision.warnings),
        "expected_seconds": decision.expected_seconds,
        "reused_from": entry.step_run_id if entry is not None else None,
        "may_rerun": [] if decision.verdict is Verdict.HIT else _list_behind(name, plan),
    }


def _list_behind(name: str, plan: Plan) -> list[str]:
    """Return the nodes that depend on a node, directly or through others."""
    behind = {name}
    for node in plan.nodes.values():  # each after all that it depends on
        if not behind.isdisjoint(node.depends_on):
            behind.add(node.name)
    return [each for each in plan.nodes if each in behind and each != name]


def _describe_binding(binding: Binding) -> list[str]:
    found = [f"{reference.node}.{reference.output}" for reference in references(binding)]
    return [*found, *(name.name for name in earlier_names(binding))]


# ------------------------------------------------------------------ runs


def describe_run_briefly(run: "Run[Any]") -> dict[str, Any]:
    """Return a run as a line of `whence runs --json`."""
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "name": run.name,
        "status": run.status,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "duration_seconds": run.duration,
        "tags": run.tags,
        "resumes": run.resumes,
    }


def describe_listed_runs(runs: "RunList") -> list[dict[str, Any]]:
    """Return the runs of `whence runs --json`, with a bounded number of calls of the store."""
    return [
        {
            **describe_run_briefly(run),
            "parameters": dict(run.parameters),
            "metrics": dict(runs.metrics_of(run)),
            "notes": describe_notes(runs.notes_of(run)),
        }
        for run in runs
    ]


def describe_notes(notes: "Sequence[AnnotationRecord]") -> list[dict[str, Any]]:
    """Return notes with who wrote them, and when."""
    return [
        {"id": each.id, "text": each.text, "who": each.who, "made_at": each.made_at}
        for each in notes
    ]


def describe_run(run: "Run[Any]") -> dict[str, Any]:
    """Return a run as `whence show --json` and `whence run --json` show it."""
    return {
        **describe_run_briefly(run),
        "notes": describe_notes(run.notes),
        "parameters": dict(run.parameters),
        "metrics": dict(run.metrics),
        "metric_summaries": describe_metrics(run.metrics),
        "environment": dict(run.environment),
        "earlier_results": [
            {"name": each.name, "means": each.shown, "artifact": each.artifact.id}
            for each in run.records.earlier_results
        ],
        "error": _describe_error(run.error),
        "steps": [describe_step(run.steps[name]) for name in run.steps],
    }


def describe_step(step: "StepRun") -> dict[str, Any]:
    """Return a step run as a part of its run."""
    return {
        "id": step.id,
        "node": step.node,
        "step": step.step,
        "status": step.status,
        "cached": step.cached,
        "started_at": step.started_at,
        "duration_seconds": step.duration,
        "usage": make_plain(step.usage),
        "parameters": dict(step.parameters),
        "metrics": dict(step.metrics),
        "metric_summaries": describe_metrics(step.metrics),
        "metadata": dict(step.metadata),
        "outputs": {name: describe_artifact(step.outputs[name]) for name in step.outputs},
        "error": _describe_error(step.error),
        "attempts": make_plain(step.attempts),
    }


def describe_metrics(metrics: "Metrics") -> dict[str, Any]:
    """Return what is known of metrics in short."""
    return {
        name: {
            "node": each.node,
            "name": each.name,
            "mode": each.mode,
            "count": each.count,
            "last": each.value,
            "last_step": each.step,
            "minimum": each.minimum,
            "maximum": each.maximum,
            "best": each.best,
            "reported_at": each.reported_at,
        }
        for name, each in metrics.summaries.items()
    }


def describe_series(series: "Series") -> dict[str, Any]:
    """Return every value of a metric, as columns side by side."""
    return {
        "node": series.node,
        "name": series.name,
        "mode": series.mode,
        "steps": list(series.steps),
        "values": list(series.values),
        "times": list(series.times),
    }


def describe_artifact(artifact: "Artifact") -> dict[str, Any]:
    """Return an artifact as the output of a step."""
    return {
        "id": artifact.source.fact("id"),
        "type": type(artifact).__name__,
        "format": artifact.format,
        "size_bytes": artifact.size,
        "digest": artifact.digest,
    }


def _describe_error(error: "ErrorRecord | None") -> dict[str, Any] | None:
    return None if error is None else make_plain(error)


# ------------------------------------------------------------------ sweeps


def describe_sweep(sweep: "Sweep") -> dict[str, Any]:
    """Return a sweep as `whence sweep --json` shows it: variants in the order of the grid."""
    return {
        "name": sweep.name,
        "metric": sweep.metric,
        "variants": [
            {
                "varied": dict(variant.varied),
                "metrics": dict(variant.run.metrics),
                "error": _describe_error(variant.run.error),
                **describe_run_briefly(variant.run),
            }
            for variant in sweep.variants
        ],
    }


def describe_sweep_plan(plan: "SweepPlan") -> dict[str, Any]:
    """Return a sweep's plan as `whence sweep --plan --json` shows it."""
    return {
        "name": plan.name,
        "steps": plan.steps,
        "shared": plan.shared,
        "reused": plan.reused,
        "variants": [
            {"varied": dict(each.varied), **describe_plan(each.plan)} for each in plan.variants
        ],
    }
