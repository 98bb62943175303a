"""The documentation is complete: names, codes, commands and words are there, links resolve."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import whence
from whence import artifacts, errors, materializers
from whence.cli.main import main as command_line

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TEXTS = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "llms.txt"]
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
GLOSSARY = (
    "step", "step definition", "configured step", "pipeline", "slot", "node", "map", "parameter",
    "input", "output", "artifact", "artifact type", "materializer", "format", "preview", "run",
    "step run", "attempt", "stack", "artifact store", "metadata store", "orchestrator",
    "fingerprint", "digest", "cache key", "cache hit", "cache miss", "plan", "lineage", "metric",
    "model", "model version", "alias", "promotion",
)  # fmt: skip
OTHERS_WORDS = (
    "task",
    "op",
    "job",
    "flow",
    "execution",
    "asset",
    "dataset",
    "flavor",
    "experiment",
)
DECISION_PARTS = ["Context", "Choice", "What we gave up", "What would change our mind"]


def headings_of(path: Path) -> list[str]:
    """Return the headings of a page, without their signs."""
    text = re.sub(
        r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return [line.lstrip("# ") for line in text.splitlines() if line.startswith("#")]


def relative_name(path: Path) -> str:
    """Return the path as seen from the project."""
    return path.relative_to(ROOT).as_posix()


def links_of(path: Path) -> list[Path]:
    """Return the files that a page links to, whether they are there or not."""
    prose = CODE.sub("", path.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(prose) if "://" not in target]
    return [(path.parent / target).resolve() for target in targets if target]


@pytest.mark.parametrize("module", [whence, artifacts, materializers, errors])
def test_every_public_name_is_in_the_reference(module):
    """What a public module offers has a heading in the API reference."""
    assert set(module.__all__) <= set(headings_of(DOCS / "reference" / "api.md"))


def test_the_reference_is_current():
    """The API reference says what the docstrings say now."""
    script = DOCS / "generate_reference.py"

    outcome = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )

    assert outcome.returncode == 0, outcome.stderr


def test_every_error_code_has_a_page():
    """The code that an error shows leads to a page of the documentation."""
    classes = [value for value in vars(errors).values() if inspect.isclass(value)]
    codes = {vars(cls)["code"] for cls in classes if "code" in vars(cls)} - {"WH000"}

    assert sorted(code for code in codes if not (DOCS / "errors" / f"{code}.md").is_file()) == []


def test_every_command_is_in_the_reference():
    """Each command of the command line has a heading in its reference."""
    headings = " ".join(headings_of(DOCS / "reference" / "cli.md"))
    context = click.Context(command_line)

    assert [name for name in command_line.list_commands(context) if name not in headings] == []


def test_every_word_is_in_the_glossary():
    """Each word that Whence uses in a sense of its own is explained, in its order."""
    assert tuple(headings_of(DOCS / "concepts" / "glossary.md")[1:]) == GLOSSARY


@pytest.mark.parametrize("path", TEXTS, ids=relative_name)
def test_only_our_own_words_are_used(path):
    """A page says step, run and artifact, and none of other tools' words for these."""
    prose = CODE.sub("", path.read_text(encoding="utf-8")).lower()

    assert [word for word in OTHERS_WORDS if re.search(rf"\b{word}s?\b", prose)] == []


@pytest.mark.parametrize("path", TEXTS, ids=relative_name)
def test_links_resolve(path):
    """Every relative link of a page leads to a file or folder."""
    assert [str(target) for target in links_of(path) if not target.exists()] == []


def test_every_page_can_be_reached():
    """Each page of the documentation is linked from another."""
    reached = {target for page in PAGES for target in links_of(page) if target != page}

    assert [
        relative_name(page) for page in PAGES if page not in reached | {DOCS / "index.md"}
    ] == []


@pytest.mark.parametrize("path", DECISIONS, ids=relative_name)
def test_decision_is_short_and_whole(path):
    """A decision says context, choice, price and what would change it, in 40 lines."""
    assert headings_of(path)[1:] == DECISION_PARTS
    assert path.read_text(encoding="utf-8").count("\n") <= 40
