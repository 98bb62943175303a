"""Going on from a run that failed, was cancelled or crashed."""

from collections.abc import Iterator, Mapping
from typing import Any

from whence.authoring.pipeline_definition import PipelineDefinition
from whence.domain.ids import short_id
from whence.domain.records import RunRecord
from whence.domain.status import RunStatus
from whence.errors import RunNotResumableError
from whence.graph.plan import Plan
from whence.history.lookups import find_run_record, note_crashes
from whence.history.runs import Run
from whence.running.resumed_run import ResumedRun
from whence.running.run_origin import FillerOrigin, RunOrigin, parse_origin
from whence.running.targets import Target, find_step, load_target
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack
from whence.values.typed_json import decode

_CALL_AGAIN = (
    "Where it was started, call the pipeline again: `pipeline.with_options(resume={run!r})(...)`."
)


def resume(run: Run[Any] | str) -> Run[Any]:
    """Go on from a run that failed, was cancelled or crashed, and return the new, finished run.

    The pipeline is found by its file or module, and gets the arguments that it was given. What
    completed is not repeated, also steps without outputs and those that say `cache=False`, unless
    their code, parameters or inputs have changed. Raises `RunNotResumableError`, what `whence.run`
    raises, and what the pipeline's own call would.
    """
    return load_resumed(run)()


def load_resumed(run: Run[Any] | str) -> PipelineDefinition:
    """Return the pipeline whose call goes on from a run. Raises `RunNotResumableError`."""
    stack = open_stack()
    record = _find(run if isinstance(run, str) else run.id, stack)
    origin = _find_origin(record)
    target = load_target(str(origin.target))
    given = {**dict(_values(origin, target)), **dict(_fillers(origin.fillers, target))}
    return target.pipeline.bind(**given).with_options(**origin.options, resume=record.id)


def find_folder(run: Run[Any]) -> str | None:
    """Return the folder in which a run was started, if it is known."""
    origin = run.record.origin
    return None if origin is None else parse_origin(origin).folder


def find_resumed(key: str, plan: Plan, stack: Stack) -> ResumedRun:
    """Return what is done of the run that *plan* is to go on from.

    Raises `RunNotResumableError`, and what `whence.run` raises.
    """
    record = _find(key, stack)
    if record.pipeline != plan.pipeline:
        reason = f"This is pipeline '{plan.pipeline}'."
        raise _refuse(record, reason, "Resume the pipeline that it is a run of.")
    resumed = ResumedRun(stack.metadata_store, record)
    if resumed.nodes and resumed.nodes.isdisjoint(plan.nodes):
        reason = "None of its steps is in the pipeline any more."
        raise _refuse(record, reason, "Run the pipeline anew: what is stored is reused as always.")
    return resumed


def _find(key: str, stack: Stack) -> RunRecord:
    note_crashes(stack.metadata_store)
    record = find_run_record(stack.metadata_store, key)
    if record.status is RunStatus.COMPLETED:
        cure = "Run the pipeline anew: what is stored is reused as always."
        raise _refuse(record, "It is completed: nothing is left to do.", cure)
    if record.status is RunStatus.RUNNING:
        raise _refuse(record, "It goes on.", f"End it first: whence cancel {short_id(record.id)}")
    return record


def _find_origin(record: RunRecord) -> RunOrigin:
    again = _CALL_AGAIN.format(run=short_id(record.id))
    if record.origin is None:
        raise _refuse(record, "Its record does not say how it was started.", again)
    origin = parse_origin(record.origin)
    if origin.target is None:
        raise _refuse(record, "Its pipeline is defined in a session, not in a file.", again)
    if origin.lost:
        reason = f"It was given values that no record can give again: {', '.join(origin.lost)}."
        raise _refuse(record, reason, again)
    return origin


def _values(origin: RunOrigin, target: Target) -> Iterator[tuple[str, Any]]:
    arguments = target.pipeline.spec.arguments
    for name, text in origin.arguments.items():
        known = arguments.get(name)
        yield name, decode(text, None if known is None else known.annotation)


def _fillers(fillers: Mapping[str, FillerOrigin], target: Target) -> Iterator[tuple[str, Any]]:
    for slot, filler in fillers.items():
        step = find_step(filler.target, target)
        bound = {name: decode(text) for name, text in filler.arguments.items()}
        yield slot, step.bind(**bound) if bound else step


def _refuse(record: RunRecord, reason: str, cure: str) -> RunNotResumableError:
    return RunNotResumableError(
        run=record.name or short_id(record.id), pipeline=record.pipeline, reason=reason, cure=cure
    )
