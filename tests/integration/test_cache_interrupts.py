"""Ctrl-C while results are reused ends the run as it does while steps compute."""

import pytest

import whence
from whence import pipeline, step
from whence.running.observers import observing

LENGTH = 6


@step
def begin() -> int:
    return 0


@step
def advance(number: int, value: int) -> int:
    return value + number


@pipeline
def chain(refreshing: bool = False):
    value = begin.with_options(cache=not refreshing)()
    side = begin.with_options(name="side")()
    for number in range(LENGTH):
        value = advance.with_options(name=f"advance_{number}")(number, value)
    return value, side


class Interrupting:
    """Presses Ctrl-C when the run has told so many things."""

    def __init__(self, count):
        self._left = count

    def run_started(self, run, plan):
        """Tell nobody."""

    def step_started(self, node):
        """Count."""
        self._count()

    def step_progressed(self, node, done, total):
        """Tell nobody."""

    def step_ended(self, finished, because):
        """Count."""
        self._count()

    def run_ended(self, run):
        """Tell nobody."""

    def _count(self):
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("refreshing", [False, True])
@pytest.mark.parametrize("count", range(1, LENGTH + 2))
def test_ctrl_c_between_hits_cancels_the_run(count, refreshing):
    """The run is recorded as cancelled, with an end for every step; the next one completes."""
    result = chain().read()

    with pytest.raises(KeyboardInterrupt) as caught, observing(Interrupting(count)):
        chain(refreshing)

    run = caught.value.whence_run
    statuses = {str(run.steps[name].status) for name in run.steps}
    assert run.status == "cancelled"
    assert "cancelled" in statuses
    assert statuses <= {"completed", "cancelled"}
    assert whence.run(run.id).status == "cancelled"
    assert chain().read() == result
