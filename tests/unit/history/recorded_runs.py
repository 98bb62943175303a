"""Runs as they are recorded, in a real local stack, without any step having run."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from whence.domain.contents import Content, make_inline_content
from whence.domain.ids import ArtifactId, RunId, StepRunId, new_id
from whence.domain.metrics import MetricSeries
from whence.domain.output_shape import NothingShape, OutputShape
from whence.domain.records import (
    ArtifactRecord,
    ErrorRecord,
    Event,
    InputRecord,
    RunFinished,
    RunRecord,
    RunStarted,
    StepFinished,
    StepRunRecord,
    ValueStored,
)
from whence.domain.status import RunStatus, StepStatus
from whence.history.runs import Run
from whence.stacks.stack import Stack
from whence.values.typed_json import encode

START = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
BOOM = ErrorRecord("ValueError", "boom", 'File "mine.py", line 1, in fit\nValueError: boom\n')


_order = itertools.count(0x0197_0000)  # ids of one millisecond would sort by chance


@dataclass
class RunBuilder:
    """Records a run step by step; `finish` ends it and returns what a user gets."""

    stack: Stack
    record: RunRecord
    steps: list[StepRunRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @classmethod
    def start(cls, stack: Stack, **facts: Any) -> "RunBuilder":
        """Return a run that has just begun."""
        parameters = {name: encode(value) for name, value in facts.pop("parameters", {}).items()}
        known = {"pipeline": "delays", "name": None, "status": RunStatus.RUNNING, **facts}
        run_id = RunId(f"{next(_order):08x}{new_id()[8:]}")
        return cls(stack, RunRecord(run_id, started_at=START, parameters=parameters, **known))

    def hand(self, name: str, value: Any) -> ArtifactRecord:
        """Store a value that is handed to the run."""
        content = json_content(value)
        artifact = self._artifact(name, content, None, "json/1")
        self.events.append(ValueStored(artifact, content))
        return artifact

    def add(  # noqa: PLR0913  # a step run has many sides; each test names those it is about
        self,
        node: str,
        outputs: Mapping[str, Any] | None = None,
        *,
        inputs: Mapping[str, ArtifactRecord] | None = None,
        metrics: Sequence[MetricSeries] = (),
        contents: Mapping[str, Content] | None = None,
        log: Content | None = None,
        metadata: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> list[ArtifactRecord]:
        """Record a step that ended; return its outputs. *inputs* has `argument/path` as keys."""
        step = StepRunRecord(
            id=StepRunId(new_id()),
            run_id=self.record.id,
            node=node,
            position=len(self.steps),
            parameters={name: encode(value) for name, value in (parameters or {}).items()},
            metadata={name: encode(value) for name, value in (metadata or {}).items()},
            log_digest=log.digest if log else None,
            **{
                "step": node.rpartition(".")[2],
                "status": StepStatus.COMPLETED,
                "started_at": START,
                "duration": 1.25,
                **facts,
            },
        )
        self.steps.append(step)
        made = {name: json_content(value) for name, value in (outputs or {}).items()}
        artifacts = [self._artifact(name, each, step, "json/1") for name, each in made.items()]
        artifacts += [
            self._artifact(name, each, step, None) for name, each in (contents or {}).items()
        ]
        kept = [*made.values(), *(contents or {}).values(), *([log] if log else [])]
        self.events.append(
            StepFinished(
                step,
                inputs=[_input(place, artifact.id) for place, artifact in (inputs or {}).items()],
                outputs=artifacts,
                contents=kept,
                metrics=metrics,
            )
        )
        return artifacts

    def finish(
        self,
        outputs: OutputShape | None = None,
        status: RunStatus = RunStatus.COMPLETED,
        **facts: Any,
    ) -> Run[Any]:
        """Record everything and return the run."""
        ended = replace(
            self.record,
            status=status,
            ended_at=START + timedelta(seconds=2.5),
            duration=2.5,
            outputs=(outputs or NothingShape()).to_json(),
            **facts,
        )
        begun = RunStarted(self.record, self.steps)
        ends = [event for event in self.events if isinstance(event, StepFinished)]
        over = RunFinished(ended, [end.step.id for end in ends if end.metrics])
        self.stack.metadata_store.record([begun, *self.events, over])
        return Run(ended, self.stack)

    def _artifact(
        self, name: str, content: Content, step: StepRunRecord | None, format_name: str | None
    ) -> ArtifactRecord:
        return ArtifactRecord(
            id=ArtifactId(new_id()),
            digest=content.digest,
            size=content.size,
            type="whence.domain.artifacts.DataArtifact",
            family="data",
            format=format_name,
            value_type="float" if format_name else None,
            name=name,
            run_id=self.record.id,
            step_run_id=step.id if step else None,
            created_at=START,
        )


def json_content(value: Any) -> Content:
    """Return the content that the JSON materializer writes for a value."""
    return make_inline_content({"value.json": encode(value).encode()})


def _input(place: str, artifact_id: ArtifactId) -> InputRecord:
    argument, _, path = place.partition("/")
    return InputRecord(argument, f"/{path}" if path else "", artifact_id)
