"""SIGTERM and SIGHUP while a run goes on: it is cancelled, and the exit code says by which."""

import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType

import click

_HEEDED = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # Windows has no hang-up
_BEFORE_SIGNALS = 128  # shells add it to the number of a signal that ended a program


class Terminations:
    """What has been heard of."""

    def __init__(self) -> None:
        self._heard: int | None = None
        self._terminals = [each for each in range(3) if os.isatty(each)]

    def exit_code_instead_of(self, code: int) -> int:
        """Return the exit code of what was cancelled with *code*."""
        return code if self._heard is None else _BEFORE_SIGNALS + self._heard

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Cancel what goes on, as Ctrl-C pressed twice does."""
        self._heard = number
        self._leave_dead_terminals()
        signal.raise_signal(signal.SIGINT)  # in a step of this process: raises at once
        signal.raise_signal(signal.SIGINT)

    def _leave_dead_terminals(self) -> None:
        """Let nothing fail for what it says to a terminal that was closed."""
        for terminal in self._terminals:
            if not _is_alive(terminal):
                nowhere = os.open(os.devnull, os.O_RDWR)
                os.dup2(nowhere, terminal)
                os.close(nowhere)


@contextmanager
def heeding_terminations() -> Generator[Terminations]:
    """Let SIGTERM and SIGHUP cancel what goes on in the block; one that is ignored stays so."""
    terminations = Terminations()
    free = [each for each in _HEEDED if signal.getsignal(each) is signal.SIG_DFL]
    for each in free:
        signal.signal(each, terminations.hear)
    try:
        yield terminations
    except KeyboardInterrupt:
        code = terminations.exit_code_instead_of(0)
        if not code:
            raise
        with suppress(OSError):
            click.secho("Cancelled.", fg="yellow", err=True)
        raise click.exceptions.Exit(code) from None
    finally:
        for each in free:
            signal.signal(each, signal.SIG_DFL)


def _is_alive(terminal: int) -> bool:
    if sys.platform == "win32":
        return True
    import termios  # noqa: PLC0415  # not on Windows

    try:
        termios.tcgetattr(terminal)
    except termios.error:
        return False
    return True
