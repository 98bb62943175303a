"""A wall clock that is wrong, for a process that imports this before anything reads the time.

Other clocks, and the times that the system gives to files, stay right.
"""

import datetime as dt
import time
from typing import Any

_true_time, _true_time_ns, _TrueDatetime = time.time, time.time_ns, dt.datetime
_shift = 0


def shift_clock(seconds: int) -> None:
    """Let the wall clock be so many seconds ahead."""
    global _shift  # noqa: PLW0603  # there is one clock
    _shift = seconds


class _AnyDatetime(type):
    """Takes every moment for one of the class, as if it had never been replaced."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _TrueDatetime)


class _ShiftedDatetime(_TrueDatetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return _TrueDatetime.now(tz) + dt.timedelta(seconds=_shift)


time.time = lambda: _true_time() + _shift
time.time_ns = lambda: _true_time_ns() + _shift * 10**9
dt.datetime = _ShiftedDatetime
