"""`whence fixture`: a test that is written from a past step run passes by itself."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.running.fixture_source import WIDTH, wrap_line, write_literal

pytestmark = pytest.mark.heavy  # pandas, scikit-learn, and a process for each test that is written
WHENCE = str(Path(sys.executable).with_name("whence"))
RUFF = str(Path(sys.executable).with_name("ruff"))
TRAIN = '''
"""Steps that take and give all kinds of things."""
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
from sklearn.linear_model import Ridge
from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.materializers import PickleMaterializer

from tools.scaling import scale


class Kind(Enum):
    FAST = 1


@dataclass(frozen=True)
class Settings:
    rate: float = 0.1


class Split(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame


@step
def load(file: Path) -> pd.DataFrame:
    return pd.read_csv(file)


@step
def split(rows: pd.DataFrame, share: float = 0.5) -> Split:
    count = int(len(rows) * share)
    return Split(rows[:count].reset_index(drop=True), rows[count:].reset_index(drop=True))


@step
def fit(
    train: pd.DataFrame, kind: Kind = Kind.FAST, settings: Settings = Settings()
) -> Annotated[Ridge, ModelArtifact]:
    return Ridge(alpha=settings.rate).fit(train[["x"]], train["y"])


@step
def evaluate(model: Ridge, test: pd.DataFrame) -> float:
    return scale(float(np.mean((model.predict(test[["x"]]) - test["y"]) ** 2)))


@step
def sizes(frames: list[pd.DataFrame], named: dict[str, float]) -> dict[str, float]:
    return {"rows": float(sum(map(len, frames))), **named}


@step(env=["REGION"])
async def place(value: float, words: str = "it's \\\\ \\"so\\"") -> str:
    return f"{os.environ.get('REGION')} {words}"


@step
def save(value: float, out: Output[DataArtifact]):
    (out.path / "value.txt").write_text(f"{value:.3f}")


@step
def show(saved: Input[DataArtifact]) -> str:
    return (saved.path / "value.txt").read_text() * 100


@step
def lazy(test: pl.DataFrame) -> pl.DataFrame:
    return test.with_columns(double=pl.col("x") * 2)


@step
def array(test: pd.DataFrame) -> np.ndarray:
    return test["y"].to_numpy()


@step
def settings_of(value: float) -> list[Settings]:
    return [Settings(0.5)]


@step
def pickled(value: float) -> Annotated[Ridge, PickleMaterializer()]:
    return Ridge()


@step
def result(result: pd.DataFrame, expected: Output[DataArtifact], share: float = 0.5) -> None:
    result.to_csv(expected.path / "rows.csv")


@step
def fails(value: float) -> float:
    raise ValueError("no luck")


@step
def square(number: int) -> int:
    return number * number


@pipeline
def training(file: Path):
    train, test = split(load(file))
    rmse = evaluate(fit(train), test)
    sizes([train, test], {"rmse": rmse})
    place(rmse)
    show(save(rmse))
    lazy(test)
    array(test)
    settings_of(rmse)
    pickled(rmse)
    square.map([1, 2])
    result(test)
    fails(rmse)


if __name__ == "__main__":
    training(Path("rows.csv"))
'''
NODES = (
    "load", "split", "fit", "evaluate", "sizes", "place", "save", "show", "lazy", "array",
    "settings_of", "square[1]", "result",
)  # fmt: skip

WRITE_ALL = """
import sys
from whence.cli.main import main
for node in sys.argv[1:]:
    main(["fixture", "last", node, "--no-check"], standalone_mode=False)
"""


def run(*words, folder, **variables):
    """Run a program in a project of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        words,
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Give a project with a run of every step."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").touch()
    (folder / "train.py").write_text(TRAIN, encoding="utf-8")
    (folder / "tools").mkdir()
    (folder / "tools" / "__init__.py").touch()
    scaling = "def scale(value: float) -> float:\n    return value * 2\n"
    (folder / "tools" / "scaling.py").write_text(scaling, encoding="utf-8")
    rows = "\n".join(f"{each},{each * 2 + each % 3 / 10}" for each in range(20))
    (folder / "rows.csv").write_text(f"x,y\n{rows}\n", encoding="utf-8")
    outcome = run(WHENCE, "run", "train.py", "--file", "rows.csv", folder=folder, REGION="north")
    assert "no luck" in outcome.stderr, outcome.stderr
    return folder


@pytest.fixture(scope="module")
def written(project):
    """Write a test from each step run."""
    outcome = run(sys.executable, "-c", WRITE_ALL, *NODES, folder=project)
    assert outcome.returncode == 0, outcome.stderr
    return project / "tests"


