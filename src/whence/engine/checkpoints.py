"""What a long step keeps while it runs, so that the next attempt goes on from there."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from whence.domain.checkpoints import Checkpoint
from whence.engine.step_context import current_context
from whence.values.validation import describe_value, unbox_scalar


@contextmanager
def checkpoint(*, step: int) -> Generator[Path]:
    """Yield an empty folder and keep what the block writes into it, all or nothing.

    *step* says how far the work is: the epoch or iteration. A block that raises keeps nothing. Only
    the newest checkpoints stay, and none when the step has completed. Raises `TypeError` for a
    *step* that is no whole number.
    """
    number = _check_step(step)
    context = current_context.get()
    if context is None or context.checkpoints is None:
        with tempfile.TemporaryDirectory(prefix="whence-checkpoint-") as folder:
            yield Path(folder)
        return
    with context.checkpoints.keep(number) as folder:
        yield folder


def last_checkpoint() -> Checkpoint | None:
    """Return the newest checkpoint that an earlier attempt of the running step kept, or this one.

    None at the first attempt, where the step's code, parameters or inputs have changed since, and
    outside a run.
    """
    context = current_context.get()
    if context is None or context.checkpoints is None:
        return None
    return context.checkpoints.find_last()


def _check_step(step: object) -> int:
    number = unbox_scalar(step)
    if isinstance(number, bool) or not isinstance(number, int):
        msg = f"The step of a checkpoint is a whole number, not {describe_value(step)}."
        raise TypeError(msg)
    return number
