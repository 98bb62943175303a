"""The stack of the current place."""

import functools
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import quote

from whence.registry.components import create_artifact_store, create_metadata_store
from whence.stacks.home import find_home
from whence.stacks.stack import Stack

_used: ContextVar[Stack | None] = ContextVar("whence_stack", default=None)


def open_stack() -> Stack:
    """Return the stack in use here: that of `use_stack`, else the one of the current home.

    There is one for each home in a process, and it may be used on both sides of a fork. Nothing
    is made on disk before something is written.
    """
    return _used.get() or _open_home(find_home())


@contextmanager
def use_stack(stack: Stack) -> Generator[Stack]:
    """Let `open_stack` return *stack* inside the block, in this thread and its coroutines."""
    token = _used.set(stack)
    try:
        yield stack
    finally:
        _used.reset(token)


@functools.cache
def _open_home(home: Path) -> Stack:
    return make_local_stack(home)


def make_local_stack(home: Path, *, name: str = "local") -> Stack:
    """Return a new stack that keeps everything under *home*."""
    return Stack(
        name=name,
        home=home,
        artifact_store=create_artifact_store((home / "artifacts").as_uri()),
        metadata_store=create_metadata_store(f"sqlite:///{quote(str(home / 'metadata.sqlite'))}"),
    )
