"""One attempt of one step: read its inputs, call its function, store its outputs."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from whence.domain.ambient import running_step, written_output
from whence.domain.status import StepStatus
from whence.engine.call_function import call_function
from whence.engine.keep_log import keep_log
from whence.engine.log_capture import StepLog, current_log
from whence.engine.read_inputs import read_inputs
from whence.engine.step_context import ProgressSink, StepContext, current_context
from whence.engine.step_job import StepJob, StepResult, StoredOutput
from whence.engine.store_outputs import (
    OutputFolders,
    own_copies,
    split_returned,
    store_extras,
    store_values,
)
from whence.engine.tracebacks import drop_own_frames
from whence.engine.usage import UsageMeter


def execute_step(job: StepJob, report_progress: ProgressSink | None = None) -> StepResult:
    """Run one attempt of a step and return how it ended; what it raised is part of that."""
    kept = None if job.checkpoints is None else job.store.open_checkpoints(job.checkpoints)
    context = StepContext(job.node.name, report_progress, checkpoints=kept)
    log = StepLog(job.log_file)
    # Where a worker process collects what is written, it makes one attempt at a time.
    meter = UsageMeter(alone=written_output.get_here() is not None)
    started_at, start = datetime.now(UTC), time.perf_counter()
    outputs: tuple[StoredOutput, ...] = ()
    extras: tuple[StoredOutput, ...] = ()
    error: BaseException | None = None
    with _surroundings(job, context, log):  # which would hide an exception that is frozen
        try:
            outputs = tuple(_produce(job, context))
            extras = tuple(store_extras(job, context.artifacts))
        except BaseException as raised:  # noqa: BLE001  # the boundary around the user's code: nothing passes
            error = drop_own_frames(raised)
            outputs = ()
        finally:
            if kept is not None:
                kept.close()
    duration = time.perf_counter() - start
    return StepResult(
        status=_status(error),
        started_at=started_at,
        duration=duration,
        outputs=outputs,
        extras=extras,
        metrics=context.end_metrics(),
        metadata=context.metadata,
        log=keep_log(job.store, log.finish()),
        error=error,
        usage=meter.read(duration),
    )


@contextmanager
def _surroundings(job: StepJob, context: StepContext, log: StepLog) -> Generator[None]:
    with (
        running_step.entered(job.node.name),
        current_context.entered(context),
        current_log.entered(log),
    ):
        yield


def _produce(job: StepJob, context: StepContext) -> Iterator[StoredOutput]:
    folders = OutputFolders(job)
    try:
        arguments: dict[str, Any] = {
            **dict(own_copies(job.node.parameters)),
            **read_inputs(job),
            **folders.arguments(),
        }
        returned = call_function(job.node.step.fn, arguments)
        values = split_returned(job, returned)
        stored = [*store_values(job, values), *folders.commit(job.node.name)]
        _add_returned_metrics(job, values, context)
        yield from stored
    finally:
        folders.discard()


def _add_returned_metrics(job: StepJob, values: dict[str, Any], context: StepContext) -> None:
    for name, value in values.items():
        metric = job.node.step.outputs[name].metric
        if metric is not None and value is not None:
            context.add_metric(metric.name, float(value), None, metric.mode)


def _status(error: BaseException | None) -> StepStatus:
    if error is None:
        return StepStatus.COMPLETED
    return StepStatus.CANCELLED if isinstance(error, KeyboardInterrupt) else StepStatus.FAILED
