"""`whence.debug`: a step of a past run with its exact inputs, to be called in this process."""

import contextlib
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from whence.authoring.step_definition import StepDefinition
from whence.caching.explain import load_code, load_key
from whence.domain.cache_keys import CacheKey
from whence.domain.status import StepStatus
from whence.engine.step_job import CollectedInput, MissingInput, StepInput
from whence.errors import StepNotReplayableError, WhenceError
from whence.history.lookups import find_run
from whence.history.runs import Run, StepRun
from whence.running.replay import Replay, ReplayFacts, name_run
from whence.running.replay_inputs import Taken, rebuild_inputs
from whence.running.run_origin import parse_origin
from whence.running.step_code import find_step_code
from whence.values.typed_json import decode

_NO_ARTIFACT = re.compile(r"a \w+ of \d+|nothing: .*")
"""What the key shows of a place that holds no artifact itself."""


def debug(run: Run[Any] | str, node: str, *, step: StepDefinition | None = None) -> Replay:
    """Return a step of a run with its exact inputs and parameters, to be called in this process.

    The run is given as such, or as `whence.run` finds it; the step by its node, as `fit`,
    `inner.fit` or `fit[3]`. Its function is the code as it is now, found where it stood when it
    ran; *step* hands it in where it cannot be found, as one that is local to a function. Nothing
    is recorded. Raises `RecordNotFoundError`, `StepNotReplayableError` and `StepCodeNotFoundError`.
    """
    found = find_run(run) if isinstance(run, str) else run
    step_run: StepRun = found.steps[node]
    _check_ended(found, step_run)
    store = found.records.stack.metadata_store
    key = load_key(step_run.record, store)
    code = load_code(key, store) if key is not None else None
    folder = _folder_of(found)
    if step is None:
        with _standing_in(folder):
            step = find_step_code(found.record, step_run.record, code)
    inputs = rebuild_inputs(step.spec, list(_list_taken(step_run)), key)
    _check_inputs(step_run, step, inputs, key)
    parameters = _decode_parameters(step_run, step)
    return Replay(step_run, step, parameters, inputs, ReplayFacts(key, code, folder))


def _folder_of(run: Run[Any]) -> str | None:
    return None if run.record.origin is None else parse_origin(run.record.origin).folder


@contextlib.contextmanager
def _standing_in(folder: str | None) -> Generator[None]:
    if folder is None or not Path(folder).is_dir():
        yield
        return
    with contextlib.chdir(folder):
        yield


def _check_ended(run: Run[Any], step_run: StepRun) -> None:
    """Refuse a step of which it is not recorded what it took."""
    record = step_run.record
    items = [each.node for each in run.records.steps if each.parent == record.node]
    if items:
        raise _refuse(
            step_run,
            f"It is a map, which placed {len(items)} nodes.",
            f"Name one of them: {items[0]}",
        )
    if record.status in {StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.CANCELLED} and (
        record.started_at is not None
    ):
        return
    told = {
        StepStatus.RUNNING: "It still runs, and what it took is recorded when it ends.",
        StepStatus.CRASHED: "Its process died, before what it took was recorded.",
    }
    raise _refuse(
        step_run,
        told.get(record.status, f"It never ran: it is {record.status}."),
        "Run it again: `whence resume` goes on from a run that did not complete.",
    )


def _refuse(step_run: StepRun, reason: str, cure: str) -> StepNotReplayableError:
    return StepNotReplayableError(
        node=step_run.node, run=name_run(step_run), reason=reason, cure=cure
    )


def _list_taken(step_run: StepRun) -> Iterator[Taken]:
    around = step_run.records.artifacts_of(step_run.id)
    for record, artifact in around.inputs:
        yield Taken(record, step_run.open_artifact(artifact))


def _check_inputs(
    step_run: StepRun,
    step: StepDefinition,
    inputs: dict[str, StepInput],
    key: CacheKey | None,
) -> None:
    """Refuse a step of which a recorded input is lost, or whose function takes others now."""
    taken = {each.record.argument for each in _list_taken(step_run)}
    unknown = sorted(taken - set(step.spec.arguments))
    parts = [part for part in key.parts if part.kind == "input"] if key is not None else []
    count = len([part for part in parts if not _NO_ARTIFACT.fullmatch(part.shown)])
    there = sum(_count(each) for each in inputs.values())
    if unknown:
        cure = "Look at the code as it was: `whence lineage RUN STEP --code`."
        raise _refuse(
            step_run, f"Its function no longer takes what it took: {', '.join(unknown)}.", cure
        )
    if there < count:
        raise _refuse(
            step_run,
            f"Of the {count} artifacts that it took, the records of {there} are left.",
            "Run it again.",
        )
    bound = {*inputs, *step_run.record.parameters}
    missing = [each.name for each in step.spec.callable_arguments if each.required]
    lacking = [name for name in missing if name not in bound]
    if lacking:
        raise _refuse(
            step_run,
            f"Its function takes more now, or its record is damaged: {', '.join(lacking)}.",
            "Give the argument a default, or run the step again.",
        )


def _count(given: StepInput) -> int:
    if isinstance(given, CollectedInput):
        return sum(_count(item) for _, item in given.items)
    return 0 if isinstance(given, MissingInput) else 1


def _decode_parameters(step_run: StepRun, step: StepDefinition) -> dict[str, Any]:
    """Return the values of the parameters; those that the function no longer has are left out."""
    found: dict[str, Any] = {}
    for name, text in step_run.record.parameters.items():
        argument = step.spec.arguments.get(name)
        if argument is None:
            continue
        try:
            found[name] = decode(text, argument.annotation)
        except WhenceError as error:
            said = error.describe()
            raise _refuse(
                step_run,
                f"Its parameter '{name}' cannot be read: {said['what']}",
                said["fix"] or "",
            ) from error
    return found
