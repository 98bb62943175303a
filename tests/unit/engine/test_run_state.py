"""What a run does about failures, time, room, branches, maps and cancellation, case by case.

`tests/simulation` tries the same over random runs.
"""

import sys

import pytest

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity, Resources
from whence.domain.retries import Retries
from whence.domain.status import RunStatus, StepStatus
from whence.engine.admission import PATIENCE
from whence.engine.run_events import (
    AttemptBegan,
    AttemptEnd,
    AttemptEnded,
    CancelAsked,
    DecideStep,
    EndRun,
    EndStep,
    ExpandStep,
    RetryLater,
    RunBegins,
    StartAttempt,
    StepDecided,
    StepExpanded,
    StopAttempt,
    StopCause,
    TimePassed,
    Verdict,
)
from whence.engine.run_state import RunState
from whence.engine.step_rules import StepRules, most_failures

DONE, FAILED, SKIPPED = StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.SKIPPED


class Driven:
    """A run whose steps are computed unless something else is said, and end when told to."""

    def __init__(self, capacity=None, verdicts=None, **rules):
        self.state = RunState(rules, capacity or Capacity(), lambda: 0.0)
        self.verdicts = verdicts or {}
        self.started, self.ended, self.rest = [], {}, []
        self.tell(RunBegins())

    def tell(self, event, at=0.0):
        todo = self.state.handle(event, at)
        self.rest = []
        while todo:
            instruction = todo.pop(0)
            match instruction:
                case DecideStep(node):
                    verdict = self.verdicts.get(node, Verdict.COMPUTE)
                    todo += self.state.handle(StepDecided(node, verdict), at)
                case StartAttempt(attempt):
                    self.started.append(attempt.node)
                case EndStep(node, status):
                    self.ended[node] = status
                    self.rest.append(instruction)
                case _:
                    self.rest.append(instruction)
        return self.rest

    def end(self, node, end=AttemptEnd.COMPLETED, number=1, at=0.0):
        return self.tell(AttemptEnded(AttemptId(node, number), end), at)


def after(*names, **more):
    """Return the rules of a step behind others."""
    return StepRules(depends_on=names, **more)


def test_a_step_starts_when_all_it_depends_on_has_completed():
    """A step with two inputs starts after the second of them."""
    run = Driven(a=after(), b=after(), c=after("a", "b"))
    run.end("a")
    assert run.started == ["a", "b"]

    run.end("b")
    assert run.started == ["a", "b", "c"]
    assert run.end("c") == [EndStep("c", DONE), EndRun(RunStatus.COMPLETED)]


def test_an_empty_run_completes():
    """A pipeline without steps is over at once."""
    assert Driven().rest == [EndRun(RunStatus.COMPLETED)]


def test_a_failure_skips_what_is_behind_it_and_nothing_else():
    """Independent branches go on; the run has failed when they are done."""
    run = Driven(a=after(), b=after("a"), c=after("b"), d=after(), e=after("d"))

    assert run.end("a", AttemptEnd.FAILED) == [
        EndStep("a", FAILED),
        EndStep("b", SKIPPED, "a"),
        EndStep("c", SKIPPED, "a"),
    ]
    run.end("d")
    assert run.end("e") == [EndStep("e", DONE), EndRun(RunStatus.FAILED)]


@pytest.mark.parametrize("end", [AttemptEnd.FAILED, AttemptEnd.LOST])
def test_a_failed_attempt_is_repeated_after_ever_longer_pauses(end):
    """An attempt that fails, or whose process dies, is followed by as many retries as allowed."""
    run = Driven(a=after(retries=Retries(2, pause=1.0, factor=3.0)))

    assert run.end("a", end, at=10) == [RetryLater(AttemptId("a", 1), 11)]
    assert run.state.next_alarm == 11
    run.tell(TimePassed(), 11)
    assert run.end("a", end, 2, at=20) == [RetryLater(AttemptId("a", 2), 23)]
    run.tell(TimePassed(), 23)
    assert run.end("a", end, 3) == [EndStep("a", FAILED), EndRun(RunStatus.FAILED)]
    assert run.started == ["a", "a", "a"]


