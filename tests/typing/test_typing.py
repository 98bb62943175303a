"""What pyright and mypy must accept and refuse, by what their users write against Whence.

A file `accepted_*.py` or `refused_*.py` holds lines as a user writes them. A line that a checker
must refuse ends in a mark with the reason: `# refused: ...` for both, `# refused by mypy: ...` or
`# refused by pyright: ...` for one of them. Every other line must be accepted.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STUB = HERE.parents[1] / "src" / "whence" / "__init__.pyi"
ACCEPTED = sorted(HERE.glob("accepted_*.py"))
EXAMPLES = [*ACCEPTED, *sorted(HERE.glob("refused_*.py"))]
MARK = re.compile(r"# refused(?: by (?P<checker>\w+))?: \S")
EITHER_OR = {
    "_MappedNode",
    "_Node",
    "_PipelineCall",
}  # derive from Any: they stand for a value as well
NOT_YET_RUNNING = {"accepted_options"}  # timeouts have their types before their effect
RUNNING = [path for path in ACCEPTED if path.stem not in NOT_YET_RUNNING]

Lines = dict[tuple[str, int], str]


def run_tool(name: str, *arguments: str) -> str:
    """Return what a tool of this environment, looking at this environment, prints."""
    bin_folder = Path(sys.executable).parent
    path = os.pathsep.join([str(bin_folder), os.environ["PATH"]])
    outcome = subprocess.run(
        [bin_folder / name, *arguments],
        cwd=HERE,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode in {0, 1}, outcome.stdout + outcome.stderr
    return outcome.stdout


def marked_lines(path: Path, checker: str) -> dict[int, str]:
    """Return the lines of an example that *checker* must refuse."""
    return {
        number: line.strip()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (mark := MARK.search(line)) and mark["checker"] in {None, checker}
    }


@pytest.fixture(scope="module")
def refused_by_pyright() -> Lines:
    """Return the lines that pyright refuses, with what it says."""
    report = json.loads(run_tool("pyright", "--outputjson"))
    assert report["summary"]["filesAnalyzed"] == len(EXAMPLES)
    return {
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1): each["message"]
        for each in report["generalDiagnostics"]
    }


@pytest.fixture(scope="module")
def refused_by_mypy(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """Return the lines that mypy refuses, with what it says."""
    cache = str(tmp_path_factory.mktemp("mypy"))
    names = [path.name for path in EXAMPLES]
    printed = run_tool("mypy", "--output=json", "--cache-dir", cache, *names)
    return {
        (each["file"], each["line"]): each["message"]
        for each in map(json.loads, printed.splitlines())
        if each["severity"] == "error"
    }


def assert_as_marked(path: Path, checker: str, refused: Lines) -> None:
    """Compare what a checker refuses in one example with the marks of its lines."""
    expected = marked_lines(path, checker)
    found = {line: message for (name, line), message in refused.items() if name == path.name}

    assert {line: found[line] for line in sorted(found.keys() - expected.keys())} == {}
    assert {line: expected[line] for line in sorted(expected.keys() - found.keys())} == {}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_pyright_refuses_exactly_what_is_wrong(path: Path, refused_by_pyright: Lines) -> None:
    """Pyright shows the wrong lines of user code red, and no right one."""
    assert_as_marked(path, "pyright", refused_by_pyright)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_mypy_refuses_exactly_what_is_wrong(path: Path, refused_by_mypy: Lines) -> None:
    """Mypy, strict and with the plugin, refuses the wrong lines of user code, and no right one."""
    assert_as_marked(path, "mypy", refused_by_mypy)


@pytest.mark.parametrize("path", RUNNING, ids=lambda path: path.stem)
def test_whence_takes_what_checkers_accept(path: Path, tmp_path: Path) -> None:
    """A script that checkers accept runs to its end."""
    data = tmp_path / "data"
    data.mkdir()
    data.joinpath("flights.csv").touch()

    outcome = subprocess.run(
        [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert outcome.returncode == 0, outcome.stderr


def test_public_names_are_fully_typed() -> None:
    """Nothing that `import whence` declares leaves a type to be guessed."""
    report = json.loads(
        run_tool("pyright", "--verifytypes=whence", "--ignoreexternal", "--outputjson")
    )
    declared = ast.parse(STUB.read_text(encoding="utf-8")).body
    names = {each.name for each in declared if isinstance(each, (ast.ClassDef, ast.FunctionDef))}
    guessed = {
        name
        for symbol in report["typeCompleteness"]["symbols"]
        if (name := symbol["name"].split(".")[1]) in names
        for each in symbol["diagnostics"]
        if each["severity"] == "error" and "partially unknown" not in each["message"]
    }

    assert {"step", "pipeline", "runs"} <= names
    assert guessed == EITHER_OR
