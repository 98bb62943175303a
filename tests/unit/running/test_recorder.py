"""The recorder: one writer, in order, never in the way, never silent about a failure."""

import threading
from datetime import UTC, datetime

import pytest

from whence.domain.ids import RunId, StepRunId
from whence.domain.records import RunFinished, RunRecord, StepFinished, StepRunRecord, StepStarted
from whence.domain.status import RunStatus, StepStatus
from whence.errors import StoreUnavailableError
from whence.running.recorder import Recorder, without_overtaken

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = RunRecord(RunId("r"), "p", None, RunStatus.COMPLETED, NOW)


def step(number: int) -> StepFinished:
    """Return the end of a step."""
    name = f"step_{number}"
    record = StepRunRecord(StepRunId(name), RUN.id, name, name, number, StepStatus.COMPLETED)
    return StepFinished(record)


class KeptInMemory:
    """A metadata store that keeps batches; it can be held up, and can fail."""

    def __init__(self, fails: bool = False):
        self.batches, self.durable = [], []
        self.open = threading.Event()
        self.open.set()
        self.fails = fails

    def record(self, events, *, durable=False):
        self.open.wait()
        if self.fails:
            raise StoreUnavailableError(store="metadata store", act="written")
        self.batches.append(list(events))
        self.durable.append(durable)


def test_everything_is_recorded_in_order_and_the_end_durably():
    """What was given is in the store when the recorder is closed, the last record durably."""
    store = KeptInMemory()
    recorder = Recorder(store)
    for number in range(1000):
        recorder.record(step(number))
    recorder.close(RunFinished(RUN))
    events = [event for batch in store.batches for event in batch]

    assert [event.step.position for event in events[:-1]] == list(range(1000))
    assert events[-1] == RunFinished(RUN)
    assert store.durable == [False] * (len(store.batches) - 1) + [True]


def test_steps_that_end_during_a_transaction_share_the_next_one():
    """A slow store makes batches, not a queue of transactions."""
    store = KeptInMemory()
    store.open.clear()
    recorder = Recorder(store)
    for number in range(400):
        recorder.record(step(number))
    store.open.set()
    recorder.close()

    assert len(store.batches) <= 3


def test_a_failure_to_record_is_raised_and_nothing_follows_it():
    """After a record could not be made, no later one is: a gap would be worse than an end."""
    store = KeptInMemory(fails=True)
    recorder = Recorder(store)
    recorder.record(step(0))
    with pytest.raises(StoreUnavailableError):
        recorder.close(RunFinished(RUN))

    assert store.batches == []
    with pytest.raises(StoreUnavailableError):
        recorder.record(step(1))


def test_the_beginning_of_a_step_that_has_ended_is_not_recorded():
    """A step that begins and ends in one batch needs one record."""
    batch = [StepStarted(StepRunId("step_1"), NOW), StepStarted(StepRunId("step_2"), NOW), step(1)]

    assert without_overtaken(batch) == [batch[1], batch[2]]
