"""What a terminal can show, and how reports reach it."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from whence.history.reports.shown import Shown


def is_terminal(stream: IO[Any]) -> bool:
    """Return whether *stream* is a terminal that understands more than plain lines."""
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # closed
        return False


def open_console(stream: IO[Any]) -> "Console":
    """Return a console that writes to *stream*."""
    from rich.console import Console  # noqa: PLC0415  # slow to load: only where something is drawn

    return Console(file=stream, highlight=False, markup=False, emoji=False)


def show(shown: "Shown") -> None:
    """Print something that has a report: drawn on a terminal, else as text."""
    if is_terminal(sys.stdout):
        open_console(sys.stdout).print(shown)
    else:
        click.echo(str(shown))


@contextmanager
def prints_kept_apart(*, apart: bool) -> Generator[None]:
    """Let what steps print go to standard error where the other is for a document alone."""
    with redirect_stdout(sys.stderr) if apart else nullcontext():
        yield
