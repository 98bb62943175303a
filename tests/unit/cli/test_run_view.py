"""A run as it goes on: which steps are shown, and how plain lines tell it."""

import io
from datetime import UTC, datetime

import pytest
from tests.contract.example_records import report

from whence import pipeline, step
from whence.cli.plain_lines import QUIET_SECONDS, PlainLines
from whence.cli.run_view import Fold, RunView
from whence.domain.ids import RunId, StepRunId
from whence.domain.records import ErrorRecord, RunRecord, StepFinished, StepRunRecord
from whence.domain.status import RunStatus, StepStatus

RUN = RunRecord(
    RunId("01890000-0000-7000-8000-00001a2b3c4d"),
    "chain",
    None,
    RunStatus.RUNNING,
    datetime.now(UTC),
)
NOW = datetime.now(UTC)


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """Return a clock that stands still."""
    return Clock()


def plan_chain(count):
    """Return the plan of a pipeline with *count* steps."""

    @step
    def one(before: int = 0) -> int:
        return before

    @pipeline
    def chain():
        last = one()
        for _ in range(count - 1):
            last = one(last)
        return last

    return chain.plan()


def ended(node, status=StepStatus.COMPLETED, **facts):
    """Return the record of a step that ended."""
    step = StepRunRecord(StepRunId("s"), RUN.id, node, "one", 0, status, duration=1.5, **facts)
    ran = status is not StepStatus.SKIPPED
    return StepFinished(step, metrics=[report("loss", 1.0, 0.5)] if ran else [])


def test_few_steps_are_all_shown_in_order(clock):
    """A run of a few steps shows each of them, in the order of placing, whatever its state."""
    view = RunView(clock)
    view.run_started(RUN, plan_chain(3))
    view.step_started("one")
    view.step_ended(ended("one"), None)
    view.step_started("one_2")

    shown = view.select()

    assert [row.node for row in shown.rows] == ["one", "one_2", "one_3"]
    assert [str(row.status) for row in shown.rows] == ["completed", "running", "pending"]
    assert not shown.folded


def test_many_steps_become_counts(clock):
    """Of many steps those that completed or wait are counted; what runs or failed stays."""
    view = RunView(clock)
    view.run_started(RUN, plan_chain(100))
    for number in range(2, 41):
        view.step_started(f"one_{number}")
        view.step_ended(ended(f"one_{number}"), None)
    view.step_ended(ended("one", StepStatus.FAILED), None)
    view.step_started("one_41")

    shown = view.select()

    assert [row.node for row in shown.rows][:3] == ["one", "one_41", "one_42"]
    assert shown.folded == {Fold.COMPLETED: 39, Fold.WAITING: 100 - 41 - 3}


def test_time_runs_from_the_beginning_of_the_run(clock):
    """The time that is shown is that since the run began."""
    view = RunView(clock)
    view.run_started(RUN, plan_chain(1))
    clock.now += 12

    assert view.elapsed == 12


def test_a_skipped_step_says_for_whom(clock):
    """A plain line says which step a skipped one waited for in vain, and why that failed."""
    told = io.StringIO()
    lines = PlainLines(told, clock)
    error = ErrorRecord("ValueError", "no luck\ntoday", "")
    lines.step_ended(ended("one", StepStatus.FAILED, error=error), None)
    lines.step_ended(ended("one_2", StepStatus.SKIPPED), "one")

    first, second = told.getvalue().splitlines()

    assert first.endswith(" one: failed in 1.50 s: ValueError: no luck, loss 0.5")
    assert second.endswith(" one_2: skipped, for 'one' did not complete")


def test_progress_is_told_now_and_then(clock):
    """Plain lines tell the progress of a step at most once in a while."""
    told = io.StringIO()
    lines = PlainLines(told, clock)
    lines.step_started("one")
    for done in range(100):
        clock.now += QUIET_SECONDS / 50
        lines.step_progressed("one", done, 100)

    progress = [line for line in told.getvalue().splitlines() if "of 100 done" in line]

    assert len(progress) == 2


def test_a_line_cannot_steer_a_terminal(clock):
    """Control characters in an error's message are not passed on."""
    told = io.StringIO()
    error = ErrorRecord("ValueError", "\x1b[2Jgone", "")
    PlainLines(told, clock).step_ended(ended("one", StepStatus.FAILED, error=error), None)

    assert "\x1b" not in told.getvalue()