def test_an_attempt_out_of_time_is_stopped_and_counts_as_failed():
    """The time runs from when the step began; the stopped attempt is retried as any failed one."""
    run = Driven(a=after(timeout_seconds=5.0, retries=Retries(1, pause=0.0)))
    run.tell(AttemptBegan(AttemptId("a", 1)), 2)

    assert run.state.next_alarm == 7
    assert run.tell(TimePassed(), 7) == [StopAttempt(AttemptId("a", 1), StopCause.TIMED_OUT)]
    assert run.end("a", AttemptEnd.LOST, at=8) == [RetryLater(AttemptId("a", 1), 8)]
    assert run.started == ["a", "a"]


def test_a_success_counts_also_where_the_time_was_over():
    """An attempt that completes while it is being stopped has completed."""
    run = Driven(a=after(timeout_seconds=5.0))
    run.tell(TimePassed(), 5)

    assert run.end("a", at=6) == [EndStep("a", DONE), EndRun(RunStatus.COMPLETED)]


def test_word_of_an_attempt_that_is_over_changes_nothing():
    """Late and repeated ends, and those of an earlier attempt, are ignored."""
    run = Driven(a=after(retries=Retries(1, pause=0.0)), b=after("a"))
    run.end("a", AttemptEnd.LOST)

    assert run.end("a", AttemptEnd.COMPLETED) == []
    assert run.end("a", AttemptEnd.FAILED) == []
    assert run.end("a", number=2) == [EndStep("a", DONE)]
    assert run.end("a", AttemptEnd.FAILED, 2) == []
    assert run.ended == {"a": DONE}


def test_a_step_that_is_reused_needs_no_room():
    """An earlier result is taken although all that the machine has is in use."""
    run = Driven(Capacity(attempts=1), {"b": Verdict.REUSED}, a=after(), b=after(), c=after("b"))

    assert run.ended == {"b": DONE}
    assert run.started == ["a"]


def test_what_somebody_else_computes_is_looked_at_again_ever_less_often():
    """A step that is computed elsewhere is decided again a little later, until it is there."""
    run = Driven(None, {"a": Verdict.AWAITED}, a=after())
    first = run.state.next_alarm
    run.tell(TimePassed(), first)
    second = run.state.next_alarm
    assert 0 < first < second - first

    run.verdicts = {"a": Verdict.REUSED}
    assert run.tell(TimePassed(), second)[-1] == EndRun(RunStatus.COMPLETED)


def test_steps_start_while_their_needs_fit():
    """What runs at one time never needs more than there is."""
    two = Resources(cpu=2)
    run = Driven(Capacity(cpu=4), **{name: after(resources=two) for name in "abc"})
    assert run.started == ["a", "b"]

    run.end("b")
    assert run.started == ["a", "b", "c"]


def test_tenths_of_a_processor_add_up():
    """Ten steps that need a tenth of a processor share one."""
    tenth = Resources(cpu=0.1)
    run = Driven(Capacity(cpu=1), **{f"s{n}": after(resources=tenth) for n in range(11)})

    assert len(run.started) == 10


def test_a_step_too_big_for_the_machine_runs_alone():
    """A step that needs more than there ever is starts when nothing else runs."""
    run = Driven(Capacity(cpu=2), a=after(), big=after(resources=Resources(cpu=9)), c=after("big"))
    assert run.started == ["a"]

    run.end("a")
    assert run.started == ["a", "big"]


def test_a_big_step_is_not_passed_over_for_ever():
    """Small steps use the room that a big one leaves, but only so often before it has its turn."""
    small = {f"s{number:02}": after() for number in range(40)}
    run = Driven(Capacity(cpu=2), first=after(), big=after(resources=Resources(cpu=2)), **small)
    while "big" not in run.started:
        run.end([name for name in run.started if name not in run.ended][-1])

    before = run.started.index("s00") + 1  # which was in the queue before the big one
    assert len(run.started[before:]) == PATIENCE + 1


def test_a_branch_not_taken_skips_who_needs_it():
    """Who takes a skipped output without accepting None is skipped too; the run completes."""
    run = Driven(None, {"a": Verdict.NOT_TAKEN}, a=after(), b=after("a"))

    assert run.rest == [
        EndStep("a", SKIPPED),
        EndStep("b", SKIPPED, "a"),
        EndRun(RunStatus.COMPLETED),
    ]


