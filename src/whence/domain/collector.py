"""Python's garbage collector, held back where it could only find what stays."""

import gc
import threading
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

_lock = threading.Lock()
_holds = 0


class CollectorHold:
    """Lets nothing be collected while a block makes many objects, all of which stay.

    The collector would go through them again and again as they become more, and find nothing. What
    nobody refers to goes at once nevertheless; only cycles wait. Blocks of several threads may
    overlap, and where the program has switched the collector off it stays so.
    """

    def __init__(self) -> None:
        self._holds = False
        self._token: Token[CollectorHold | None] | None = None

    def __enter__(self) -> Self:
        global _holds  # noqa: PLW0603  # there is one collector, whoever holds it
        with _lock:
            self._holds = _holds > 0 or gc.isenabled()
            if self._holds:
                gc.disable()
                _holds += 1
        self._token = _current.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
        if self._token is not None:
            _current.reset(self._token)

    def release(self) -> None:
        """Let the collector go on before the block has ended."""
        global _holds  # noqa: PLW0603  # as above
        with _lock:
            if self._holds:
                self._holds = False
                _holds -= 1
                if _holds == 0:
                    gc.enable()


_current: ContextVar[CollectorHold | None] = ContextVar("whence_collector_hold", default=None)


def release_collector() -> None:
    """End the innermost hold of this thread: what comes now may leave cycles behind."""
    hold = _current.get()
    if hold is not None:
        hold.release()
