"""One step of a past run, ready to be called again in this process."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from whence.authoring.step_definition import StepDefinition
from whence.caching.explain import Change, find_code_changes
from whence.caching.step_keys import fingerprint_node, look_at_code_anew
from whence.domain.ambient import running_step
from whence.domain.artifacts import Artifact
from whence.domain.cache_keys import CacheKey
from whence.domain.frozen import frozen
from whence.domain.ids import short_id
from whence.engine.call_function import call_function
from whence.engine.read_inputs import read_inputs
from whence.engine.step_context import StepContext, current_context
from whence.engine.step_job import CollectedInput, StepInput, StepJob, StoredInput
from whence.engine.store_outputs import own_copies, split_returned
from whence.errors import (
    InputNotReadError,
    InvalidParameterError,
    StepNotReplayableError,
    UnknownArgumentError,
    suggest,
)
from whence.fingerprint.parts import Fingerprint
from whence.graph.bindings import rebuild
from whence.graph.interface import StepSpec
from whence.graph.plan import PlannedNode
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.history.runs import Run, StepRun
from whence.running.replay_report import report_replay
from whence.running.reuse import describe_inputs
from whence.stacks.current import use_stack
from whence.values.canonical import compute_value_digest
from whence.values.typed_json import encode
from whence.values.validation import (
    CommandLineText,
    InvalidValueError,
    describe_value,
    validate_parameter,
)

Through = Callable[[Callable[..., Any], Mapping[str, Any]], Any]
"""Calls a function with its arguments, and gives back what it returned."""


@frozen
class ReplayFacts:
    """What is recorded of a step run, as far as it takes to replay it."""

    key: CacheKey | None
    code: Fingerprint | None
    folder: str | None  # where the run was started


class Reported:
    """What a replayed step reported: nothing of it is recorded."""

    def __init__(self, context: StepContext) -> None:
        self.metrics: Mapping[str, float] = {
            name: series.values[-1] for name, series in context.metrics.items()
        }
        self.metadata: Mapping[str, Any] = dict(context.metadata)
        self.artifacts: Mapping[str, Any] = dict(context.artifacts)


class Replay(Shown):
    """A step of a past run with its exact inputs and parameters, to be called here.

    `call()` runs the step's function as the code is now and returns what it returns; nothing is
    recorded. `call(depth=8)` does so with another parameter, or input. `record()` makes it a run of
    its own.
    """

    def __init__(
        self,
        step_run: StepRun,
        step: StepDefinition,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, StepInput],
        facts: ReplayFacts,
    ) -> None:
        self._step_run = step_run
        self._step = step
        self._taken = inputs
        self._facts = facts
        self._parameters = dict(parameters)
        self.reported = Reported(StepContext(step_run.node))
        """What the last call reported by `log_metric` and the like."""
        self.folders: Mapping[str, Path] = {}
        """Where the last call wrote its `Output` arguments: private folders, for you to keep."""

    @property
    def step(self) -> StepDefinition:
        """The step, as it is defined now."""
        return self._step

    @property
    def step_run(self) -> StepRun:
        """The step run that is replayed."""
        return self._step_run

    @property
    def taken(self) -> Mapping[str, StepInput]:
        """The artifacts that it took, by argument, not yet read."""
        return self._taken

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The values of its parameters."""
        return dict(self._parameters)

    @cached_property
    def inputs(self) -> Mapping[str, Any]:
        """The values that it took, by argument, as its function gets them. Read when asked for."""
        return self._read(self._taken)

    @cached_property
    def code_changes(self) -> tuple[Change, ...]:
        """What of its code is not as it was when it ran; nothing, where that is not recorded."""
        old = self._facts.code
        if old is None:
            return ()
        look_at_code_anew()
        store = self._step_run.records.stack
        contents = list(describe_inputs(self._node(), self._taken, store.artifact_store))
        now = fingerprint_node(self._node(), contents)
        if now.digest == old.digest:
            return ()
        return tuple(find_code_changes(old, now, store.metadata_store))

    def call(self, **changed: Any) -> Any:
        """Call the step's function and return what it returns.

        Each call gets fresh copies of inputs and parameters. What is *changed* takes their place.
        Raises what the function raises, `InvalidParameterError` and `StepNotReplayableError`.
        """
        return self.call_through(call_function, **changed)

    def call_through(self, call: Through, /, **changed: Any) -> Any:
        """As `call`, with *call* to call the function, such as a debugger does."""
        parameters, given = self._sort(changed)
        untouched = {name: each for name, each in self._taken.items() if name not in given}
        values = {**given, **self._read(untouched)}
        context = StepContext(self._step_run.node)
        self.folders, outputs = self._open_outputs()
        arguments = {**dict(own_copies(parameters)), **values, **outputs}
        try:
            with self._surroundings(), _reporting(context):
                return call(self._step.fn, arguments)
        finally:
            self.reported = Reported(context)

    def check(self, returned: Any) -> Mapping[str, Any]:
        """Return a returned value by output, checked as in a run. Raises `StepFailedError`."""
        return split_returned(self._job({}), returned)

    def record(self, **changed: Any) -> Run[Any]:
        """Run the step by itself, with the same inputs and parameters: recorded as any run is."""
        parameters, given = self._sort(changed)
        artifacts = {name: _as_artifacts(each) for name, each in self._taken.items()}
        bound = {**artifacts, **parameters, **given}
        with self._surroundings(), use_stack(self._step_run.records.stack):
            return self._step.run(**bound)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]  # every step that a user defines is runnable

    def _sort(self, changed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return parameters and values for inputs, with what is changed in its place."""
        spec = self._step.spec
        parameters, given = dict(self._parameters), dict[str, Any]()
        for name, value in changed.items():
            argument = spec.arguments.get(name)
            if argument is None or argument not in spec.callable_arguments:
                known = [each.name for each in spec.callable_arguments]
                raise UnknownArgumentError(
                    where=spec.place,
                    kind="Step",
                    name=spec.name,
                    argument=name,
                    suggestion=suggest(name, known),
                )
            if name in self._taken or argument.artifact_type is not None:
                given[name] = value
            else:
                parameters[name] = self._validate(name, value)
        return parameters, given

    def _validate(self, name: str, value: Any) -> Any:
        argument = self._step.spec.arguments[name]
        try:
            return validate_parameter(value, argument.annotation)
        except InvalidValueError as error:
            raise InvalidParameterError(
                where=self._step.spec.place,
                argument=name,
                name=self._step.spec.name,
                value=describe_value(str(value) if isinstance(value, CommandLineText) else value),
                reason=error.reason,
                cure=f"Give a value that fits `{argument}`.",
            ) from None

    def _read(self, inputs: Mapping[str, StepInput]) -> dict[str, Any]:
        try:
            return read_inputs(self._job(inputs))
        except InputNotReadError as error:
            said = error.describe()
            raise StepNotReplayableError(
                where=self._step.spec.place,
                node=self._step_run.node,
                run=name_run(self._step_run),
                reason=f"{said['what']} {said['why'] or ''}".strip(),
                cure=said["fix"] or "",
            ) from error

    def _job(self, inputs: Mapping[str, StepInput]) -> StepJob:
        stack = self._step_run.records.stack
        return StepJob(self._node(), inputs, stack.artifact_store, stack.logs / "replay.log")

    def _node(self) -> PlannedNode:
        record = self._step_run.record
        return PlannedNode(
            record.node,
            _with_env_of(self._step.spec, self._facts.key),
            self._step.spec.options,
            parameters=self._parameters,
            recorded={name: encode(value) for name, value in self._parameters.items()},
            inputs={},
            depends_on=(),
            slot=None,
            position=record.position,
        )

    def _open_outputs(self) -> tuple[dict[str, Path], dict[str, Artifact]]:
        """Make a private folder for each `Output` argument."""
        handed = [each for each in self._step.spec.outputs.values() if each.handed_in]
        if not handed:
            return {}, {}
        home = Path(tempfile.mkdtemp(prefix=f"whence-{self._step.spec.name}-"))
        folders = {each.name: home / each.name for each in handed}
        for folder in folders.values():
            folder.mkdir()
        return folders, {each.name: each.artifact_type(folders[each.name]) for each in handed}

    @contextlib.contextmanager
    def _surroundings(self) -> Generator[None]:
        """Stand where the run was started, with the environment values that the step had."""
        self._require_secrets()
        folder = self._facts.folder
        is_there = folder is not None and Path(folder).is_dir()
        standing = contextlib.chdir(folder) if folder and is_there else contextlib.nullcontext()
        with standing, _environment(self.environment):
            yield

    @property
    def environment(self) -> Mapping[str, str | None]:
        """The declared environment values that the step run had; None for one that was not set."""
        parts = self._facts.key.parts if self._facts.key is not None else ()
        unset = compute_value_digest(None)
        return {
            part.name: None if part.digest == unset else part.shown
            for part in parts
            if part.kind == "environment"
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secrets that the step takes from the environment."""
        parts = self._facts.key.parts if self._facts.key is not None else ()
        named = [*self._step.spec.options.secrets, *(p.name for p in parts if p.kind == "secret")]
        return tuple(dict.fromkeys(named))

    def _require_secrets(self) -> None:
        missing = [name for name in self.secrets if name not in os.environ]
        if missing:
            raise StepNotReplayableError(
                where=self._step.spec.place,
                node=self._step_run.node,
                run=name_run(self._step_run),
                reason=f"It takes secrets, which are never recorded: {', '.join(missing)}.",
                cure=f"Set them in the environment: export {missing[0]}=...",
            )

    def _one_line(self) -> str:
        run = short_id(self._step_run.record.run_id)
        return f"<Replay of {self._step_run.node} of run {run}: .call() runs it here>"

    def _report(self) -> Report:
        return report_replay(self._step_run, self._parameters, self._taken, self.code_changes)


def name_run(step_run: StepRun) -> str:
    """Return what the run of a step run is called, for a message."""
    run = step_run.records.run
    return short_id(run.id) if run.name is None else f"'{run.name}'"


def _with_env_of(spec: StepSpec, key: CacheKey | None) -> StepSpec:
    """Return a step that declares what it had declared where it was placed."""
    parts = key.parts if key is not None else ()
    env = tuple(part.name for part in parts if part.kind == "environment")
    return (
        spec if env == spec.options.env else replace(spec, options=replace(spec.options, env=env))
    )


def _as_artifacts(given: StepInput) -> Any:
    """Return an input as a caller hands it to a step."""
    if isinstance(given, StoredInput):
        return given.artifact
    if isinstance(given, CollectedInput):
        return rebuild(given.kind, {key: _as_artifacts(item) for key, item in given.items})
    return None


@contextlib.contextmanager
def _reporting(context: StepContext) -> Generator[None]:
    with running_step.entered(context.node), current_context.entered(context):
        yield


@contextlib.contextmanager
def _environment(values: Mapping[str, str | None]) -> Generator[None]:
    """Let environment variables be as they were, and put them back."""
    before = {name: os.environ.get(name) for name in values}
    _set_environment(values.items())
    try:
        yield
    finally:
        _set_environment(before.items())


def _set_environment(values: Iterable[tuple[str, str | None]]) -> None:
    for name, value in values:
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
