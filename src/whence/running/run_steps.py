"""The steps of one run: what they take, what is decided of them, and what came of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from whence.domain.attempts import AttemptId
from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.records import AttemptRecord, CacheEntry, InputRecord, StepFinished
from whence.domain.status import StepStatus
from whence.engine.keep_log import keep_log
from whence.engine.run_events import Event, StepDecided, StepExpanded, StopCause, Verdict
from whence.engine.step_job import StepInput, StepJob, StepResult, StoredOutput
from whence.engine.tracebacks import describe_error
from whence.errors import StepLostError, StepTimedOutError
from whence.graph.bindings import Binding, Constant, Item, Reference
from whence.graph.plan import Plan, PlannedNode
from whence.interfaces.orchestrator import Lost
from whence.running.handed_values import HandedValues
from whence.running.list_items import ListItems
from whence.running.name_models import name_models
from whence.running.report_run import RunReporter
from whence.running.reuse import Prepared, StepReuse
from whence.running.run_maps import RunMaps
from whence.running.run_records import Filing, finish_step
from whence.running.run_rules import rules_of_node
from whence.running.secured_contents import secure_content
from whence.running.step_inputs import Produced, resolve_inputs
from whence.stacks.stack import Stack


@frozen
class _Ready:
    """A step whose inputs are there."""

    inputs: Mapping[str, StepInput]
    records: tuple[InputRecord, ...]
    prepared: Prepared


class RunSteps:
    """Does for the steps of a run what its state says, all but the attempts themselves."""

    def __init__(self, plan: Plan, stack: Stack, reuse: StepReuse, reporter: RunReporter) -> None:
        self.produced = Produced()
        self.failures: dict[str, BaseException] = {}
        self.reused: set[str] = set()  # before anything was computed
        self._stack = stack
        self._reuse = reuse
        self._reporter = reporter
        self._logs = stack.logs / reporter.run.id
        self._returned = plan.returned
        store, record = stack.artifact_store, reporter.record
        secure = partial(secure_content, stack)
        self._handed = HandedValues(reporter.run, store, record, secure)
        self._items = ListItems(self.produced, reporter.run, store, record)
        self._maps = RunMaps(plan.nodes, self._items)
        self._expanded: dict[str, tuple[datetime, float]] = {}  # when maps were, by both clocks
        self._ready: dict[str, _Ready] = {}
        self._results: dict[str, StepResult] = {}  # of the latest attempts
        self._attempts: dict[str, tuple[AttemptRecord, ...]] = {}  # those that were in vain
        self._tried_since: dict[str, float] = {}  # by the steady clock, where some were

    @property
    def returned(self) -> Binding | None:
        """What the pipeline's body returned, with the results of maps as far as they are known."""
        return None if self._returned is None else self._maps.gather(self._returned)

    def expand(self, name: str) -> Event:
        """Find out what a map places, and let it be part of the run."""
        try:
            if not self._is_taken(name):
                return StepDecided(name, Verdict.NOT_TAKEN)
            items = self._maps.expand(name)
        except Exception as error:  # noqa: BLE001  # a list that cannot be read fails the map that takes it
            self._results[name] = StepResult(StepStatus.FAILED, datetime.now(UTC), 0.0, error=error)
            return StepDecided(name, Verdict.FAILED)
        self._expanded[name] = datetime.now(UTC), monotonic()
        self._reporter.steps_added([node for nodes in items for node in nodes.values()])
        return StepExpanded(
            name,
            [
                {each: rules_of_node(node, self.reused) for each, node in nodes.items()}
                for nodes in items
            ],
        )

    def _is_taken(self, name: str) -> bool:
        """Return whether the conditions of a node hold."""
        conditions = self._node(name).conditions
        return not conditions or all(
            self._read_flag(each.flag) is each.expected for each in conditions
        )

    def _read_flag(self, flag: Binding) -> Any:
        if isinstance(flag, Constant):
            return flag.value
        binding = self._maps.gather(flag)
        if isinstance(binding, Item):
            given, _ = self._items.take(binding)
        elif isinstance(binding, Reference):
            given, _ = self.produced.outputs[binding.node, binding.output]
        else:
            raise AssertionError(binding)  # noqa: TRY004  # a checked plan: only an output decides
        return self._items.read(given)

    def _node(self, name: str) -> PlannedNode:
        return self._maps.nodes[name]

    def reuse(self, name: str) -> bool:
        """Let a step end with an earlier result, if it is known that there is one."""
        try:
            ready = self._prepare(name)
        except Exception:  # noqa: BLE001  # a value that cannot be stored: it is met again in its turn
            return False
        if ready.prepared.decision.entry is None:
            self._ready[name] = ready
            return False
        self._reporter.step_ended(self._take_hit(name, ready), None)
        self.reused.add(name)
        return True

    def decide(self, name: str) -> Verdict:
        """Find out whether a step is to be computed, and prepare what it takes."""
        try:
            if not self._is_taken(name):
                return Verdict.NOT_TAKEN
            ready = self._ready.get(name)
            if ready is None:
                ready = self._ready[name] = self._prepare(name)
            prepared = self._reuse.secure(self._node(name), ready.prepared)
        except Exception as error:  # noqa: BLE001  # a value that cannot be stored fails the step that takes it
            self._results[name] = StepResult(StepStatus.FAILED, datetime.now(UTC), 0.0, error=error)
            return Verdict.FAILED
        if prepared is None:
            return Verdict.AWAITED
        if prepared.decision.entry is None:
            return Verdict.COMPUTE
        if prepared is not ready.prepared:
            self._ready[name] = replace(ready, prepared=prepared)
        return Verdict.REUSED

    def _prepare(self, name: str) -> _Ready:
        node = self._maps.gather_inputs(self._node(name))
        inputs, records = resolve_inputs(node, self.produced, self._handed, self._items.take)
        return _Ready(inputs, records, self._reuse.prepare(node, inputs))

    def make_job(self, attempt: AttemptId) -> StepJob:
        """Return all that an attempt needs."""
        name = attempt.node
        log_file = self._logs / f"{self._reporter.step_id(name)}.log"
        ready, node = self._ready[name], self._node(name)
        checkpoints = self._reuse.name_checkpoints(node, ready.prepared)
        return StepJob(node, ready.inputs, self._stack.artifact_store, log_file, checkpoints)

    def take(self, attempt: AttemptId, result: StepResult, stopped: StopCause | None) -> StepResult:
        """Keep how an attempt ended, and return it as it is to be understood."""
        if result.error is not None and stopped is not None:
            result = self._explain_stop(attempt.node, result, stopped)
        self._results[attempt.node] = result
        return result

    def take_loss(self, lost: Lost, stopped: StopCause | None) -> StepResult:
        """Keep that an attempt gave no result, and return what is to be understood by that."""
        name = lost.attempt.node
        error = lost.error or StepLostError(
            where=self._node(name).step.place, step=name, reason=lost.reason
        )
        is_interrupt = isinstance(error, KeyboardInterrupt)
        status = StepStatus.CANCELLED if is_interrupt else StepStatus.FAILED
        beginning = self._reporter.under_way.get(name)
        began_at, duration = datetime.now(UTC), 0.0
        if beginning is not None:
            began_at, duration = beginning.at, monotonic() - beginning.steady
        log = self._keep_printed(lost.printed)
        result = StepResult(status, began_at, duration, log=log, error=error)
        return self.take(lost.attempt, result, stopped)

    def _explain_stop(self, name: str, result: StepResult, stopped: StopCause) -> StepResult:
        if stopped is StopCause.CANCELLED:
            return replace(
                result, status=StepStatus.CANCELLED, error=KeyboardInterrupt("It was cancelled.")
            )
        node = self._node(name)
        seconds = rules_of_node(node).timeout_seconds
        error = StepTimedOutError(where=node.step.place, step=name, seconds=seconds)
        return replace(result, status=StepStatus.FAILED, error=error)

    def _keep_printed(self, file: Path | None) -> Content | None:
        if file is None:
            return None
        data = file.read_bytes()
        file.unlink(missing_ok=True)
        return keep_log(self._stack.artifact_store, data)

    def retry(self, attempt: AttemptId) -> None:
        """Put the latest attempt to those that were in vain; another one follows."""
        name, result = attempt.node, self._results.pop(attempt.node)
        attempts = self._list_attempts(name, result)
        self._attempts[name] = attempts
        self._tried_since.setdefault(name, monotonic() - result.duration)
        contents = [result.log] if result.log is not None else []
        self._reporter.step_retried(name, attempts, contents)

    def _list_attempts(self, name: str, result: StepResult) -> tuple[AttemptRecord, ...]:
        before = self._attempts.get(name, ())
        beginning = self._reporter.under_way.get(name)
        latest = AttemptRecord(
            number=len(before) + 1,
            started_at=result.started_at,
            duration=result.duration,
            error=describe_error(result.error) if result.error is not None else None,
            log_digest=result.log.digest if result.log is not None else None,
            process=None if beginning is None else beginning.process,
        )
        return (*before, latest)

    def end(self, name: str, status: StepStatus, because: str | None) -> None:
        """Record the end of a step, and keep what it gave for those that take it."""
        result = self._results.pop(name, None)
        ready = self._ready.pop(name, None)
        if result is not None:
            as_ended = result if result.status is status else replace(result, status=status)
            finished = self._finish(name, as_ended, ready)
        elif ready is not None and status is StepStatus.COMPLETED:
            finished = self._take_hit(name, ready)
        else:
            finished = self._skip(name, status)
        self._reporter.under_way.pop(name, None)
        self._reporter.step_ended(finished, because)

    def _skip(self, name: str, status: StepStatus) -> StepFinished:
        """Return the end of a step that never ran; a map lasts from its expansion on."""
        skipped = replace(self._reporter.pending(name), status=status)
        if name in self._expanded:
            began_at, since = self._expanded[name]
            skipped = replace(skipped, started_at=began_at, duration=monotonic() - since)
        return StepFinished(skipped)

    def _finish(self, name: str, result: StepResult, ready: _Ready | None) -> StepFinished:
        attempts: tuple[AttemptRecord, ...] = ()
        if name in self._attempts:
            attempts = self._list_attempts(name, result)
            spent = monotonic() - self._tried_since[name]
            result = replace(result, started_at=attempts[0].started_at, duration=spent)
        filing, records = Filing(), ()
        if ready is not None:
            filing = self._reuse.file(self._node(name), result.status, ready.prepared)
            records = ready.records
        finished = finish_step(self._reporter.pending(name), result, records, filing, attempts)
        finished = name_models(finished, self._node(name), self._reporter.run)
        self._reuse.remember(finished)
        for stored, record in zip(result.outputs, finished.outputs, strict=True):
            self.produced.add(name, stored, record)
        if result.error is not None and result.status is StepStatus.FAILED:
            self.failures[name] = result.error
        return finished

    def _take_hit(self, name: str, ready: _Ready) -> StepFinished:
        entry = ready.prepared.decision.entry
        if entry is None:
            raise AssertionError(name)  # it was decided because of one
        self._produce(name, entry)
        step_id = self._reporter.step_id(name)
        if entry.measured:
            self._reporter.measured.append(step_id)
        return self._reuse.describe_hit(step_id, self._node(name), ready.prepared, ready.records)

    def _produce(self, name: str, entry: CacheEntry) -> None:
        outputs = self._node(name).step.outputs
        for record in entry.outputs:
            if record.name in outputs:
                stored = StoredOutput(outputs[record.name], entry.contents[record.digest])
                self.produced.add(name, stored, record)
