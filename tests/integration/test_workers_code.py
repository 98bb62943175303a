"""How code comes to worker processes: as it is loaded where the run is, from wherever."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.contract.orchestrated import PATIENCE, open_workers, run_one

from whence.errors import StepNotSentError
from whence.interfaces.orchestrator import Lost

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("worker_program.py")

WAYS = {
    "script": [str(PROGRAM)],
    "module": ["-m", "tests.integration.worker_program"],
    "command": ["-c", PROGRAM.read_text()],
}


def run_python(*arguments: str, stdin: str | None = None) -> str:
    """Return what a program prints; workers import the tests from the root of the project."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment() -> dict[str, str]:
    """Return the variables that programs get."""
    import os

    return dict(os.environ)


@pytest.mark.parametrize("way", WAYS)
def test_functions_of_a_program_run_in_workers(way, tmp_path):
    """Whatever a program defines works in a worker, and its top level ran once, in the parent."""
    said = run_python(*WAYS[way], str(tmp_path / "runs"), str(tmp_path / "logs"))

    assert said == "x 15\n"


def test_functions_of_a_notebook_run_in_workers(tmp_path):
    """What the cells of a notebook define works in a worker."""
    pytest.importorskip("IPython")
    cells = PROGRAM.read_text().split("\n\n\n")
    program = tmp_path / "cells.py"
    program.write_text(
        "import sys\n"
        "from IPython.terminal.interactiveshell import TerminalInteractiveShell as Shell\n"
        "import __main__\n"
        "shell = Shell.instance(user_module=__main__, colors='NoColor')\n"
        f"for cell in {cells!r}:\n"
        "    shell.run_cell(cell).raise_error()\n"
    )

    said = run_python(str(program), str(tmp_path / "runs"), str(tmp_path / "logs"))

    assert said.endswith("x 15\n")


def test_functions_of_an_interactive_session_run_in_workers(tmp_path):
    """What is typed at Python's prompt works in a worker, though no file holds it."""
    typed = (
        "from pathlib import Path\n"
        "from tests.contract.orchestrated import *\n"
        "RATE = 5\n"
        "def times(value):\n"
        "    return value * RATE\n"
        "\n"
        f"workers = open_workers(Path({str(tmp_path)!r}))\n"
        "print(run_one(workers, times, 2).result.value)\n"
        "workers.close()\n"
    )

    assert run_python("-i", "-q", stdin=typed).split() == ["10"]


# ------------------------------------------------------------------ modules


@pytest.fixture
def workers(tmp_path):
    """Return an orchestrator with one worker."""
    made = open_workers(tmp_path / "logs", workers=1)
    yield made
    made.close()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a folder with a module `rates_of_tests`, and what imports it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "rates_of_tests.py").write_text(
        "import os\nRATE = 2\ndef times(value):\n    return value * RATE\n"
        "def own_name():\n    return __name__\n"
        "class Kept:\n    def __init__(self, value):\n        self.value = value\n"
        "def keep(value):\n    return Kept(value)\n"
        "def later(value):\n    import rates_of_tests\n    return rates_of_tests.RATE * value\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    sys.modules.pop("rates_of_tests", None)


def load():
    """Import the module afresh."""
    import importlib

    return importlib.import_module("rates_of_tests")


def test_a_constant_that_was_changed_is_so_in_the_worker(project, tmp_path):
    """A module whose constant the program has changed computes with what the program sees."""
    rates = load()
    rates.RATE = 7
    workers = open_workers(tmp_path / "logs", workers=1)

    value = run_one(workers, rates.times, 3).result.value
    workers.close()

    assert value == 21


def test_a_file_that_was_edited_after_its_import_runs_as_imported(project, tmp_path):
    """A run keeps the code that it started with, whatever is in the files by now."""
    rates = load()
    workers = open_workers(tmp_path / "logs", workers=1)
    file = project / "rates_of_tests.py"
    file.write_text(file.read_text().replace("RATE = 2", "RATE = 100"))

    value = run_one(workers, rates.times, 3).result.value
    kept = run_one(workers, rates.keep, 3).result.value
    workers.close()

    assert value == 6
    assert type(kept) is rates.Kept


def test_a_file_that_was_broken_after_its_import_runs_as_imported(project, tmp_path):
    """Not even a file that cannot be imported any more keeps a step from running."""
    rates = load()
    (project / "rates_of_tests.py").write_text("this is not Python")
    workers = open_workers(tmp_path / "logs", workers=1)

    value = run_one(workers, rates.times, 3).result.value
    workers.close()

    assert value == 6


def test_code_that_would_differ_is_refused(project, tmp_path):
    """Where a worker cannot have the code as it is loaded here, the step fails and says so."""
    rates = load()
    rates.RATE = 7  # seen by `later` through an import that the worker makes anew
    workers = open_workers(tmp_path / "logs", workers=1)

    end = run_one(workers, rates.later, 3)
    workers.close()

    assert isinstance(end, Lost)
    assert isinstance(end.error, StepNotSentError)
    assert "not what was sent" in end.reason


def test_modules_go_by_their_name(project, tmp_path):
    """A module that an import finds again is imported by the worker, and is that module there."""
    rates = load()
    workers = open_workers(tmp_path / "logs", workers=1)

    name = run_one(workers, rates.own_name).result.value
    kept = run_one(workers, rates.keep, 3).result.value
    workers.close()

    assert name == "rates_of_tests"
    assert type(kept) is rates.Kept


def test_code_that_holds_an_open_file_is_refused(tmp_path, workers):
    """A function over something that cannot travel fails with an error that says what."""
    with (tmp_path / "held").open("w") as held:
        end = run_one(workers, lambda: held.name)

    assert isinstance(end.error, StepNotSentError)
    assert "It uses 'held', of type TextIOWrapper, which cannot travel" in end.reason