def test_who_accepts_none_goes_on_without_a_branch_not_taken():
    """A step that tolerates a missing output runs when the branch that gives it is not taken."""
    run = Driven(None, {"a": Verdict.NOT_TAKEN}, a=after(), b=after("a", tolerates=frozenset("a")))

    assert run.started == ["b"]


def test_a_failure_is_not_tolerated_as_a_missing_branch():
    """Who accepts None does not go on where its input failed."""
    run = Driven(a=after(), b=after("a", tolerates=frozenset("a")))

    assert EndStep("b", SKIPPED, "a") in run.end("a", AttemptEnd.FAILED)


@pytest.mark.parametrize("first", ["failed", "flag"])
def test_the_order_of_ends_does_not_matter_to_what_is_skipped(first):
    """A step behind a failure and a branch not taken counts as not taken, whichever came first."""
    run = Driven(
        None,
        {"flagged": Verdict.NOT_TAKEN},
        failed=after(),
        flag=after(),
        flagged=after("flag"),
        both=after("failed", "flagged"),
    )
    ends = {"failed": AttemptEnd.FAILED, "flag": AttemptEnd.COMPLETED}
    told = []
    for name in sorted(ends, key=lambda each: each != first):
        told += run.end(name, ends[name])

    assert EndStep("both", SKIPPED, "flagged") in told


def expanding(**more):
    """Return a run whose map `m` is about to expand, before a step `z` that takes the list."""
    run = Driven(m=StepRules(expands=True, **more), z=after("m"))
    assert run.rest == [ExpandStep("m")]
    return run


def items(count, **more):
    """Return the answer of the map `m` with items of one step each."""
    return StepExpanded("m", [{f"m[{index}]": after(**more)} for index in range(count)])


def test_a_map_completes_with_the_last_of_its_items():
    """What takes the list of results starts when all items have completed."""
    run = expanding()
    run.tell(items(2))
    run.end("m[1]")
    assert "z" not in run.started

    assert run.end("m[0]") == [EndStep("m[0]", DONE), EndStep("m", DONE)]
    assert run.started == ["m[0]", "m[1]", "z"]


def test_a_map_over_nothing_completes():
    """An empty list has an empty list of results."""
    run = expanding()

    assert run.tell(items(0)) == [EndStep("m", DONE)]
    assert run.started == ["z"]


def test_a_failed_item_fails_its_map_but_not_the_other_items():
    """All items are computed; then the map has failed, and what takes the list is skipped."""
    run = expanding()
    run.tell(items(2))
    run.end("m[0]", AttemptEnd.FAILED)
    assert run.ended == {"m[0]": FAILED}

    assert run.end("m[1]")[1:] == [
        EndStep("m", FAILED, "m[0]"),
        EndStep("z", SKIPPED, "m[0]"),
        EndRun(RunStatus.FAILED),
    ]


@pytest.mark.parametrize("allowed", [True, 1, 0.5])
def test_a_map_may_complete_with_some_items_failed(allowed):
    """All failures, a number or a share of them may be allowed; the run completes then."""
    run = expanding(allow_failures=allowed)
    run.tell(items(2))
    run.end("m[0]", AttemptEnd.FAILED)
    run.end("m[1]")

    assert run.end("z") == [EndStep("z", DONE), EndRun(RunStatus.COMPLETED)]


@pytest.mark.parametrize(
    ("allowed", "count", "most"),
    [(False, 9, 0), (True, 9, 9), (3, 9, 3), (1, 9, 1), (1.0, 9, 9), (0.29, 100, 29), (0.5, 3, 1)],
)
def test_the_most_failures_are_a_number_or_a_share(allowed, count, most):
    """A share is rounded down; 1 is one item, 1.0 is all of them."""
    assert most_failures(allowed, count) == most


def test_a_map_over_the_items_of_a_map_starts_item_by_item():
    """g[0] starts when f[0] is done, while f[1] still runs."""
    run = Driven(f=StepRules(expands=True), g=StepRules(expands=True, follows_items_of=("f",)))
    run.tell(StepExpanded("f", [{"f[0]": after()}, {"f[1]": after()}]))
    assert run.rest == [ExpandStep("g")]
    run.tell(StepExpanded("g", [{"g[0]": after("f[0]")}, {"g[1]": after("f[1]")}]))
    run.end("f[0]")

    assert run.started == ["f[0]", "f[1]", "g[0]"]


