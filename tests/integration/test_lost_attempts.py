"""What a run makes of attempts elsewhere: that are lost, that speak, that are cancelled."""

import signal

import pytest
from tests.integration.scripted_orchestrator import ScriptedOrchestrator

from whence import Retries, pipeline, step
from whence.authoring.options import PipelineOptions
from whence.domain.status import RunStatus, StepStatus
from whence.errors import StepLostError
from whence.interfaces.orchestrator import Lost, Printed
from whence.running.execute_run import RunStart, execute_run
from whence.running.observers import observing
from whence.stacks.current import open_stack

KILLED = "It was killed by signal 9 (SIGKILL)."


@step
def first() -> int:
    return 1


@step
def side() -> int:
    return 2


@step
def second(number: int) -> int:
    return number + 1


@pipeline
def three(retries: int = 0):
    patient = first.with_options(retries=Retries(retries, pause=0.0))
    return second(patient()), side()


def execute(orchestrator, **arguments):
    """Run the pipeline with an orchestrator; return the outcome and how each step ended."""
    stack = open_stack()
    stack.make_home()
    plan = three.plan(**arguments)
    outcome = execute_run(plan, stack, orchestrator, RunStart(PipelineOptions()))
    return outcome, {each.node: each for each in stack.metadata_store.list_steps(outcome.run.id)}


def lose(node, times, **facts):
    """Return what loses the attempts at a step so many times."""

    def before(orchestrator, attempt):
        lost = attempt.node == node and attempt.number <= times
        return Lost(attempt, KILLED, **facts) if lost else None

    return before


def test_a_lost_attempt_fails_the_step_with_its_cause():
    """The step's error says what became of its process; the other branch goes on."""
    outcome, steps = execute(ScriptedOrchestrator(lose("first", 1)))

    assert outcome.run.status is RunStatus.FAILED
    assert isinstance(outcome.failures["first"], StepLostError)
    assert KILLED in str(outcome.failures["first"])
    assert {name: each.status for name, each in steps.items()} == {
        "first": StepStatus.FAILED,
        "second": StepStatus.SKIPPED,
        "side": StepStatus.COMPLETED,
    }


def test_a_lost_attempt_is_tried_again():
    """A step with retries outlives the process that it was in."""
    orchestrator = ScriptedOrchestrator(lose("first", 2))
    outcome, steps = execute(orchestrator, retries=2)

    assert outcome.run.status is RunStatus.COMPLETED
    assert orchestrator.started.count("first (attempt 3)") == 1
    attempts = steps["first"].attempts
    assert [each.error.code if each.error else None for each in attempts] == [
        "WH309",
        "WH309",
        None,
    ]
    assert [each.process for each in attempts] == [4711] * 3


def test_what_a_lost_attempt_wrote_is_kept(tmp_path):
    """The log of a step whose process died is what reached its file."""
    printed = tmp_path / "printed"
    printed.write_text("the last words\n")
    _, steps = execute(ScriptedOrchestrator(lose("first", 1, printed=printed)))

    digest = steps["first"].log_digest
    content = open_stack().metadata_store.find_content(digest)
    assert b"the last words\n" in content.inline.values()
    assert not printed.exists()


def test_an_attempt_that_raised_elsewhere_raises_here():
    """Where an orchestrator knows the exception, that is what the step failed with."""
    outcome, _ = execute(ScriptedOrchestrator(lose("first", 1, error=OSError("no such device"))))

    assert repr(outcome.failures["first"]) == "OSError('no such device')"


def test_what_an_attempt_prints_elsewhere_is_passed_on(capsys):
    """Words of a step in another process appear where those of this one do."""

    def speak(orchestrator, attempt):
        orchestrator.notices.append(Printed(attempt, f"here is {attempt.node}\n"))

    execute(ScriptedOrchestrator(speak))

    assert "here is first\n" in capsys.readouterr().out


def press_ctrl_c(times):
    """Return what presses Ctrl-C when the first attempt is under way elsewhere."""

    def before(orchestrator, attempt):
        if attempt.node == "first":
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return before


def test_the_first_ctrl_c_lets_finish_what_runs_elsewhere(capsys):
    """Nothing more starts, what runs is waited for and kept, and that is said."""
    outcome, steps = execute(ScriptedOrchestrator(press_ctrl_c(1)))

    assert {name: each.status for name, each in steps.items()} == {
        "first": StepStatus.COMPLETED,
        "second": StepStatus.CANCELLED,
        "side": StepStatus.COMPLETED,
    }
    assert outcome.run.status is RunStatus.CANCELLED
    assert outcome.interrupted
    assert "waiting for 1 step that runs. Ctrl-C again" in capsys.readouterr().err


def test_the_second_ctrl_c_stops_what_runs_elsewhere():
    """What has not ended by then is stopped and recorded as cancelled."""
    orchestrator = ScriptedOrchestrator(press_ctrl_c(2))
    _, steps = execute(orchestrator)

    assert orchestrator.stopped == ["side (attempt 1)"]
    assert steps["first"].status is StepStatus.COMPLETED
    assert steps["side"].status is StepStatus.CANCELLED
    assert steps["side"].error.type == "KeyboardInterrupt"


def test_after_a_run_ctrl_c_means_what_it_meant():
    """The caller's own way with interrupts is back when the run is over."""
    before = signal.getsignal(signal.SIGINT)
    execute(ScriptedOrchestrator(press_ctrl_c(1)))

    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_ctrl_c_of_the_callers_own_is_left_alone():
    """A program that handles Ctrl-C in its own way goes on doing so."""
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        outcome, _ = execute(ScriptedOrchestrator(press_ctrl_c(1)))
    finally:
        signal.signal(signal.SIGINT, before)

    assert heard == [signal.SIGINT]
    assert outcome.run.status is RunStatus.COMPLETED


@step
def last() -> int:
    return 3


class InterruptingAtTheEnd:
    """Presses Ctrl-C when the last step has completed."""

    def run_started(self, run, plan):
        """Tell nobody."""

    def step_started(self, node):
        """Tell nobody."""

    def step_progressed(self, node, done, total):
        """Tell nobody."""

    def step_ended(self, finished, because):
        signal.raise_signal(signal.SIGINT)

    def run_ended(self, run):
        """Tell nobody."""


def test_a_ctrl_c_is_never_swallowed():
    """Pressed when all is done, it leaves the run completed, and the program still hears it."""
    with observing(InterruptingAtTheEnd()), pytest.raises(KeyboardInterrupt) as caught:
        last.run()

    assert caught.value.whence_run.status == "completed"
    assert caught.value.whence_run.read() == 3
