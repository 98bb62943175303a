"""A debugger around one call of a step's function: at its first line, or where it raised."""

import inspect
import pdb  # noqa: T100  # the command is a debugger
import sys
from collections.abc import Callable, Mapping
from types import CodeType, FrameType, TracebackType
from typing import Any

from whence.cli.failures import is_machinery
from whence.engine.call_function import call_function

_NOT_STEPPED_INTO = ("whence.*", "asyncio.*", "click.*", "contextlib", "concurrent.*", "inspect")


class StepDebugger(pdb.Pdb):
    """Python's debugger, which shows the step and nothing of what called it."""

    def __init__(self, code: CodeType | None = None) -> None:
        super().__init__(skip=_NOT_STEPPED_INTO)
        self.prompt = "(whence debug) "
        self._code = code

    def get_stack(
        self, f: FrameType | None, t: TracebackType | None
    ) -> tuple[list[tuple[FrameType, int]], int]:
        """Return the frames from the first one of the user's on, and which is the current."""
        stack, index = super().get_stack(f, t)
        first = 0 if t is not None else _count_before_step([each for each, _ in stack[:index]])
        return stack[first:], index - first

    def user_return(self, frame: FrameType, return_value: Any) -> None:
        """Stop where a function returns, and let go when it is the step itself."""
        super().user_return(frame, return_value)
        waits = frame.f_code.co_flags & inspect.CO_COROUTINE  # returns at each `await` too
        if frame.f_code is self._code and not waits:
            self.set_continue()


def _count_before_step(frames: list[FrameType]) -> int:
    """Return how many of the frames, the outermost first, are those that led to the step."""
    ours = [is_machinery(each.f_code.co_filename) for each in frames]
    if True not in ours:
        return 0
    behind = ours.index(True)
    return behind + next((n for n, own in enumerate(ours[behind:]) if not own), len(ours) - behind)


def call_stopping_at_first_line(fn: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """Call a step's function; the debugger stops at the first line of its body."""
    code = getattr(inspect.unwrap(fn), "__code__", None)
    debugger = StepDebugger(code)

    def wait_for_step(frame: FrameType, happened: str, _argument: Any) -> Any:
        if happened != "call" or frame.f_code is not code:
            return None
        debugger.set_trace(frame)
        return debugger.trace_dispatch

    before = sys.gettrace()
    sys.settrace(wait_for_step)
    try:
        return call_function(fn, arguments)
    finally:
        sys.settrace(before)


def look_at_failure(frames: TracebackType | None) -> None:
    """Open the debugger where an exception was raised."""
    if frames is not None:
        debugger = StepDebugger()
        debugger.reset()
        debugger.interaction(None, frames)  # as `pdb.post_mortem` does
