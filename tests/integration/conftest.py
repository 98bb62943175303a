"""Every test here has a project folder of its own, with a real local stack in it."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty project whose records lie in its own `.whence/`."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'tried'\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path
