"""A stack of its own for every test, and steady surroundings for what is shown."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.stacks.current import make_local_stack, use_stack
from whence.stacks.stack import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Return a stack that `whence.run` and its like use here."""
    made = make_local_stack(tmp_path / ".whence")
    made.make_home()
    with use_stack(made):
        yield made
    made.close()


@pytest.fixture(autouse=True)
def _steady_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Show times in UTC, and text as wide as without a terminal."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("COLUMNS", raising=False)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
