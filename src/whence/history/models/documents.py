"""Models and their versions as plain data."""

import math
from typing import TYPE_CHECKING, Any

from whence.history.plain_values import to_plain_data

if TYPE_CHECKING:
    from whence.history.metrics import Metrics
    from whence.history.models.lists import Model
    from whence.history.models.promotions import Promotion
    from whence.history.models.versions import ModelVersion


def describe_model(model: "Model") -> dict[str, Any]:
    """Return a model as what JSON has: all versions, newest first, and the history of aliases."""
    return {
        "name": model.name,
        "aliases": {alias: version.label for alias, version in model.aliases.items()},
        "tags": list(model.tags),
        "versions": [describe_briefly(each) for each in reversed(model.versions)],
        "promotions": [describe_promotion(each) for each in model.promotions],
    }


def describe_model_briefly(model: "Model") -> dict[str, Any]:
    """Return a model as a line of a listing."""
    return {
        "name": model.name,
        "versions": len(model.versions),
        "aliases": {alias: version.label for alias, version in model.aliases.items()},
        "newest": describe_briefly(model.newest),
    }


def describe_briefly(version: "ModelVersion") -> dict[str, Any]:
    """Return a version as a line of a listing."""
    artifact, step = version.artifact_record, version.step_run
    return {
        "model": version.name,
        "version": version.label,
        "number": version.number,
        "aliases": list(version.aliases),
        "created_at": version.created_at.isoformat(),
        "run": artifact.run_id,
        "step": None if step is None else step.node,
        "metrics": _describe_metrics(version.metrics),
        "artifact": {
            "id": artifact.id,
            "type": artifact.type.rpartition(".")[2],
            "value_type": artifact.value_type,
            "format": artifact.format,
            "size_bytes": artifact.size,
            "digest": artifact.digest,
        },
    }


def describe_version(version: "ModelVersion") -> dict[str, Any]:
    """Return a version with all that is recorded of it and of what it was made from."""
    run, algorithm = version.run, version.digest.partition(":")[0]
    return {
        **describe_briefly(version),
        "files": [
            {"name": each.name, "size_bytes": each.size, "digest": f"{algorithm}:{each.digest}"}
            for each in version.files
        ],
        "pipeline": run.pipeline,
        "run_name": run.name,
        "parameters": {name: to_plain_data(text) for name, text in run.record.parameters.items()},
        "environment": dict(run.environment),
        "tags": list(version.tags),
        "notes": [
            {"text": each.text, "who": each.who, "made_at": each.made_at.isoformat()}
            for each in version.notes
        ],
        "promotions": [describe_promotion(each) for each in version.promotions],
        "lineage": version.lineage().to_dict(),
    }


def describe_promotion(promotion: "Promotion") -> dict[str, Any]:
    """Return a promotion as plain data."""
    return {
        "model": promotion.model,
        "alias": promotion.alias,
        "version": promotion.version,
        "previous": promotion.previous,
        "who": promotion.who,
        "reason": promotion.reason,
        "made_at": promotion.made_at.isoformat(),
        "gates": [
            {"gate": each.gate, "passed": each.passed, "text": each.text}
            for each in promotion.gates
        ],
    }


def _describe_metrics(metrics: "Metrics") -> dict[str, Any]:
    return {
        name: {
            "value": point.value if math.isfinite(point.value) else None,
            "mode": point.mode,
            "step": point.node,
        }
        for name, point in metrics.last_points().items()
    }
