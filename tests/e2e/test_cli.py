"""The command line as a program: in processes of its own, on a terminal, and interrupted."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

WHENCE = str(Path(sys.executable).with_name("whence"))
PIPELINES = """
import time
from pathlib import Path
from typing import Annotated
from whence import Metric, pipeline, progress, step

@step
def load() -> list[int]:
    print("\\x1b[32mloading\\x1b[0m a line that is longer than the terminal is wide " + "x" * 60)
    return [1, 2]

@step
def fit(rows: list[int]) -> int:
    for _ in progress(4):
        pass
    print("no end of line", end="")
    return sum(rows)

@step
def score(model: int) -> Annotated[float, Metric("rmse", mode="min")]:
    return model / 2

@step
def break_off(model: int) -> int:
    raise ValueError("no luck today")

@step
def wait_for_ever(ready: Path) -> int:
    ready.with_suffix(".ready").touch()
    while True:
        time.sleep(0.05)

@pipeline
def good():
    return score(fit(load()))

@pipeline
def bad():
    return score(break_off(fit(load())))

@pipeline
def endless(ready: Path):
    wait_for_ever(ready)
    return load()

@pipeline
def alone(ready: Path):
    return wait_for_ever(ready)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Stand in a folder with pipelines and a store of its own."""
    (tmp_path / "train.py").write_text(PIPELINES, encoding="utf-8")
    (tmp_path / "ready.txt").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHENCE_HOME", str(tmp_path / "home"))
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def whence(*words, **settings):
    """Run the command line in a process of its own, with pipes."""
    return subprocess.run(
        [WHENCE, *words], capture_output=True, text=True, check=False, timeout=60, **settings
    )


def on_a_terminal(*words, **variables):
    """Run the command line on a terminal of its own; return its exit code and what was shown."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "30"}
    process = subprocess.Popen(
        [WHENCE, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, **variables},
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def last_picture(shown):
    """Return the text after the last time that the picture was drawn anew."""
    without_colour = re.sub(r"\x1b\[[0-9;?]*[mlh]", "", shown)
    return re.split(r"\x1b\[\d*[A-K]|\r(?!\n)", without_colour)[-1]


def test_runs_of_several_processes_are_found_by_others(project):
    """What one process ran, another lists, shows and compares."""
    assert whence("run", "train.py:good", "--name", "one").returncode == 0
    assert whence("run", "train.py:good", "--name", "two").returncode == 0

    listed = json.loads(whence("runs", "--json").stdout)["runs"]

    assert [run["name"] for run in listed] == ["two", "one"]
    assert whence("compare", "one", "two").returncode == 0
    assert "rmse" in whence("show").stdout


def test_python_dash_m_is_the_same_program(project):
    """`python -m whence` runs pipelines too."""
    command = [sys.executable, "-m", "whence", "run", "train.py:good", "--json"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert json.loads(outcome.stdout)["status"] == "completed"


def test_a_failure_ends_with_one(project):
    """A failed pipeline ends with 1; the users' lines are shown, and none of Whence's."""
    outcome = whence("run", "train.py:bad")

    assert outcome.returncode == 1
    assert 'raise ValueError("no luck today")' in outcome.stderr
    assert "site-packages" not in outcome.stderr
    assert "/whence/" not in outcome.stderr


def test_standard_output_is_what_the_steps_print(project):
    """Without `--json`, standard output holds what the steps print and nothing of Whence's."""
    outcome = whence("run", "train.py:good")

    assert outcome.stdout.endswith("no end of line")
    assert "completed" not in outcome.stdout
    assert "score: completed in" in outcome.stderr


def test_a_reader_that_leaves_is_no_failure(project):
    """`whence runs | head -1` ends quietly."""
    whence("run", "train.py:good")

    outcome = subprocess.run(
        f"{WHENCE} show --json | head -c 1",
        shell=True,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert outcome.stderr == b""


def test_a_run_is_drawn_on_a_terminal(project):
    """On a terminal each step has a line with its state, and metrics stand beside their step."""
    code, shown = on_a_terminal("run", "train.py:good")
    picture = last_picture(shown)

    assert code == 0
    assert re.search(r"✓\s+load\s", picture)
    assert re.search(r"✓\s+score\s.*rmse 1\.5", picture)
    assert "completed" in picture
    assert "whence show" in picture


def test_prints_appear_above_the_picture_as_they_are(project):
    """What a step prints keeps its colour and its length, also without an end of line."""
    _, shown = on_a_terminal("run", "train.py:good")

    assert "\x1b[32mloading" in shown
    assert "x" * 60 in shown
    assert "no end of line" in shown


def test_what_is_drawn_is_also_logged(project):
    """Prints that were shown above the picture are in the log of their step."""
    on_a_terminal("run", "train.py:good")

    assert whence("logs", "last", "fit").stdout == "no end of line\n"


def test_a_failed_run_is_drawn_with_what_was_skipped(project):
    """The last picture shows which step failed and which were skipped for it."""
    code, shown = on_a_terminal("run", "train.py:bad")
    picture = last_picture(shown)

    assert code == 1
    assert re.search(r"✗\s+break_off\s.*failed", picture)
    assert "skipped, for 'break_off' did not complete" in picture
    assert "no luck today" in picture


@pytest.mark.parametrize(
    ("words", "variables"), [(["--plain"], {}), ([], {"TERM": "dumb"})], ids=["plain", "dumb"]
)
def test_plain_lines_on_a_terminal(project, words, variables):
    """With `--plain`, and on a terminal that cannot draw, events are told in lines."""
    _, shown = on_a_terminal("run", "train.py:good", *words, **variables)

    assert "score: completed in" in shown
    assert "\x1b[?25l" not in shown


@pytest.mark.parametrize("words", [["run", "train.py:good"], ["runs"], ["show"]])
def test_no_colour_where_none_is_wanted(project, words):
    """With `NO_COLOR` nothing of Whence's is coloured."""
    whence("run", "train.py:good")

    _, shown = on_a_terminal(*words, NO_COLOR="1")

    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown.replace("\x1b[32mloading", ""))


def test_listings_are_drawn_on_a_terminal(project):
    """On a terminal listings have colours, and fit into its width."""
    whence("run", "train.py:good")

    _, shown = on_a_terminal("runs")
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)

    assert "\x1b[" in shown
    assert max(map(len, plain.splitlines())) <= 80


def start_endless(*words, pipeline="endless"):
    """Start a run whose step goes on for ever, and wait until it does."""
    process = subprocess.Popen(
        [WHENCE, "run", f"train.py:{pipeline}", "--ready", "ready.txt", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not Path("ready.ready").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "The step never began."
        select.select([], [], [], 0.01)
    return process


@pytest.mark.parametrize("pipeline", ["endless", "alone"])
def test_an_interrupt_cancels_the_run(project, pipeline):
    """Ctrl-C ends with 130, says so, and the run is recorded as cancelled."""
    process = start_endless(pipeline=pipeline)
    process.send_signal(signal.SIGINT)

    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "cancelled in" in said
    assert "Traceback" not in said
    assert json.loads(whence("show", "--json").stdout)["status"] == "cancelled"


def test_a_cancelled_run_is_a_document_too(project):
    """With `--json` a cancelled run is printed as its record."""
    process = start_endless("--json")
    process.send_signal(signal.SIGINT)

    document, _ = process.communicate(timeout=60)

    assert json.loads(document)["status"] == "cancelled"


def test_a_definition_that_is_wrong_ends_with_two(project):
    """What cannot be run ends with 2, before anything ran."""
    outcome = whence("run", "train.py:endless")

    assert outcome.returncode == 2
    assert "--ready VALUE" in outcome.stderr
