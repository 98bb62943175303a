"""Places in the user's code, as `file:line`."""

import functools
import os
import sys
from pathlib import Path
from types import FrameType

_PACKAGE = f"{Path(__file__).parents[1]}{os.sep}"


def find_user_frame() -> FrameType | None:
    """Return the innermost frame that is not Whence's own."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the to walk frames cheaply
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def calling_place() -> str:
    """Return where the user's code called Whence."""
    frame = find_user_frame()
    return "" if frame is None else f"{shown_file(frame.f_code.co_filename)}:{frame.f_lineno}"


def definition_place(fn: object) -> str:
    """Return where a function is defined."""
    code = getattr(fn, "__code__", None)
    return "" if code is None else f"{shown_file(code.co_filename)}:{code.co_firstlineno}"


def shown_file(filename: str) -> str:
    """Return a file name relative to the working directory where it lies below it."""
    try:
        return _relative_to(filename, os.getcwd())  # noqa: PTH109  # in the way of every node
    except OSError:  # there is no working directory any more
        return filename


@functools.lru_cache(maxsize=1024)
def _relative_to(filename: str, folder: str) -> str:
    path = Path(filename)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else filename
