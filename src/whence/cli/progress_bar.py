"""How far long work is, on a terminal."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from whence.cli.terminal import is_terminal, open_console


@contextmanager
def progress_bar(label: str) -> Generator[Callable[[int, int], None]]:
    """Yield what is to be told how much of how much is done; elsewhere it shows nothing."""
    if not is_terminal(sys.stderr):
        yield lambda _done, _of: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  # slow to load

    columns = (
        TextColumn(label),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=open_console(sys.stderr), transient=True) as progress:
        bar = progress.add_task(label, total=None)
        yield lambda done, of: progress.update(bar, completed=done, total=of)
