"""What a run makes of attempts elsewhere: that are lost, that speak, that are cancelled."""

import signal
import threading

import pytest
from tests.integration.scripted_orchestrator import ScriptedOrchestrator

from whence import Retries, pipeline, step
from whence.authoring.options import PipelineOptions
from whence.domain.status import RunStatus, StepStatus
from whence.engine.execute_step import execute_step
from whence.errors import StepLostError, StepTimedOutError
from whence.interfaces.orchestrator import Began, Ended, Lost, Printed
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


def execute(orchestrator, work=three, **arguments):
    """Run a pipeline with an orchestrator; return the outcome and how each step ended."""
    stack = open_stack()
    stack.make_home()
    plan = work.plan(**arguments)
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


class EndingWhenStopped(ScriptedOrchestrator):
    """Hears of an attempt's own end when it stops it: both came in the same moment."""

    begun = False

    def wait(self, timeout):
        """Let attempts begin; then let the time pass."""
        if not self.notices and self.waiting and not self.begun:
            self.begun = True
            self.notices.append(Began(self.waiting[0][0], 4711))
            self.before(self, self.waiting[0][0])
        elif not self.notices:
            threading.Event().wait(timeout)
        notices, self.notices = self.notices, []
        return notices

    def stop(self, attempt):
        """Tell how it ended by itself."""
        self.stopped.append(str(attempt))
        _, job = self.waiting.popleft()
        self.begun = False
        self.notices.append(Ended(attempt, execute_step(job)))


@step
def end_late(fails: bool) -> int:
    print("ends late")
    if fails:
        raise ValueError("of its own")
    return 1


@pipeline
def late(fails: bool, timeout: str, retries: int = 0):
    patient = Retries(retries, pause=0.0)
    return end_late.with_options(timeout=timeout, retries=patient)(fails)


def end_in_the_moment_of_the_stop(orchestrator, **arguments):
    """Run a step that ends when it is stopped; return the outcome and the step's record."""
    outcome, steps = execute(orchestrator, late, **arguments)
    return outcome, steps["end_late"]


def test_an_error_in_the_moment_of_its_timeout_is_the_timeout():
    """Whatever a step raises while it is stopped for its time, the time is why it failed."""
    orchestrator = EndingWhenStopped()
    outcome, ended = end_in_the_moment_of_the_stop(orchestrator, fails=True, timeout="0.01s")

    assert orchestrator.stopped == ["end_late (attempt 1)"]
    assert outcome.run.status is RunStatus.FAILED
    assert isinstance(outcome.failures["end_late"], StepTimedOutError)
    assert (ended.status, ended.error.code) == (StepStatus.FAILED, "WH310")
    log = open_stack().metadata_store.find_content(ended.log_digest)
    assert b"ends late\n" in log.inline.values()


def test_a_timeout_with_an_error_of_its_own_is_tried_again():
    """Each attempt has the whole time, and is told apart."""
    orchestrator = EndingWhenStopped()
    _, ended = end_in_the_moment_of_the_stop(orchestrator, fails=True, timeout="0.01s", retries=1)

    assert orchestrator.stopped == ["end_late (attempt 1)", "end_late (attempt 2)"]
    assert [each.error.code for each in ended.attempts] == ["WH310", "WH310"]


def test_what_completed_in_the_moment_of_its_timeout_is_kept():
    """A success that came first is never turned into a failure."""
    orchestrator = EndingWhenStopped()
    outcome, ended = end_in_the_moment_of_the_stop(orchestrator, fails=False, timeout="0.01s")

    assert orchestrator.stopped == ["end_late (attempt 1)"]
    assert (outcome.run.status, outcome.failures) == (RunStatus.COMPLETED, {})
    assert ended.status is StepStatus.COMPLETED


def test_an_error_in_the_moment_of_a_cancellation_is_the_cancellation(capsys):
    """Whatever a step raises while the second Ctrl-C stops it, it was cancelled."""

    def press_twice(orchestrator, attempt):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    orchestrator = EndingWhenStopped(press_twice)
    outcome, ended = end_in_the_moment_of_the_stop(orchestrator, fails=True, timeout="1h")

    assert (outcome.run.status, outcome.failures) == (RunStatus.CANCELLED, {})
    assert (ended.status, ended.error.type) == (StepStatus.CANCELLED, "KeyboardInterrupt")


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
