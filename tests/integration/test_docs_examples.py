"""Every Python snippet of the README and the documentation runs as it stands.

The snippets of a page are one program, in the order in which they are read. A `text` block that
follows one holds what it prints, apart from moments, durations, ids, line numbers and line ends.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (whence .*)$", re.MULTILINE)
BY_CHANCE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\b[0-9a-f]{8}\b|\b[\d.]+ (ms|s|min)(?!\w)"
    r"|\blines \d+-\d+"
)
COMMAND_LINE_PAGE = ROOT / "docs" / "how-to" / "run-from-the-command-line.md"
PROGRAM = "program.py"  # what a page calls the file that its snippets are put in
PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if "errors" not in path.parts and "```python" in path.read_text(encoding="utf-8")
]

pytestmark = pytest.mark.heavy  # NumPy, pandas and polars


def page_name(path: Path) -> str:
    """Return the page as seen from the project."""
    return path.relative_to(ROOT).as_posix()


def find_blocks(path: Path) -> Iterator[tuple[str, str]]:
    """Yield language and text of each fenced block of a page."""
    yield from FENCE.findall(path.read_text(encoding="utf-8"))


def find_claims(path: Path) -> Iterator[str]:
    """Yield the text blocks that say what the Python block before them prints."""
    blocks = list(find_blocks(path))
    for (language, _), (following, text) in pairwise(blocks):
        if language == "python" and following == "text":
            yield text


def settle(text: str) -> str:
    """Return *text* in one line, without what differs from run to run."""
    return " ".join(BY_CHANCE.sub(" ", " ".join(text.split())).split())


def run_page(path: Path, folder: Path, name: str):
    """Run a page's snippets as one module; each keeps its line in the page."""
    text = path.read_text(encoding="utf-8")
    program = [""] * (text.count("\n") + 1)
    for match in FENCE.finditer(text):
        if match[1] == "python":
            first = text.count("\n", 0, match.start(2))
            lines = match[2].splitlines()
            program[first : first + len(lines)] = lines
    file = folder / f"{name}.py"
    file.write_text("\n".join(program), encoding="utf-8")
    spec = spec_from_file_location(name, file)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


@pytest.fixture
def page_module(request):
    """Name the module that a page becomes, and forget it afterwards."""
    name = "page_" + re.sub(r"\W", "_", page_name(request.param))
    yield request.param, name
    sys.modules.pop(name, None)


@pytest.mark.parametrize("page_module", PAGES, ids=page_name, indirect=True)
def test_snippets_of_a_page_run(page_module, project, capsys):
    """What a page shows can be copied and run, and prints what the page says."""
    page, name = page_module
    run_page(page, project, name)

    printed = capsys.readouterr().out.replace(f"{name}.py", PROGRAM)
    for claim in find_claims(page):
        assert settle(claim) in settle(printed)


def test_commands_of_the_command_line_page_work(project):
    """The page's file, settings and commands, one after the other, do what they say."""
    blocks = list(find_blocks(COMMAND_LINE_PAGE))
    (project / "train.py").write_text(next(text for kind, text in blocks if kind == "python"))
    (project / "settings.toml").write_text(next(text for kind, text in blocks if kind == "toml"))
    for command in COMMAND.findall(COMMAND_LINE_PAGE.read_text(encoding="utf-8")):
        arguments = shlex.split(command)[1:]
        outcome = subprocess.run(
            [sys.executable, "-m", "whence", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

        assert outcome.returncode == 0, f"{command}\n{outcome.stderr}"


def test_there_are_pages_to_try():
    """The README, the tutorial and the how-to pages have snippets."""
    names = {page_name(page) for page in PAGES}

    assert {"README.md", "docs/tutorials/first-pipeline.md"} <= names
