"""Runs a plan on the current stack and gives back the finished run."""

from typing import TYPE_CHECKING, Any

from whence.authoring.options import PipelineOptions
from whence.domain.status import RunStatus
from whence.graph.plan import Plan
from whence.history.lookups import note_crashes
from whence.history.runs import Run
from whence.orchestrators.in_process import SubmittedJobs
from whence.running.execute_run import execute_run
from whence.running.run_errors import raise_failures
from whence.stacks.current import open_stack

if TYPE_CHECKING:
    from whence.engine.step_job import StepResult


def run_plan(plan: Plan, options: PipelineOptions) -> Run[Any]:
    """Run a plan; return the finished run.

    Raises what the failed step raised (several: an `ExceptionGroup`), and `KeyboardInterrupt` for a
    cancelled run; either has the run as `whence_run`.
    """
    stack = open_stack()
    stack.make_home()
    note_crashes(stack.metadata_store)
    orchestrator: SubmittedJobs[StepResult] = SubmittedJobs()
    outcome = execute_run(plan, stack, orchestrator, options=options)
    run: Run[Any] = Run(outcome.run, stack)
    if outcome.failures:
        raise_failures(outcome.run, outcome.failures, run)
    if outcome.run.status is RunStatus.CANCELLED:
        interrupt = KeyboardInterrupt("The run was cancelled.")
        interrupt.whence_run = run  # pyright: ignore[reportAttributeAccessIssue]  # the promised attribute
        raise interrupt
    return run
