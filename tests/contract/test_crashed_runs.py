"""What a metadata store keeps of a run whose process died, and of one that was only taken so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.example_records import MOMENT, finish, make_run, make_step

from whence.domain.records import ErrorRecord, RunCrashed, RunFinished, RunStarted, StepStarted
from whence.domain.status import RunStatus, StepStatus

CAUSE = ErrorRecord("whence.errors.RunCrashedError", "Its process died.", "")
LAST_HEARD = MOMENT + timedelta(seconds=5)


@pytest.fixture
def run(store):
    """Return a run of which one step has ended, one runs and one waits."""
    run = make_run()
    steps = [make_step(run, position) for position in range(3)]
    begun = [StepStarted(step.id, MOMENT) for step in steps[:2]]
    store.record([RunStarted(run, steps), *begun, finish(run, steps[0])])
    return run


def statuses(store, run) -> list[StepStatus]:
    """Return how the steps of a run stand."""
    return [step.status for step in store.list_steps(run.id)]


def crash(run) -> RunCrashed:
    """Return the crash of a run."""
    return RunCrashed(run.id, LAST_HEARD, 5.0, CAUSE)


def test_a_crash_ends_the_run_and_its_steps(store, run):
    """What ran has crashed, what waited is skipped, and what was done stays done."""
    store.record([crash(run)])

    ended = replace(run, status=RunStatus.CRASHED, ended_at=LAST_HEARD, duration=5.0, error=CAUSE)
    assert store.find_run(run.id) == ended
    assert statuses(store, run) == [
        StepStatus.COMPLETED,
        StepStatus.CRASHED,
        StepStatus.SKIPPED,
    ]


def test_a_run_has_one_end(store, run):
    """Of two who find a run dead one wins, and a run that has ended is never turned."""
    store.record([crash(run)])
    store.record([replace(crash(run), duration=9.0)])
    assert store.find_run(run.id).duration == 5.0

    over = make_run()
    store.record([RunStarted(over, [make_step(over)])])
    done = replace(over, status=RunStatus.COMPLETED, ended_at=MOMENT, duration=1.0)
    store.record([RunFinished(done)])
    store.record([crash(over)])

    assert store.find_run(over.id) == done
    assert statuses(store, over) == [StepStatus.PENDING]


def test_a_late_word_changes_nothing(store, run):
    """A run that was taken for dead and goes on can change neither itself nor its steps."""
    store.record([crash(run)])
    before = store.find_run(run.id), store.list_steps(run.id)

    waiting = make_step(run, 2, id=before[1][2].id)
    late = [StepStarted(waiting.id, MOMENT), finish(run, before[1][1]), finish(run, waiting)]
    store.record(late)
    store.record([RunFinished(replace(run, status=RunStatus.COMPLETED, ended_at=MOMENT))])

    assert (store.find_run(run.id), store.list_steps(run.id)) == before
