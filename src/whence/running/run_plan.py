"""Runs a plan on the current stack and gives back the finished run."""

from typing import Any

from whence.authoring.options import PipelineOptions
from whence.authoring.pipeline_interface import PipelineSpec
from whence.caching.code_of_groups import CODE_RULES
from whence.domain.status import RunStatus
from whence.engine.execute_step import execute_step
from whence.engine.step_job import StepJob, StepResult
from whence.graph.plan import Plan
from whence.history.lookups import note_crashes
from whence.history.runs import Run
from whence.interfaces.orchestrator import Means, Orchestrator
from whence.registry.components import create_orchestrator
from whence.running.execute_run import Observe, RunStart, execute_run
from whence.running.resume_run import find_resumed
from whence.running.run_errors import raise_failures
from whence.running.run_origin import describe_origin
from whence.stacks.current import open_stack
from whence.stacks.stack import Stack


def run_plan(plan: Plan, options: PipelineOptions, spec: PipelineSpec | None = None) -> Run[Any]:
    """Run a plan; return the finished run. *spec* is the pipeline, where it can be found again.

    Raises what the failed step raised (several: an `ExceptionGroup`), and `KeyboardInterrupt` for a
    cancelled run; either has the run as `whence_run`.
    """
    stack = open_stack()
    stack.make_home()
    note_crashes(stack.metadata_store)

    def orchestrate(observe: Observe) -> Orchestrator[StepJob, StepResult]:
        means = Means(execute_step, CODE_RULES, stack.logs, observe)
        return create_orchestrator(_url_of(options), means)

    outcome = execute_run(plan, stack, orchestrate, _begin(plan, options, spec, stack))
    run: Run[Any] = Run(outcome.run, stack)
    if outcome.failures and outcome.run.status is not RunStatus.COMPLETED:
        raise_failures(outcome.run, outcome.failures, run)
    if outcome.run.status is RunStatus.CANCELLED or outcome.interrupted:
        interrupt = KeyboardInterrupt("The run was cancelled.")
        interrupt.whence_run = run  # pyright: ignore[reportAttributeAccessIssue]  # the promised attribute
        raise interrupt
    return run


def _begin(
    plan: Plan, options: PipelineOptions, spec: PipelineSpec | None, stack: Stack
) -> RunStart:
    origin = None if spec is None else describe_origin(plan, spec).to_json()
    if options.resume is None:
        return RunStart(options, origin)
    return RunStart(options, origin, find_resumed(options.resume, plan, stack))


def _url_of(options: PipelineOptions) -> str:
    """Return where attempts are made."""
    return "local://" if options.workers is None else f"local://?workers={options.workers}"
