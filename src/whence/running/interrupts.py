"""Ctrl-C while a run goes on."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from whence.domain.ambient import running_step
from whence.running.cancellation import Cancellation


@contextmanager
def heeding_interrupts(cancellation: Cancellation) -> Generator[None]:
    """Let Ctrl-C ask for the end of the run, instead of breaking into what is ours of it.

    A step that runs in this very thread is interrupted, as any Python code is. Where Ctrl-C means
    something of the user's own, and in other threads than the main one, it is left alone.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        if running_step.get_here() is not None:
            signal.default_int_handler(number, frame)
        cancellation.interrupt()

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
