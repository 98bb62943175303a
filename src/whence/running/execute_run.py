"""One run, from its first record to its last."""

from collections.abc import Callable
from dataclasses import field, replace
from datetime import UTC, datetime
from time import perf_counter

from whence.authoring.options import PipelineOptions
from whence.domain.collector import release_collector
from whence.domain.frozen import frozen
from whence.domain.records import RunRecord
from whence.domain.status import RunStatus
from whence.engine.log_capture import capture_output
from whence.engine.step_job import StepJob, StepResult
from whence.engine.tracebacks import describe_error
from whence.graph.plan import Plan
from whence.interfaces.orchestrator import Began, Orchestrator, Progressed
from whence.running.attend_run import AttendedRun, attended
from whence.running.drive_run import RunDriver
from whence.running.interrupts import heeding_interrupts
from whence.running.report_run import RunReporter
from whence.running.resumed_run import ResumedRun
from whence.running.reuse import StepReuse
from whence.running.reuse_ahead import reuse_ahead
from whence.running.run_records import new_run
from whence.running.run_steps import RunSteps
from whence.running.shape_outputs import shape_outputs
from whence.stacks.stack import Stack

Observe = Callable[[Began | Progressed], None]
MakeOrchestrator = Callable[[Observe], Orchestrator[StepJob, StepResult]]
"""Makes an orchestrator for one run, which is to hear at once what an attempt says of itself."""


@frozen
class Outcome:
    """How a run ended: its record, and what its failed steps raised."""

    run: RunRecord
    failures: dict[str, BaseException] = field(default_factory=dict[str, BaseException])
    interrupted: bool = False  # by Ctrl-C, whatever came of it


@frozen
class RunStart:
    """How a run is started."""

    options: PipelineOptions
    origin: str | None = None  # what it takes to start it so again, as JSON
    resumed: ResumedRun | None = None  # the run from which it goes on


def execute_run(
    plan: Plan, stack: Stack, make_orchestrator: MakeOrchestrator, start: RunStart
) -> Outcome:
    """Run a plan on a stack; every step and the end of the run are recorded on return.

    Failures of steps are returned, not raised. Raises `StoreError` where records cannot be made.
    """
    new = replace(
        new_run(plan, start.options.name, start.options.tags),
        origin=start.origin,
        resumes=None if start.resumed is None else start.resumed.run_id,
    )
    # Only who is seen to go on may look at what there is: `gc` waits for those that it sees.
    with capture_output(), attended(new, stack.metadata_store) as run:
        reuse = StepReuse(plan, stack, new.id, start.options, start.resumed)
        try:
            return _execute(plan, stack, make_orchestrator, run, reuse)
        finally:
            reuse.close()


def _execute(
    plan: Plan,
    stack: Stack,
    make_orchestrator: MakeOrchestrator,
    run: AttendedRun,
    reuse: StepReuse,
) -> Outcome:
    start = perf_counter()
    cancellation = run.cancellation
    reporter = RunReporter(plan, stack, run.record, reuse.release, cancellation)
    steps = RunSteps(plan, stack, reuse, reporter)
    orchestrator = make_orchestrator(reporter.take)
    try:
        cancellation.wake_by(orchestrator.wake)
        with heeding_interrupts(cancellation):
            reporter.run_started()
            reuse_ahead(plan, steps, cancellation)
            if len(steps.reused) < len(plan.nodes):
                release_collector()
            driver = RunDriver(plan, orchestrator, steps, reporter, cancellation)
            status = driver.drive()
    finally:
        orchestrator.close()
    ended = _end(run.record, status, steps, perf_counter() - start)
    reporter.run_ended(ended)
    return Outcome(ended, steps.failures, cancellation.by_interrupt)


def _end(run: RunRecord, status: RunStatus, steps: RunSteps, duration: float) -> RunRecord:
    raised = [] if status is RunStatus.COMPLETED else list(steps.failures.values())
    return replace(
        run,
        status=status,
        ended_at=datetime.now(UTC),
        duration=duration,
        outputs=shape_outputs(steps.returned, steps.produced).to_json(),
        error=describe_error(raised[0]) if raised else None,
    )