def test_written_tests_pass_in_a_copy_without_records(written, tmp_path):
    """Under plain `pytest`, wherever it is started, in a project that has never run anything."""
    copy = tmp_path / "copy"
    shutil.copytree(written.parent, copy, ignore=shutil.ignore_patterns(".whence"))
    (copy / "rows.csv").unlink()
    pytest_alone = str(Path(sys.executable).with_name("pytest"))
    outcome = run(pytest_alone, "-q", str(copy / "tests"), folder=tmp_path)

    assert outcome.returncode == 0, outcome.stdout
    assert f"{len(NODES)} passed" in outcome.stdout
    assert not (copy / ".whence").exists()


def test_written_tests_are_formatted(written):
    """As most formatters would, with imports sorted and none unused."""
    lint = run(RUFF, "check", "--isolated", "--select", "E,F,W,I", "tests", folder=written.parent)
    form = run(RUFF, "format", "--isolated", "--diff", "tests", folder=written.parent)

    assert lint.returncode == 0, lint.stdout
    assert form.returncode == 0, form.stdout


def test_a_written_test_reads_well(written):
    """Plain values stand in it, parameters by name, and what may be loosened is said."""
    text = (written / "test_evaluate_fixture.py").read_text()

    assert "result = evaluate.fn(model=model, test=test)" in text
    assert "assert result == pytest.approx(" in text
    assert "change rel= to loosen it" in text
    assert "pickle" not in text


def test_a_written_test_fails_when_the_step_changes(written, tmp_path):
    """That is what it is for."""
    copy = tmp_path / "copy"
    shutil.copytree(written.parent, copy, ignore=shutil.ignore_patterns(".whence"))
    (copy / "tools" / "scaling.py").write_text("def scale(value):\n    return value * 3\n")
    test = "tests/test_evaluate_fixture.py"
    outcome = run(sys.executable, "-m", "pytest", "-q", test, folder=copy)

    assert outcome.returncode == 1


def test_it_is_tried_when_it_is_written(project):
    """The command says that the test passes, and where it is."""
    test = "checks/test_split.py"
    outcome = run(WHENCE, "fixture", "last", "split", "--output", test, folder=project)

    assert f"Written: {test}" in outcome.stdout
    assert f"It passes: pytest {test}" in outcome.stdout


def test_nothing_is_overwritten_unasked(project):
    """A test that is there already stays, but for `--force`."""
    words = ("fixture", "last", "load", "--output", "again/test_load.py", "--no-check")
    first = run(WHENCE, *words, folder=project)
    second = run(WHENCE, *words, folder=project)
    third = run(WHENCE, *words, "--force", folder=project)

    assert [first.returncode, second.returncode, third.returncode] == [0, 2, 0]
    assert "is there already" in second.stderr
    assert "WH732" in second.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["fit", "--max-size", "1KB"], "At most 1.0 KiB are copied"),
        (["fit", "--max-size", "little"], "is no size"),
        (["pickled"], "stored as a pickle"),
        (["fails"], "Its status is failed"),
        (["nothing"], "There is no step 'nothing'"),
    ],
)
def test_what_cannot_be_written_is_said(project, words, reason):
    """Too large, a pickle, a step that failed, or is not there: nothing is written."""
    outcome = run(WHENCE, "fixture", "last", *words, "--output", "no/test_it.py", folder=project)

    assert outcome.returncode == 2
    assert reason in outcome.stderr
    assert not (project / "no").exists()


def test_code_that_changed_since_is_told_of(project):
    """What the step gives now is not what it gave: the test is kept, and said to fail."""
    scaling = project / "tools" / "scaling.py"
    before = scaling.read_text()
    scaling.write_text("def scale(value: float) -> float:\n    return value * 3\n")
    words = ("fixture", "last", "evaluate", "--output", "changed/test_it.py")
    outcome = run(WHENCE, *words, folder=project)
    scaling.write_text(before)

    assert outcome.returncode == 1
    assert "Since the run, function tools.scaling.scale changed" in outcome.stdout
    assert "It does not pass as it is" in outcome.stderr


# ------------------------------------------------------------------ source


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.tuples(inside, inside)
        | st.dictionaries(st.text(max_size=3), inside, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_a_literal_means_the_value(value):
    """What stands in a test for a value is that value, to the type."""
    text = write_literal(value)

    assert text is None or repr(ast.literal_eval(text)) == repr(value)


@given(st.lists(PLAIN, max_size=6), st.integers(0, 8))
@settings(max_examples=200)
def test_a_broken_line_means_the_same(values, indent):
    """A call that is broken into lines has the same arguments."""
    line = f"found = call({', '.join(map(repr, values))})"
    lines = list(wrap_line(line, indent))

    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(line))
    assert len(lines) == 1 or len(line) + indent > WIDTH
