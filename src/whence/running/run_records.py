"""What is recorded of a run: made here, from plans and results."""

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import Any

from whence.domain.artifacts import ModelArtifact
from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, RunId, StepRunId, new_id
from whence.domain.records import (
    ArtifactRecord,
    AttemptRecord,
    InputRecord,
    RunRecord,
    StepFinished,
    StepRunRecord,
)
from whence.domain.status import RunStatus, StepStatus
from whence.domain.version import __version__
from whence.engine.step_job import StepResult, StoredOutput
from whence.engine.tracebacks import describe_error
from whence.errors import NotStorableError
from whence.graph.interface import OutputSpec
from whence.graph.plan import Plan, PlannedNode
from whence.values.typed_json import encode


def describe_environment() -> dict[str, str]:
    """Return what a run is recorded to have run on."""
    return {
        "python": platform.python_version(),
        "whence": __version__,
        "platform": f"{platform.system()} {platform.machine()}",
        "command": " ".join(sys.argv[:1]),
    }


def new_run(plan: Plan, name: str | None, tags: tuple[str, ...]) -> RunRecord:
    """Return the record of a run that begins now."""
    return RunRecord(
        id=RunId(new_id()),
        pipeline=plan.pipeline,
        name=name,
        status=RunStatus.RUNNING,
        started_at=datetime.now(UTC),
        parameters=plan.parameters,
        tags=tags,
        environment=describe_environment(),
        earlier_results=plan.earlier_results,
    )


def new_step(run_id: RunId, step_id: StepRunId, node: PlannedNode) -> StepRunRecord:
    """Return the record of a step that waits."""
    return StepRunRecord(
        id=step_id,
        run_id=run_id,
        node=node.name,
        step=node.step.name,
        position=node.position,
        status=StepStatus.PENDING,
        parameters=node.recorded,
        depends_on=(*node.depends_on, *node.follows_items_of),
        parent=node.parent,
    )


def reuse_step(
    run_id: RunId, step_id: StepRunId, node: PlannedNode, key: str, reused_from: StepRunId
) -> StepRunRecord:
    """Return the record of a step that is reused now."""
    return StepRunRecord(
        id=step_id,
        run_id=run_id,
        node=node.name,
        step=node.step.name,
        position=node.position,
        status=StepStatus.COMPLETED,
        cached=True,
        started_at=datetime.now(UTC),
        duration=0.0,
        parameters=node.recorded,
        depends_on=node.depends_on,  # a map, which follows items as well, is never reused
        cache_key=key,
        reused_from=reused_from,
        parent=node.parent,
    )


@frozen
class Filing:
    """How the outputs of a step run are found again; with nothing given, they are not."""

    cache_key: str | None = None
    not_reused: str | None = None  # why they serve no later run
    reusable: bool = False
    key_parts: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


def finish_step(
    pending: StepRunRecord,
    result: StepResult,
    inputs: tuple[InputRecord, ...],
    filing: Filing,
    attempts: tuple[AttemptRecord, ...] = (),
) -> StepFinished:
    """Return the record of a step that ran, with all *attempts* where there were several.

    *result* then spans all of them.
    """
    step = replace(
        pending,
        status=result.status,
        started_at=result.started_at,
        duration=result.duration,
        error=describe_error(result.error) if result.error is not None else None,
        metadata=encode_metadata(result.metadata),
        log_digest=result.log.digest if result.log is not None else None,
        cache_key=filing.cache_key,
        not_reused=filing.not_reused,
        attempts=attempts,
        usage=result.usage,
    )
    stored = [*result.outputs, *result.extras]
    contents = [each.content for each in stored]
    if result.log is not None:
        contents.append(result.log)
    return StepFinished(
        step,
        inputs=inputs,
        outputs=[_artifact_of(step, each) for each in result.outputs],
        extras=[_artifact_of(step, each) for each in result.extras],
        contents=contents,
        metrics=result.metrics,
        key_parts=filing.key_parts,
        texts=filing.texts,
        reusable=filing.reusable,
    )


def handed_artifact(run: RunRecord, output: OutputSpec, content: Content) -> ArtifactRecord:
    """Return the record of an artifact without a producer: a value that was handed to a run."""
    return make_artifact_record(output, content, run.id, None)


def _artifact_of(step: StepRunRecord, stored: StoredOutput) -> ArtifactRecord:
    return make_artifact_record(stored.output, stored.content, step.run_id, step.id)


def make_artifact_record(
    output: OutputSpec, content: Content, run_id: RunId, step_run_id: StepRunId | None
) -> ArtifactRecord:
    """Return the record of an artifact that was stored now."""
    kind = output.artifact_type
    return ArtifactRecord(
        id=ArtifactId(new_id()),
        digest=content.digest,
        size=content.size,
        type=f"{kind.__module__}.{kind.__qualname__}",
        family="model" if issubclass(kind, ModelArtifact) else "data",
        format=output.format,
        value_type=None if output.handed_in else output.type_shown,
        name=output.name,
        run_id=run_id,
        step_run_id=step_run_id,
        created_at=datetime.now(UTC),
    )


def encode_metadata(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return facts as typed JSON; one that is no plain data is kept as its text."""
    return dict(_encoded(metadata))


def _encoded(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in metadata.items():
        try:
            yield name, encode(value)
        except NotStorableError:
            yield name, encode(repr(value))
