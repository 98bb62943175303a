"""Every test here has a project folder of its own, with a real local stack in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from whence.stacks.current import open_stack


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty project whose records lie in its own `.whence/`; close them at the end."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'tried'\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    open_stack().close()
