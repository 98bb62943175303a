"""Reads the pages of the error catalogue, and does what their examples do."""

import contextlib
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from whence.errors import WhenceError

PAGES = Path(__file__).resolve().parents[3] / "docs" / "errors"
_BEFORE = re.compile(r"<!-- before the example:\n(.*?)\n-->", re.DOTALL)
_WITHOUT = re.compile(r"<!-- without the package (\w+) -->")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class ErrorPage:
    """One page: the code it is about, what its example does, and the message it shows."""

    path: Path
    heading: str
    before: str  # a program that ran before, hidden in the page
    without: str  # a package that is taken to be missing
    example: str
    command: str  # in a terminal, if the example is one
    message: str

    @property
    def code(self) -> str:
        """The code that the page is about."""
        return self.path.stem

    @property
    def needs_much(self) -> bool:
        """Whether the example starts another program or loads a large package."""
        packages = ("pandas", "sklearn")
        return bool(self.before or self.command) or any(each in self.example for each in packages)


def read_page(path: Path) -> ErrorPage:
    """Return what a page of the catalogue shows."""
    text = path.read_text(encoding="utf-8")
    before = _BEFORE.search(text)
    blocks = dict(_BLOCK.findall(text))
    command, _, printed = blocks.get("console", "").partition("\n")
    return ErrorPage(
        path,
        heading=text.splitlines()[0],
        before=before.group(1) if before else "",
        without="".join(_WITHOUT.findall(text)),
        example=blocks["python"],
        command=command.removeprefix("$ "),
        message=blocks.get("text", printed),
    )


def provoke(page: ErrorPage, folder: Path) -> tuple[str, WhenceError | None]:
    """Do in *folder* what the page's example does; return the message and the error."""
    if page.command:
        return _provoke_in_terminal(page, folder), None
    if page.before:
        path = _write(folder / "before.py", page.before)
        subprocess.run([sys.executable, path], cwd=folder, check=True, capture_output=True)
    example = _write(folder / "example.py", page.example)
    with contextlib.redirect_stdout(None), _hidden(page.without):
        try:
            runpy.run_path(str(example), run_name="example")
        except WhenceError as error:
            return _without_places(str(error), folder), error
    return "nothing was raised", None


@contextlib.contextmanager
def _hidden(package: str) -> Generator[None]:
    """Let the block find no such package."""
    kept = {name: sys.modules.pop(name) for name in [package] if name in sys.modules}
    if package:
        sys.modules[package] = None  # as Python itself marks a module that is not there
    try:
        yield
    finally:
        sys.modules.pop(package, None)
        sys.modules.update(kept)


def _write(path: Path, code: str) -> Path:
    path.write_text(f"{code}\n", encoding="utf-8")
    return path


def _provoke_in_terminal(page: ErrorPage, folder: Path) -> str:
    name = page.example.partition("\n")[0].removeprefix("# ")
    _write(folder / name, page.example)
    outcome = subprocess.run(
        [sys.executable, "-m", *page.command.split()],
        cwd=folder,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return _without_places(outcome.stderr.strip(), folder)


def _without_places(text: str, folder: Path) -> str:
    return text.replace(str(folder.resolve()), "/home/ada/project").replace(
        str(folder), "/home/ada/project"
    )
