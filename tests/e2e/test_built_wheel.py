"""The built wheel in an environment of its own: as a script, in a notebook cell, at the prompt."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

PROGRAM = """
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
import whence
from whence import Input, Metric, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.materializers import NumpyMaterializer

@step
def SimplestStepEver(basic_param_1: int, basic_param_2: str) -> int:
    return basic_param_1 + int(basic_param_2)

@step
def Train(size: Input[int], output_artifact: Output[ModelArtifact], units: int = 8):
    NumpyMaterializer().write(np.full(size, units), output_artifact)

@step
def Evaluate(input_artifact: Input[ModelArtifact]) -> float:
    return float(NumpyMaterializer().read(input_artifact).sum())

@pipeline
def my_pipeline(step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]):
    step_2(size=step_1.outputs.result)
    step_3(input_artifact=step_2.outputs.output_artifact)

first = SimplestStepEver(basic_param_1=2, basic_param_2="3")
run_1 = my_pipeline(step_1=first, step_2=Train(units=8), step_3=Evaluate)
run_2 = my_pipeline(step_1=first, step_2=Train(units=9), step_3=Evaluate)

class Split(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame

@step
def split(table: pd.DataFrame, share: float = 0.5) -> Split:
    cut = int(len(table) * share)
    return Split(table[:cut], table[cut:])

@step
def score(train: pd.DataFrame, test: pd.DataFrame) -> Annotated[float, Metric("gap", mode="min")]:
    return abs(train["x"].mean() - test["x"].mean())

@pipeline
def everyday(table: pd.DataFrame):
    train, test = split(table)
    return score(train, test)

run_3 = everyday(pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}))
print(whence.compare(run_1, run_2))
print(run_3)
print("RESULT", run_1.steps.step_3.outputs.result.read(), run_3.read(), run_3.metrics["gap"])
print("FILE", whence.__file__)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment in which the wheel is installed.

    What Whence depends on is borrowed from this environment; Whence itself is the wheel's.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    venv.create(folder / "venv", symlinks=True)
    names = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    site = Path(sysconfig.get_path("purelib", vars=names))
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin" / "python"


def start(python: Path, folder: Path, *arguments: str, given: str = "") -> str:
    """Return what a program in the wheel's environment prints."""
    done = subprocess.run(
        [python, *arguments],
        input=given,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Error" not in done.stdout, done.stdout
    assert "RESULT 40.0 2.0 2.0" in done.stdout
    assert str(python.parents[1]) in done.stdout.rpartition("FILE")[2]
    return done.stdout


@pytest.mark.heavy
def test_the_examples_work_in_a_script(python, tmp_path):
    """The seed's form and the everyday form run from a file, without a `__main__` guard."""
    (tmp_path / "script.py").write_text(PROGRAM)

    shown = start(python, tmp_path, "script.py")

    assert "step_2.units" in shown
    assert (tmp_path / ".whence" / "metadata.sqlite").exists()


@pytest.mark.heavy
def test_the_examples_work_in_notebook_cells(python, tmp_path):
    """The same text runs as cells of IPython, and a run shows itself as HTML there."""
    cells = PROGRAM.split("\n\n")
    lines = [
        "from IPython.core.interactiveshell import InteractiveShell",
        "shell = InteractiveShell.instance()",
        f"for cell in {cells!r}:",
        "    shell.run_cell(cell, store_history=True).raise_error()",
        "html = shell.display_formatter.format(shell.user_ns['run_3'])[0]['text/html']",
        "assert 'everyday' in html and 'gap' in html",
    ]

    start(python, tmp_path, "-c", "\n".join(lines))


@pytest.mark.heavy
def test_the_examples_work_at_the_prompt(python, tmp_path):
    """The same text, typed line by line, runs at the interactive prompt."""
    blocks = [block.strip("\n") for block in PROGRAM.split("\n\n")]
    typed = "".join(f"{block}\n\n" for block in blocks)

    start(python, tmp_path, "-i", "-q", given=typed)
