"""Tracebacks that show the user's code and not ours."""

import traceback
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from whence.domain.records import ErrorRecord
from whence.errors import WhenceError

_PACKAGE = str(Path(__file__).parents[1])

E = TypeVar("E", bound=BaseException)


def drop_own_frames(error: E) -> E:
    """Return *error* with a traceback that begins in the user's code.

    An error that Whence itself raised, with no frame of the user's, keeps what it has.
    """
    frames = error.__traceback__
    while frames is not None and _is_own(frames):
        frames = frames.tb_next
    return error.with_traceback(frames) if frames is not None else error


def _is_own(frame: TracebackType) -> bool:
    return frame.tb_frame.f_code.co_filename.startswith(_PACKAGE)


def describe_error(error: BaseException) -> ErrorRecord:
    """Return what is kept of an exception."""
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    is_ours = isinstance(error, WhenceError)
    return ErrorRecord(
        type=name,
        message=_message(error),
        traceback=_format(error),
        code=error.code if is_ours else None,
        fault=error.describe() if is_ours else None,
    )


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  # a broken __str__ must not hide the failure
        return "<the message could not be shown>"


def _format(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))
    except Exception:  # noqa: BLE001  # as above
        return "<the traceback could not be shown>"
