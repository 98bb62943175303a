"""A lineage as plain data."""

from collections.abc import Iterator, Mapping
from typing import Any

from whence.domain.cache_keys import KeyPart
from whence.domain.ids import ArtifactId, StepRunId
from whence.domain.lineage_records import LinkedStep
from whence.fingerprint.parts import CodePart
from whence.history.lineage.facts import LineageFacts
from whence.history.lineage.graph import LineageGraph
from whence.history.plain_values import to_plain_data


def describe_lineage(graph: LineageGraph, facts: LineageFacts, *, code: bool) -> dict[str, Any]:
    """Return a lineage as what JSON has; *code* adds the source texts."""
    steps = [graph.records.steps[each] for each in graph.steps]
    document: dict[str, Any] = {
        "direction": "down" if graph.down else "up",
        "of": list(graph.roots),
        "artifacts": [_describe_artifact(each, graph) for each in graph.ways],
        "steps": [_describe_step(each, graph, facts) for each in steps],
        "lost_steps": sorted(_find_lost(graph)),
        "texts": {},
    }
    if code:
        known = (facts.code_of(each.step) for each in steps)
        document["texts"] = dict(
            facts.texts_of([part for found in known if found is not None for part in found.parts])
        )
    return document


def _find_lost(graph: LineageGraph) -> Iterator[StepRunId]:
    for each in graph.ways:
        record = graph.records.artifacts.get(each)
        if record is not None and record.step_run_id is not None and graph.lost_producer(each):
            yield record.step_run_id


def _describe_artifact(artifact_id: ArtifactId, graph: LineageGraph) -> dict[str, Any]:
    record = graph.records.artifacts.get(artifact_id)
    if record is None:
        return {"id": artifact_id, "recorded": False}
    version = graph.records.models.get(artifact_id)
    return {
        "id": artifact_id,
        "recorded": True,
        "name": record.name,
        "type": record.type,
        "value_type": record.value_type,
        "format": record.format,
        "size_bytes": record.size,
        "digest": record.digest,
        "model": record.model,
        "model_version": version.number if version is not None else None,
        "run": record.run_id,
        "made_by": record.step_run_id,
        "created_at": record.created_at.isoformat(),
        "goes_on": artifact_id in graph.cut,
    }


def _describe_step(linked: LinkedStep, graph: LineageGraph, facts: LineageFacts) -> dict[str, Any]:
    step = linked.step
    run = graph.records.runs.get(step.run_id)
    reuses = [each for each in graph.records.reuses if each.step_run_id == step.id]
    return {
        "id": step.id,
        "node": step.node,
        "step": step.step,
        "status": step.status.value,
        "run": step.run_id,
        "run_name": run.name if run is not None else None,
        "pipeline": run.pipeline if run is not None else None,
        "inputs": [
            {"argument": each.argument, "path": each.path, "artifact": each.artifact_id}
            for each in linked.inputs
        ],
        "outputs": list(linked.outputs),
        "logged_artifacts": list(linked.extras),
        "reused_by_those_that_took": {each.artifact_id: each.count for each in reuses},
        "parameters": {
            name: to_plain_data(text) for name, text in facts.parameters_of(step).items()
        },
        "files": [_describe_file(each) for each in facts.files_of(step)],
        "environment": [_describe_fact(each) for each in facts.environment_of(step)],
        **_describe_code(linked, facts),
        "accepted": [each.id for each in facts.acceptances.get(step.id, ())],
    }


def _describe_file(part: KeyPart) -> dict[str, Any]:
    return {"parameter": part.name, "path": to_plain_data(part.shown), "digest": part.digest}


def _describe_fact(part: KeyPart) -> dict[str, Any]:
    return {"kind": part.kind, "name": part.name, "value": part.shown or None}


def _describe_code(linked: LinkedStep, facts: LineageFacts) -> dict[str, Any]:
    code = facts.code_of(linked.step)
    if code is None:
        return {"code": None, "packages": None, "not_seen": []}
    packages: Mapping[str, str | None] = {
        part.name: part.shown for part in code.parts if part.kind == "package"
    }
    return {
        "code": [_describe_part(part) for part in code.parts if part.kind != "package"],
        "packages": packages,
        "not_seen": [
            {"name": each.name, "where": each.where, "reason": each.reason}
            for each in code.unresolved
        ],
    }


def _describe_part(part: CodePart) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "name": part.name,
        "file": part.file,
        "first_line": part.first_line,
        "last_line": part.last_line,
        "value": part.shown,
        "digest": part.content,
        "text": part.text_digest,
    }