def test_a_failed_item_is_none_to_who_accepts_that():
    """Behind a map that allows failures, a step that takes one item goes on with None."""
    run = Driven(
        f=StepRules(expands=True, allow_failures=True),
        g=StepRules(expands=True, follows_items_of=("f",)),
    )
    run.tell(StepExpanded("f", [{"f[0]": after()}]))
    run.tell(StepExpanded("g", [{"g[0]": after("f[0]", tolerates=frozenset({"f[0]"}))}]))
    run.end("f[0]", AttemptEnd.FAILED)

    assert run.started == ["f[0]", "g[0]"]


def test_a_cancelled_run_lets_finish_what_runs():
    """After the first ask nothing starts, and what runs may end as it will."""
    run = Driven(Capacity(attempts=1), a=after(), b=after(), c=after("a"))

    cancelled = [EndStep("b", StepStatus.CANCELLED), EndStep("c", StepStatus.CANCELLED)]
    assert run.tell(CancelAsked()) == cancelled
    assert run.end("a") == [EndStep("a", DONE), EndRun(RunStatus.CANCELLED)]


def test_a_second_ask_stops_what_runs():
    """After the second ask attempts are stopped; one that completes all the same has completed."""
    run = Driven(a=after(), b=after())
    run.tell(CancelAsked())

    assert run.tell(CancelAsked()) == [
        StopAttempt(AttemptId("a", 1), StopCause.CANCELLED),
        StopAttempt(AttemptId("b", 1), StopCause.CANCELLED),
    ]
    run.end("a")
    run.end("b", AttemptEnd.LOST)
    assert run.ended == {"a": DONE, "b": StepStatus.CANCELLED}


def test_a_run_that_was_done_anyway_is_not_cancelled():
    """Where all steps completed in spite of the ask, so did the run."""
    run = Driven(a=after())
    run.tell(CancelAsked())

    assert run.end("a")[-1] == EndRun(RunStatus.COMPLETED)


def test_a_step_that_is_interrupted_cancels_its_run():
    """An interrupt that meets a step ends it, and with it all that has not begun."""
    run = Driven(a=after(), b=after("a"))

    assert run.end("a", AttemptEnd.CANCELLED) == [
        EndStep("b", StepStatus.CANCELLED),
        EndStep("a", StepStatus.CANCELLED),
        EndRun(RunStatus.CANCELLED),
    ]


def test_failed_attempts_of_a_cancelled_run_are_not_repeated():
    """A step that fails while its run is cancelled has failed, whatever retries are left."""
    run = Driven(a=after(retries=Retries(5)), b=after("a"))
    run.tell(CancelAsked())

    assert run.end("a", AttemptEnd.FAILED)[0] == EndStep("a", FAILED)


SHAPES = {
    "chain": lambda size: {
        str(number): after(*[str(number - 1)] * (number > 0)) for number in range(size)
    },
    "fan-out": lambda size: {
        "0": after(),
        **{str(number): after("0") for number in range(1, size)},
    },
    "layers": lambda size: {
        str(number): after(*(str(each) for each in range(max(0, number - 12), number - 7)))
        for number in range(size)
    },
    "failing chain": lambda size: {
        "0": after(timeout_seconds=1.0),
        **{str(number): after(str(number - 1)) for number in range(1, size)},
    },
}


@pytest.mark.parametrize("shape", [*SHAPES, "map"])
def test_a_step_costs_the_same_among_many(shape):
    """The work for each step does not grow with the number of steps."""
    few, many = count_calls(shape, 200), count_calls(shape, 4000)

    assert many / 4000 <= 1.05 * few / 200


def count_calls(shape, size):
    """Return how many functions are called to run a graph."""
    calls = 0

    def count(_frame, event, _what):
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run_through(shape, size)
    finally:
        sys.setprofile(before)
    return calls


def run_through(shape, size):
    """Run a graph of a shape to its end, two steps at a time."""
    rules = {"m": StepRules(expands=True)} if shape == "map" else SHAPES[shape](size)
    end = AttemptEnd.FAILED if shape == "failing chain" else AttemptEnd.COMPLETED
    run = Driven(Capacity(attempts=2), **rules)
    if shape == "map":
        run.tell(items(size))
    ended = 0
    while not isinstance(run.rest[-1:] and run.rest[-1], EndRun):
        run.end(run.started[ended], end)
        ended += 1
