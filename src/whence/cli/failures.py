"""How a failure is shown, and the exit code that it ends with."""

import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

import click

from whence.cli.json_documents import print_json
from whence.errors import (
    MaterializationError,
    PromotionRefusedError,
    StepFailedError,
    StoreError,
    WhenceError,
)

FAILED = 1
WRONG_USE = 2
CANCELLED = 130

_FAILURES = (
    StepFailedError,
    MaterializationError,
    StoreError,
    MemoryError,
    PromotionRefusedError,  # the command was right, and the answer is no
)
_PACKAGE = str(Path(__file__).parents[1])
_CLICK = str(Path(click.__file__).parent)
_ASYNCIO = str(Path(sysconfig.get_path("stdlib")) / "asyncio")  # around the steps that it runs
_BUG = "This is a fault of Whence itself. Please report it with the text above."


def exit_code_of(error: BaseException) -> int:
    """Return 130 for what was cancelled, 1 for what failed, 2 for what could not even begin."""
    if isinstance(error, KeyboardInterrupt):
        return CANCELLED
    if hasattr(error, "whence_run"):
        return FAILED
    if not isinstance(error, WhenceError) and is_own_fault(error):
        return FAILED
    if isinstance(error, _FAILURES):
        return FAILED
    return WRONG_USE


def show_failure(error: BaseException, *, as_json: bool = False) -> None:
    """Say what went wrong on standard error; with *as_json* also as a document on the other."""
    if as_json:
        print_json({"error": describe_failure(error)})
    if isinstance(error, KeyboardInterrupt):
        click.secho("Cancelled.", fg="yellow", err=True)
    elif isinstance(error, WhenceError):
        _show_own(error)
    else:
        click.echo(format_user_error(error), err=True, nl=False)


def describe_failure(error: BaseException) -> dict[str, str | None]:
    """Return a failure as `--json` shows it."""
    if isinstance(error, WhenceError):
        return error.describe()
    return {"type": type(error).__qualname__, "what": str(error)}


def _show_own(error: WhenceError) -> None:
    what, *rest = str(error).splitlines()
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {what}", err=True)
    for line in [*rest, *error.notes]:
        click.echo(line, err=True)


def format_user_error(error: BaseException) -> str:
    """Return the traceback of an exception, from the first frame of the user's own code on."""
    if is_own_fault(error):
        return f"{''.join(traceback.format_exception(error))}{_BUG}\n"
    first = find_user_frame(error.__traceback__)
    return "".join(traceback.format_exception(error.with_traceback(first)))


def is_own_fault(error: BaseException) -> bool:
    """Return whether nothing of the user's took part in an exception that nobody meant to raise."""
    frames = error.__traceback__
    return (
        find_user_frame(frames) is None
        and frames is not None
        and not isinstance(error, SyntaxError)  # its place is in its text
        and not hasattr(error, "whence_run")  # raised by steps, gathered by us
    )


def find_user_frame(frames: TracebackType | None) -> TracebackType | None:
    """Return the first frame of a traceback that is in the user's own code, if one is."""
    while frames is not None and is_machinery(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return frames


def is_machinery(filename: str) -> bool:
    """Return whether a file is of what runs the user's code, and not of that."""
    return filename.startswith((_PACKAGE, _CLICK, _ASYNCIO, "<frozen importlib"))
