"""`whence debug` on a terminal: Python's debugger, at the step's first line or where it raised."""

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

WHENCE = str(Path(sys.executable).with_name("whence"))
PROMPT = b"(whence debug) "
STEPS = """
from whence import pipeline, step

@step
def load() -> list[int]:
    return [1, 2, 3]

@step
def fit(rows: list[int], depth: int = 2) -> int:
    best = max(rows)
    return best // depth

@step
async def wait(rows: list[int]) -> int:
    best = max(rows)
    raise ValueError(f"{best} is too much")

@pipeline
def training(depth: int = 0):
    rows = load()
    wait(rows)
    return fit(rows, depth)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Stand in a project with a run in which two steps failed."""
    (tmp_path / "train.py").write_text(STEPS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHENCE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    subprocess.run([WHENCE, "run", "train.py"], capture_output=True, check=False, timeout=60)
    return tmp_path


def converse(*words, answers):
    """Run the command line on a terminal; give the debugger its answers, one at each prompt."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [WHENCE, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
        start_new_session=True,
    )
    os.close(theirs)
    shown, left = b"", list(answers)
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
        if left and shown.count(PROMPT) > len(answers) - len(left) and shown.endswith(PROMPT):
            os.write(ours, f"{left.pop(0)}\n".encode())
    os.close(ours)
    assert not left, shown.decode()
    return process.wait(timeout=60), shown.decode().replace("\r\n", "\n")


def test_the_debugger_opens_where_the_step_raised(project):
    """With the values of that moment; leaving it ends the command as a failure."""
    code, shown = converse("debug", "last", "fit", answers=["p rows, depth", "w", "q"])

    assert code == 1
    assert "ZeroDivisionError" in shown
    assert "([1, 2, 3], 0)" in shown
    assert "-> return best // depth" in shown
    assert "whence/running" not in shown


def test_it_stops_at_the_first_line_and_goes_step_by_step(project):
    """`--break` stops before anything ran; behind the step's end nothing of ours is shown."""
    answers = ["p rows", "n", "p best", "n", "n"]
    code, shown = converse("debug", "last", "fit", "--break", "--param", "depth=1", answers=answers)

    assert code == 0
    assert shown.index("-> best = max(rows)") < shown.index("-> return best // depth")
    assert "--Return--" in shown
    assert "--Call--" not in shown
    assert "result = 3 (int)" in shown


def test_it_can_be_left_at_once(project):
    """Quitting at the first line ends the command; nothing more is run."""
    code, shown = converse("debug", "last", "fit", "--break", answers=["w", "q"])

    assert code == 1
    assert "Left the debugger; nothing is recorded." in shown
    assert "click" not in shown
    assert "Traceback" not in shown


def test_an_async_step_is_debugged_too(project):
    """At its first line, and where it raised."""
    code, shown = converse("debug", "last", "wait", "--break", answers=["n", "p best", "c", "q"])

    assert code == 1
    assert shown.count("-> best = max(rows)") == 1
    assert "ValueError: 3 is too much" in shown


def test_without_a_debugger_it_ends_with_the_traceback(project):
    """`--no-debugger` is for scripts."""
    code, shown = converse("debug", "last", "fit", "--no-debugger", answers=[])

    assert code == 1
    assert "ZeroDivisionError" in shown
    assert PROMPT.decode() not in shown
