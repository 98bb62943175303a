"""Records as a run makes them, for tests of the stores."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from whence.domain.contents import Content, make_inline_content
from whence.domain.ids import ArtifactId, RunId, StepRunId, new_id
from whence.domain.metrics import MetricSeries
from whence.domain.records import (
    ArtifactRecord,
    AttemptRecord,
    ErrorRecord,
    InputRecord,
    RunRecord,
    RunStarted,
    StepFinished,
    StepRunRecord,
)
from whence.domain.status import RunStatus, StepStatus

MOMENT = datetime(2026, 3, 1, 12, 30, 15, 123457, tzinfo=UTC)


def make_run(**facts: Any) -> RunRecord:
    """Return a run that has just started."""
    known: dict[str, Any] = {
        "id": RunId(new_id()),
        "pipeline": "delays",
        "name": None,
        "status": RunStatus.RUNNING,
        "started_at": MOMENT,
        "parameters": {"seed": "1"},
        "tags": ("nightly",),
        "environment": {"python": "3.11"},
    }
    return RunRecord(**{**known, **facts})


def make_step(run: RunRecord, position: int = 0, **facts: Any) -> StepRunRecord:
    """Return a step of *run* that is still pending."""
    known: dict[str, Any] = {
        "id": StepRunId(new_id()),
        "run_id": run.id,
        "node": f"fit_{position}",
        "step": "fit",
        "position": position,
        "status": StepStatus.PENDING,
        "depends_on": (f"fit_{position - 1}",) if position else (),
    }
    return StepRunRecord(**{**known, **facts})


def make_attempt(number: int) -> AttemptRecord:
    """Return an attempt that failed."""
    error = ErrorRecord("OSError", "no rows", "Traceback", "WH301", {"what": "No"})
    return AttemptRecord(number, MOMENT, 0.5, error, "blake3:00", 4711, "höst")


def make_artifact(
    run: RunRecord, step: StepRunRecord | None, content: Content, name: str = "result"
) -> ArtifactRecord:
    """Return an artifact over *content*."""
    return ArtifactRecord(
        id=ArtifactId(new_id()),
        digest=content.digest,
        size=content.size,
        type="whence.domain.artifacts.DataArtifact",
        family="data",
        format="json/1",
        value_type="int",
        name=name,
        run_id=run.id,
        step_run_id=step.id if step else None,
        created_at=MOMENT,
    )


def report(
    name: str,
    *values: float,
    mode: str | None = None,
    steps: Sequence[int | None] | None = None,
    at: datetime = MOMENT,
) -> MetricSeries:
    """Return a metric of which a value was reported each second, from *at* on."""
    series = MetricSeries(name, mode)
    for number, value in enumerate(values):
        moment = round(1e6 * at.timestamp()) + 1_000_000 * number
        series.add(value, steps[number] if steps else None, moment)
    return series


def finish(
    run: RunRecord,
    step: StepRunRecord,
    *,
    inputs: Sequence[ArtifactRecord] = (),
    content: Content | None = None,
    metrics: Sequence[MetricSeries] = (),
) -> StepFinished:
    """Return the end of a step with one output."""
    content = content or make_inline_content({"value.json": step.id.encode()})
    done = replace(
        step, status=StepStatus.COMPLETED, started_at=MOMENT, duration=0.25, parameters={"k": "1"}
    )
    return StepFinished(
        step=done,
        inputs=[InputRecord(f"x{i}", "", found.id) for i, found in enumerate(inputs)],
        outputs=[make_artifact(run, step, content)],
        contents=[content],
        metrics=metrics,
    )


def finish_keyed(run: RunRecord, step: StepRunRecord, key: str, **facts: Any) -> StepFinished:
    """Return the end of a step whose outputs later runs may reuse under *key*."""
    end = finish(run, step, **facts)
    return replace(end, step=replace(end.step, cache_key=key), key_parts="{}", reusable=True)


def reuse(end: StepFinished, run: RunRecord, position: int = 0) -> StepFinished:
    """Return the end of a step of *run* that was served from *end*."""
    step = replace(
        make_step(run, position),
        status=StepStatus.COMPLETED,
        cached=True,
        started_at=MOMENT,
        duration=0.0,
        cache_key=end.step.cache_key,
        reused_from=end.step.id,
    )
    return StepFinished(step, inputs=end.inputs, outputs=end.outputs)


def make_chain(length: int) -> tuple[RunRecord, RunStarted, list[StepFinished]]:
    """Return a run, its start, and the ends of steps each of which takes the one before."""
    run = make_run()
    steps = [make_step(run, position) for position in range(length)]
    ends: list[StepFinished] = []
    for step in steps:
        ends.append(finish(run, step, inputs=ends[-1].outputs if ends else ()))
    return run, RunStarted(run, steps), ends
