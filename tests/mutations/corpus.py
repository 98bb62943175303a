"""Applies every edit to a copy of its project, and compares the fingerprints of all steps."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tests.mutations import (
    churn_edits,
    delays_edits,
    prices_edits,
    sensors_edits,
    shapes_edits,
    text_edits,
)
from tests.mutations.edits import Edit

HERE = Path(__file__).parent
SEEDS = 3
PROJECTS = (churn_edits, delays_edits, prices_edits, sensors_edits, shapes_edits, text_edits)


@dataclass(frozen=True)
class Outcome:
    """What an edit did to the fingerprints of its project's steps."""

    project: str
    edit: Edit
    steps: frozenset[str]
    moved: frozenset[str]

    @property
    def false_hits(self) -> frozenset[str]:
        """Steps whose old results would be served, though they are wrong now."""
        return self.edit.changes - self.moved

    @property
    def false_misses(self) -> frozenset[str]:
        """Steps that would run again for nothing."""
        return self.moved - self.edit.changes

    def __str__(self) -> str:
        return f"{self.project}/{self.edit.file}: {self.edit.why}"


def edits() -> Iterator[tuple[ModuleType, Edit]]:
    """Yield every edit with the project that it is of."""
    yield from ((project, each) for project in PROJECTS for each in project.EDITS)


def measure(folder: Path) -> list[Outcome]:
    """Return what every edit does; each version is loaded by itself, under changing hash seeds."""
    versions = [(project, None) for project in PROJECTS] + list(edits())
    found = list(_fingerprints(versions, folder))
    before = {
        project.PROJECT: prints
        for (project, _), prints in zip(versions, found, strict=False)
        if _ is None
    }
    outcomes: list[Outcome] = []
    for (project, each), after in zip(versions, found, strict=True):
        if each is not None:
            outcomes.append(_compare(project.PROJECT, each, before[project.PROJECT], after))
    return outcomes


def _compare(project: str, each: Edit, before: dict[str, str], after: dict[str, str]) -> Outcome:
    assert before.keys() == after.keys(), f"{project}: {each.why}"
    assert each.changes <= before.keys(), f"{project}: {each.why}: {each.changes - before.keys()}"
    moved = frozenset(name for name in before if before[name] != after[name])
    return Outcome(project, each, frozenset(before), moved)


def _fingerprints(
    versions: Sequence[tuple[ModuleType, Edit | None]], folder: Path
) -> Iterator[dict[str, str]]:
    """Yield the fingerprints of every version, from one process for each of a few hash seeds."""
    lines = [
        f"{project.ENTRY} {write_version(project.PROJECT, each, folder / str(at))}"
        for at, (project, each) in enumerate(versions)
    ]
    started = [_start(lines[seed::SEEDS], seed) for seed in range(SEEDS)]
    printed = [_finish(process) for process in started]
    for at in range(len(lines)):
        yield json.loads(printed[at % SEEDS][at // SEEDS])


def _start(lines: Sequence[str], seed: int) -> subprocess.Popen[str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("COV")}
    process = subprocess.Popen(
        [sys.executable, HERE / "print_fingerprints.py"],
        env=inherited | {"PYTHONHASHSEED": str(seed), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write("\n".join(lines))
    process.stdin.close()
    return process


def _finish(process: subprocess.Popen[str]) -> list[str]:
    with process:
        assert process.stdout is not None
        printed = process.stdout.read()
    assert process.returncode == 0, "a version cannot be loaded: its error is above"
    return printed.splitlines()


def write_version(project: str, each: Edit | None, folder: Path) -> Path:
    """Write a project as it is after an edit."""
    shutil.copytree(HERE / "projects" / project, folder)
    if each is not None:
        for file, old, new in ((each.file, each.old, each.new), *each.also):
            _replace(folder / file, old, new, each)
    _write_packages(folder)
    return folder


def _replace(file: Path, old: str, new: str, each: Edit) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name}: {each.why}: {text.count(old)} times {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def _write_packages(folder: Path) -> None:
    """Write what an installer would have written of the packages that a project needs."""
    needed = folder / "packages.txt"
    for line in needed.read_text(encoding="utf-8").splitlines() if needed.exists() else ():
        name, version = line.split()
        record = folder / "site" / f"{name}-{version}.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n", encoding="utf-8")
        (record / "RECORD").write_text(f"{name}/__init__.py,,\n", encoding="utf-8")
