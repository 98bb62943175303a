"""The same code has the same fingerprint wherever it is: script, module, notebook, other names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HELPERS = """
import logging

log = logging.getLogger(__name__)
NAMES = {"a", "b", "c"}


class Scaler:
    def __init__(self, by):
        self.by = by

    def scale(self, value):
        return value * self.by


def scale(value):
    log.info("scaled")
    return Scaler(2).scale(value)
"""
STEP = """
from dataclasses import dataclass

from helpers import NAMES, scale


@dataclass
class Config:
    depth: int = 6


def run(value: int, config: Config) -> int:
    inner = [scale(each) for each in range(value)]
    return sum(inner) + config.depth + len(NAMES)
"""
SHOW = """
from whence.fingerprint.compute import compute_fingerprint

shown = compute_fingerprint(run)
print(shown.not_cacheable, shown.unresolved, shown.digest)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a step, alone and as a script that shows its fingerprint."""
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "steps.py").write_text(STEP)
    (tmp_path / "other_name.py").write_text("# moved\n\n\n" + STEP)
    (tmp_path / "script.py").write_text(STEP + SHOW)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "inner.py").write_text(STEP)
    return tmp_path


def show(folder: Path, *arguments: str, seed: str = "0") -> str:
    """Return what a fresh Python prints last."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("COV")}
    outcome = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=inherited | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.splitlines()[-1]


def imported(module: str) -> str:
    """Return a program that shows the fingerprint of the step of a module."""
    return f"from {module} import run{SHOW}"


PLACES = {
    "another module's name, other lines": ["-c", imported("other_name")],
    "a module of a package": ["-c", imported("package.inner")],
    "a script": ["script.py"],
    "a module that is run": ["-m", "script"],
    "a script, named by its full path": ["PATH/script.py"],
}


@pytest.mark.parametrize("place", PLACES)
def test_place_does_not_count(place: str, project: Path):
    """A step has one fingerprint, whatever its module is called and however it is started."""
    arguments = [each.replace("PATH", str(project)) for each in PLACES[place]]

    assert show(project, *arguments, seed="1") == show(project, "-c", imported("steps"))


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_hash_seed_does_not_count(seed: str, project: Path):
    """A step has one fingerprint in every process."""
    found = show(project, "-c", imported("steps"), seed=seed)

    assert found == show(project, "-c", imported("steps"), seed="7")
    assert found.startswith("None () blake3:")


def test_notebook_agrees_with_a_module(project: Path):
    """A step that was written into a cell has the fingerprint of the same step in a module."""
    pytest.importorskip("IPython")
    cells = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in ({STEP!r}, {SHOW!r}):
    shell.run_cell(cell).raise_error()
"""

    assert show(project, "-c", cells) == show(project, "-c", imported("steps"))


def test_code_without_source_is_not_cacheable(project: Path):
    """A step that was typed in, and is nowhere to be read, is known but not cached."""
    typed = f"exec(compile({STEP!r}, '<stdin>', 'exec'))\n{SHOW}"

    assert show(project, "-c", typed).startswith(
        "there is no source of __main__.run: it is from <stdin>"
    )
