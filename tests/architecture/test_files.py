"""Where code may lie: names that say something, files that fit in a head."""

from pathlib import Path

import pytest

import whence

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "whence"
FILES = sorted(PACKAGE.rglob("*.py"))
SAY_NOTHING = {"base", "common", "core", "helpers", "manager", "misc", "utils"}
MOST_LINES = 400


def relative_name(path: Path) -> str:
    """Return the path as seen from the package."""
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_name_says_what_the_file_holds(path):
    """No file or folder has a name under which anything could lie."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts

    assert SAY_NOTHING.isdisjoint(part.strip("_") for part in parts)


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_file_stays_readable(path):
    """No file is longer than 400 lines."""
    lines = path.read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES


@pytest.mark.parametrize("path", FILES, ids=relative_name)
def test_file_opens_with_what_it_holds(path):
    """Every file that has code says in its first line what it decides or holds."""
    text = path.read_text(encoding="utf-8")

    assert not text.strip() or text.startswith('"""')


def test_no_module_hides_a_public_name():
    """No module of the package bears the name of a function or class that `whence` offers."""
    modules = {path.stem for path in PACKAGE.iterdir()}
    offered = {name for name in whence.__all__ if callable(getattr(whence, name))}

    assert modules.isdisjoint(offered)
