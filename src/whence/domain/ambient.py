"""What is current here: a value that code far below can find without being handed it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")


class Ambient(Generic[T]):
    """A value that is current while a block runs, also in threads that the block starts.

    Each thread sees its own value. A thread that has none, as one that a step started, sees that of
    the block that is active in this process, as long as there is only one.
    """

    def __init__(self, name: str) -> None:
        self._local: ContextVar[T | None] = ContextVar(name, default=None)
        self._active: list[T] = []

    def get(self) -> T | None:
        """Return the current value, or None."""
        value = self._local.get()
        if value is None and len(self._active) == 1:
            return self._active[0]
        return value

    def get_here(self) -> T | None:
        """Return the value of this thread itself, or None: others may do something else."""
        return self._local.get()

    @contextmanager
    def entered(self, value: T) -> Generator[T]:
        """Make *value* current while the block runs."""
        token = self._local.set(value)
        self._active.append(value)
        try:
            yield value
        finally:
            self._active.remove(value)
            self._local.reset(token)


running_step: Ambient[str] = Ambient("whence_running_step")
"""The name of the node that is running here."""

written_output: Ambient[Callable[[], bytes]] = Ambient("whence_written_output")
"""Returns all that the attempt here has written so far, where a worker process collects that."""
