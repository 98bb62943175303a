"""A project in a folder of its own, and the command line called in it."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from whence.cli.main import main

TRAIN = '''
"""Train a little model."""
from typing import Annotated
from whence import Metric, Step, pipeline, step

@step
def load(count: int = 4) -> list[int]:
    print(f"loading {count}")
    return list(range(count))

@step
def fit(rows: list[int], depth: int = 6, fast: bool = False) -> int:
    return sum(rows) * depth + int(fast)

@step
def ridge(rows: list[int], alpha: float = 0.5) -> int:
    return int(sum(rows) * alpha)

@step
def evaluate(model: int, fail: bool = False) -> Annotated[float, Metric("rmse", mode="min")]:
    if fail:
        raise ValueError("no luck today")
    return model / 2

@pipeline
def delays(count: int = 4, verbose: bool = False, regressor: Step[fit] = fit):
    """Predict how late flights are."""
    return evaluate(regressor(load(count)))

@pipeline
def needy(name: str, sizes: list[int], verbose: bool = False):
    return load(len(sizes) + int(verbose))
'''


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that standard output holds."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A folder with a pipeline in it, and a store of its own."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def whence(self, *words: str) -> Answer:
        """Call the command line in this process, as in a pipe."""
        outcome = CliRunner().invoke(main, list(words), prog_name="whence")
        crash = outcome.exception
        assert crash is None or isinstance(crash, SystemExit), outcome.exc_info
        return Answer(outcome.exit_code, outcome.stdout, outcome.stderr)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Stand in a new project that holds `train.py`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHENCE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    made = Project(tmp_path)
    made.write("train.py", TRAIN)
    yield made
    for name in set(sys.modules) - known:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
