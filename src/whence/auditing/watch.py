"""Sees what a step reads while it runs: audit events, calls, the environment."""

import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from whence.auditing.audit_events import HANDLERS
from whence.auditing.callers import find_caller
from whence.auditing.clock_and_chance import hear_c_call
from whence.auditing.global_randomness import SHARED_NUMPY, telling_of_numpy_draws
from whence.auditing.library_readers import hear_call
from whence.auditing.watched_step import WatchedStep
from whence.graph.plan import PlannedNode

_CALLS = {"call": hear_call, "c_call": hear_c_call}
_ENVIRONMENT_WRAPPERS = frozenset({"collections", "os"})


class Watch:
    """Watches one step at a time, in all threads of this process.

    There is one for each process, for an audit hook cannot be taken back; it is deaf between steps.
    """

    def __init__(self, stores: Iterable[Path]) -> None:
        self._stores = tuple(stores)
        self._step: WatchedStep | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, node: PlannedNode) -> Generator[WatchedStep]:
        """Collect what is read while the block runs, which is the function of *node*."""
        step = WatchedStep(node, self._stores)
        with self._environment_watched(step), telling_of_numpy_draws(self._hear_numpy):
            self._step = step
            threading.setprofile(self._profile)
            sys.setprofile(self._profile)
            try:
                yield step
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
                self._step = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        step = self._step
        handler = HANDLERS.get(event) if step is not None else None
        if handler is None:
            return
        asking = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the way to who asked
        with suppress(Exception):  # a fault of the audit must not become one of the step
            caller = find_caller(asking)
            if caller is not None:
                handler(step, caller, *arguments)

    def _profile(self, frame: FrameType, event: str, function: Any) -> None:
        step = self._step
        if step is not None and event in _CALLS:
            with suppress(Exception):  # a fault of the audit must not become one of the step
                _CALLS[event](step, frame, function)

    def _hear_numpy(self) -> None:
        caller = find_caller(sys._getframe(2))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as above
        if self._step is not None and caller is not None:
            self._step.note_draw(SHARED_NUMPY, caller)

    @contextmanager
    def _environment_watched(self, step: WatchedStep) -> Generator[None]:
        environ: Any = type(os.environ)
        read: Callable[[Any, Any], str] = environ.__getitem__

        def read_watched(variables: Any, name: Any) -> str:
            caller = find_caller(sys._getframe(1))  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as above
            if caller is not None and caller.is_direct(_ENVIRONMENT_WRAPPERS):
                step.note_variable(os.fsdecode(name), caller)
            return read(variables, name)

        environ.__getitem__ = read_watched
        try:
            yield
        finally:
            environ.__getitem__ = read
