"""What pyright and mypy must accept and refuse, by what their users write against Whence.

A file `accepted_*.py` or `refused_*.py` holds lines as a user writes them. A line that a checker
must refuse ends in a mark with the reason: `# refused: ...` for both, `# refused by mypy: ...` or
`# refused by pyright: ...` for one of them. Every other line must be accepted.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ACCEPTED = sorted(HERE.glob("accepted_*.py"))
EXAMPLES = [*ACCEPTED, *sorted(HERE.glob("refused_*.py"))]
MARK = re.compile(r"# refused(?: by (?P<checker>\w+))?: \S")
NOT_YET_RUNNING = {"accepted_options"}  # retries and timeouts have their types before their effect
RUNNING = [path for path in ACCEPTED if path.stem not in NOT_YET_RUNNING]

Lines = dict[tuple[str, int], str]


def run_tool(name: str, *arguments: str) -> str:
    """Return what a tool of this environment prints about the examples."""
    tool = Path(sys.executable).with_name(name)
    outcome = subprocess.run(
        [tool, *arguments], cwd=HERE, capture_output=True, text=True, check=False
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
    report = json.loads(run_tool("pyright", "--outputjson", "--pythonpath", sys.executable))
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
