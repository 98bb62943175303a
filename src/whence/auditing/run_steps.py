"""One process of an audit: runs steps under watch, on a stack of its own, and tells what it saw."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from whence.auditing.global_randomness import find_draws, read_states
from whence.auditing.observation import Observation
from whence.auditing.watch import Watch
from whence.auditing.watched_step import WatchedStep
from whence.auditing.work import read_work, tell_beginning, tell_end
from whence.domain.status import StepStatus
from whence.engine.call_function import call_function
from whence.engine.execute_step import execute_step
from whence.engine.step_job import StepJob, StepResult, StoredOutput
from whence.graph.plan import Plan, PlannedNode
from whence.running.handed_values import HandedValues
from whence.running.run_records import make_artifact_record, new_run
from whence.running.step_inputs import Produced, resolve_inputs
from whence.stacks.current import make_local_stack, use_stack
from whence.stacks.home import find_home


def run_steps(plan: Plan, folder: Path, tell_to: TextIO) -> None:
    """Run the steps that were left to do in *folder*; tell of each when it begins and ends.

    A step whose inputs are not known is passed over. Nothing is recorded but in *folder*.
    """
    work = read_work(folder)
    runner = _Runner(plan, folder)
    for observation in work.known.values():
        runner.take_known(observation)
    with use_stack(runner.stack):
        for name in work.nodes:
            if runner.is_ready(name):
                tell_beginning(tell_to, name)
                tell_end(tell_to, runner.run(name))


class _Runner:
    """Runs single steps of a plan on what others gave, here or in an earlier process."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        home = folder / "home"
        self.stack = make_local_stack(home)
        self.stack.make_home()
        self._plan = plan
        self._run = new_run(plan, None, ())
        self._produced = Produced()
        self._complete: set[str] = set()
        store = self.stack.artifact_store
        self._handed = HandedValues(self._run, store, lambda event: None)  # noqa: ARG005  # no records
        self._watch = Watch([home, find_home()])

    def take_known(self, observation: Observation) -> None:
        """Take the outputs of a step as an earlier process stored them."""
        node = self._plan.nodes.get(observation.node)
        if node is None or observation.error is not None:
            return
        for name, content in observation.outputs.items():
            self._add(node.name, StoredOutput(node.step.outputs[name], content))
        self._complete.add(node.name)

    def is_ready(self, name: str) -> bool:
        """Return whether the plan of this process has the step, and all that it takes is there."""
        node = self._plan.nodes.get(name)
        if node is None or node.template is not None or node.conditions:
            return False
        return self._complete.issuperset(node.depends_on)

    def run(self, name: str) -> Observation:
        """Run a step once. Raises `KeyboardInterrupt` if that is what ended it."""
        node = self._plan.nodes[name]
        seen: list[WatchedStep] = []
        states = read_states()
        try:
            inputs, _ = resolve_inputs(node, self._produced, self._handed)
            job = StepJob(
                self._watched(node, seen), inputs, self.stack.artifact_store, self.stack.logs / name
            )
            result = execute_step(job)
        except Exception as error:  # noqa: BLE001  # a value that cannot be stored fails the step that takes it
            result = StepResult(StepStatus.FAILED, datetime.now(UTC), 0.0, error=error)
        if isinstance(result.error, KeyboardInterrupt):
            raise result.error
        observation = _observe(node, result, seen, states)
        self._keep(node, result)
        return observation

    def _watched(self, node: PlannedNode, seen: list[WatchedStep]) -> PlannedNode:
        def call(**arguments: Any) -> Any:
            with self._watch.watching(node) as step:
                seen.append(step)
                return call_function(node.step.fn, arguments)

        return replace(node, step=replace(node.step, fn=call))

    def _keep(self, node: PlannedNode, result: StepResult) -> None:
        if result.error is None and node.name not in self._complete:
            for stored in result.outputs:
                self._add(node.name, stored)
            self._complete.add(node.name)

    def _add(self, node: str, stored: StoredOutput) -> None:
        record = make_artifact_record(stored.output, stored.content, self._run.id, None)
        self._produced.add(node, stored, record)


def _observe(
    node: PlannedNode, result: StepResult, seen: list[WatchedStep], states: dict[str, str]
) -> Observation:
    places = seen[0].first_draws if seen else {}
    return Observation(
        node=node.name,
        error=None if result.error is None else _describe(result.error),
        outputs={each.output.name: each.content for each in result.outputs},
        parameters=node.recorded,
        reads=seen[0].reads if seen else (),
        draws=find_draws(states, places),
    )


def _describe(error: BaseException) -> str:
    kind = type(error).__name__
    try:
        first = next(iter(str(error).strip().splitlines()), "")
    except Exception:  # noqa: BLE001  # a broken __str__ must not end the audit
        first = ""
    return f"{kind}: {first}" if first else kind
