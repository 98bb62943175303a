"""Records as rows of the tables."""

from collections.abc import Mapping
from typing import Any

from whence.domain.annotations import AnnotationRecord
from whence.domain.contents import Content
from whence.domain.model_records import ModelVersionRecord
from whence.domain.records import (
    AcceptanceRecord,
    ArtifactRecord,
    RunCrashed,
    RunRecord,
    StepFinished,
    StepRetried,
    StepRunRecord,
    StepStarted,
)
from whence.domain.status import StepStatus
from whence.metadata_stores.encoding import (
    encode_attempts,
    encode_earlier_results,
    encode_error,
    encode_files,
    encode_inline,
    encode_inputs,
    encode_json,
    encode_moment,
    encode_named,
    encode_names,
    encode_owner,
    encode_usage,
)
from whence.metadata_stores.tables import step_runs

Row = dict[str, Any]
_NOTHING_NEW: Row = dict.fromkeys(step_runs.columns.keys())


def run_row(run: RunRecord) -> Row:
    """Return a run as a row."""
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "name": run.name,
        "status": run.status.value,
        "started_at": encode_moment(run.started_at),
        "ended_at": None if run.ended_at is None else encode_moment(run.ended_at),
        "duration": run.duration,
        "parameters": encode_json(dict(run.parameters)),
        "tags": encode_json(run.tags),
        "outputs": run.outputs,
        "error": encode_error(run.error),
        "environment": encode_json(dict(run.environment)),
        "resumes": run.resumes,
        "owner": encode_owner(run.owner),
        "origin": run.origin,
        "earlier_results": encode_earlier_results(run.earlier_results),
    }


def step_row(step: StepRunRecord) -> Row:
    """Return a step run as a row; nothing is known of what goes in and comes out."""
    return {
        "id": step.id,
        "run_id": step.run_id,
        "node": step.node,
        "step": step.step,
        "position": step.position,
        "status": step.status.value,
        "cached": int(step.cached),
        "started_at": None if step.started_at is None else encode_moment(step.started_at),
        "duration": step.duration,
        "parameters": encode_named(step.parameters),
        "depends_on": encode_names(step.depends_on),
        "error": encode_error(step.error),
        "metadata": encode_named(step.metadata),
        "log_digest": step.log_digest,
        "inputs": None,
        "outputs": None,
        "extras": None,
        "cache_key": step.cache_key,
        "reused_from": step.reused_from,
        "not_reused": step.not_reused,
        "reusable": None,
        "parent": step.parent,
        "attempts": encode_attempts(step.attempts),
        "usage": encode_usage(step.usage),
    }


def finished_row(event: StepFinished) -> Row:
    """Return a step run that has ended as a row."""
    row = step_row(event.step)
    row["inputs"] = encode_inputs(event.inputs)
    row["outputs"] = encode_names([artifact.id for artifact in event.outputs])
    row["extras"] = encode_names([artifact.id for artifact in event.extras])
    row["reusable"] = int(event.reusable)
    return row


def is_plainly_reused(event: StepFinished) -> bool:
    """Return whether a step run is a hit of which there is nothing more to tell."""
    step = event.step
    return (
        step.cached
        and step.status is StepStatus.COMPLETED
        and step.duration == 0.0
        and not (step.metadata or step.error or step.log_digest or step.not_reused)
        and not (step.attempts or step.usage or event.extras or event.reusable)
    )


def reused_row(event: StepFinished) -> Row:
    """Return what a plainly reused step has of its own; all else is in `REUSED`.

    Most steps of most runs are reused, so these rows are the ones to make quickly.
    """
    step = event.step
    return {
        "id": step.id,
        "run_id": step.run_id,
        "node": step.node,
        "step": step.step,
        "position": step.position,
        "started_at": None if step.started_at is None else encode_moment(step.started_at),
        "parameters": encode_named(step.parameters),
        "depends_on": encode_names(step.depends_on),
        "inputs": encode_inputs(event.inputs),
        "outputs": encode_names([artifact.id for artifact in event.outputs]),
        "cache_key": step.cache_key,
        "reused_from": step.reused_from,
        "parent": step.parent,
    }


REUSED: Row = {
    "status": StepStatus.COMPLETED.value,
    "cached": 1,
    "duration": 0.0,
    "metadata": "{}",
    "extras": "[]",
    "reusable": 0,
}
"""What the rows of all plainly reused steps have in common; the columns left are empty."""


def complete_reused(row: Row) -> Row:
    """Return the whole row of a plainly reused step."""
    return _NOTHING_NEW | REUSED | row


def start_of(event: StepStarted) -> Row:
    """Return what the start of a step changes of its row."""
    return _NOTHING_NEW | {
        "id": event.step_run_id,
        "status": StepStatus.RUNNING.value,
        "started_at": encode_moment(event.started_at),
    }


def retry_of(event: StepRetried) -> Row:
    """Return what another attempt changes of a step run's row."""
    return {"id": event.step_run_id, "attempts": encode_attempts(event.attempts)}


def crash_row(event: RunCrashed) -> Row:
    """Return what a crash changes of a run's row."""
    return {
        "id": event.run_id,
        "ended_at": encode_moment(event.ended_at),
        "duration": event.duration,
        "error": encode_error(event.error),
    }


def content_row(content: Content) -> Row:
    """Return a content as a row."""
    return {
        "digest": content.digest,
        "size": content.size,
        "files": encode_files(content.files),
        "inline": encode_inline(content),
        "collected_at": None,  # its bytes were just stored
        "condemned_by": None,
    }


def artifact_row(artifact: ArtifactRecord) -> Row:
    """Return an artifact as a row."""
    return {
        "id": artifact.id,
        "digest": artifact.digest,
        "size": artifact.size,
        "type": artifact.type,
        "family": artifact.family,
        "format": artifact.format,
        "value_type": artifact.value_type,
        "name": artifact.name,
        "run_id": artifact.run_id,
        "step_run_id": artifact.step_run_id,
        "created_at": encode_moment(artifact.created_at),
        "model": artifact.model,
    }


def version_row(version: ModelVersionRecord) -> Row:
    """Return a version of a model as a row; the statement that adds it gives the number."""
    return {
        "id": version.id,
        "model": version.model,
        "digest": version.digest,
        "artifact_id": version.artifact_id,
        "created_at": encode_moment(version.created_at),
    }


def text_rows(texts: Mapping[str, str]) -> list[Row]:
    """Return source texts as rows."""
    return [{"digest": digest, "text": text} for digest, text in texts.items()]


def acceptance_row(acceptance: AcceptanceRecord) -> Row:
    """Return an acceptance as a row."""
    withdrawn = acceptance.withdrawn_at
    return {
        "id": acceptance.id,
        "kind": acceptance.kind,
        "subject": acceptance.subject,
        "old": acceptance.old,
        "new": acceptance.new,
        "who": acceptance.who,
        "reason": acceptance.reason,
        "made_at": encode_moment(acceptance.made_at),
        "withdrawn_at": None if withdrawn is None else encode_moment(withdrawn),
        "withdrawn_by": acceptance.withdrawn_by,
    }


def annotation_row(annotation: AnnotationRecord) -> Row:
    """Return an annotation as a row."""
    withdrawn = annotation.withdrawn_at
    return {
        "id": annotation.id,
        "subject": annotation.subject,
        "kind": annotation.kind.value,
        "text": annotation.text,
        "who": annotation.who,
        "made_at": encode_moment(annotation.made_at),
        "withdrawn_at": None if withdrawn is None else encode_moment(withdrawn),
        "withdrawn_by": annotation.withdrawn_by,
    }
