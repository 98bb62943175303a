"""Whether a run is asked to end early, and how soon."""

import signal
import threading
from collections.abc import Callable

from whence.domain.status import CancelLevel


class Cancellation:
    """A wish that others have about a run; it may be asked from any thread or signal handler."""

    def __init__(self) -> None:
        self._level = CancelLevel.NONE
        self._wake: Callable[[], None] | None = None
        self._by_interrupt = False
        self._thread = threading.current_thread()

    @property
    def level(self) -> CancelLevel:
        """How soon the run is to end."""
        return self._level

    def ask(self, level: CancelLevel = CancelLevel.ORDERLY) -> None:
        """Ask for an end; a weaker wish than one that was there changes nothing.

        A step that runs in the main thread is interrupted, as by Ctrl-C, if it is to end at once.
        """
        if level <= self._level:
            return
        self._level = level
        if self._wake is not None:
            self._wake()
        if level is CancelLevel.AT_ONCE:
            self._interrupt()

    @property
    def by_interrupt(self) -> bool:
        """Whether Ctrl-C was pressed in this process."""
        return self._by_interrupt

    def interrupt(self) -> None:
        """Take a Ctrl-C: the first asks for an end, the second for one at once."""
        self._by_interrupt = True
        self.ask(CancelLevel.AT_ONCE if self._level else CancelLevel.ORDERLY)

    def wake_by(self, wake: Callable[[], None]) -> None:
        """Have *wake* called whenever the wish grows stronger."""
        self._wake = wake

    def _interrupt(self) -> None:
        main = threading.main_thread()
        if self._thread is main and threading.current_thread() is not main and main.ident:
            signal.pthread_kill(main.ident, signal.SIGINT)
