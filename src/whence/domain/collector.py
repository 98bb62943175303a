"""Python's garbage collector, held back where it could only find what stays."""

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

_lock = threading.Lock()
_holders = 0


@contextmanager
def holding_collector() -> Generator[None]:
    """Let nothing be collected while the block makes many objects, all of which stay.

    The collector would go through them again and again as they become more: for a graph of 100,000
    nodes that takes as long as a quarter of all the rest. What nobody refers to goes at once
    nevertheless; only cycles wait. Blocks of several threads may overlap, and where the program has
    switched the collector off it stays so.
    """
    counts = _begin()
    try:
        yield
    finally:
        if counts:
            _end()


def _begin() -> bool:
    """Hold the collector; return whether that is to be ended."""
    global _holders  # noqa: PLW0603  # there is one collector, whoever holds it
    with _lock:
        if _holders == 0:
            if not gc.isenabled():
                return False
            gc.disable()
        _holders += 1
        return True


def _end() -> None:
    global _holders  # noqa: PLW0603  # as above
    with _lock:
        _holders -= 1
        if _holders == 0:
            gc.enable()
