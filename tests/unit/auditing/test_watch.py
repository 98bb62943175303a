"""What a watched step is seen to read, in this process."""

import io
import os
import random
import sys
import time
from pathlib import Path

import pytest

from whence import pipeline, step
from whence.auditing.callers import Caller, find_caller
from whence.auditing.file_reads import CoveredFiles, is_business_of_library
from whence.auditing.observation import Observation
from whence.auditing.run_steps import run_steps
from whence.auditing.work import Work, parse_line, write_work
from whence.authoring.build_pipeline import build_plan


@pytest.fixture
def audit_once(tmp_path):
    """Return what runs the steps of a pipeline under watch and gives what was seen of each."""

    def run(pipe, *known):
        plan = build_plan(pipe.spec, pipe.bound, (), {})
        folder = tmp_path / "audit"
        folder.mkdir(exist_ok=True)
        write_work(folder, Work(list(plan.nodes), {each.node: each for each in known}))
        words = io.StringIO()
        run_steps(plan, folder, words)
        told = map(parse_line, words.getvalue().splitlines())
        return {each.node: each for each in told if isinstance(each, Observation)}

    return run


def test_covered_files_are_no_reads(audit_once, tmp_path):
    """A file given as a Path is covered, however it is named; one named by a text is not."""
    for name in ("rows.csv", "more.csv"):
        (tmp_path / name).write_text("a", encoding="utf-8")

    @step
    def compare(given: Path, name: str) -> bool:
        with Path(name).open() as other, given.resolve().open() as one:
            return one.read() == other.read()

    @pipeline
    def pipe():
        compare(tmp_path / "rows.csv", str(tmp_path / "more.csv"))

    (read,) = audit_once(pipe)["compare"].reads

    assert (read.kind, Path(read.subject).name) == ("file", "more.csv")


def test_clock_chance_and_environment_are_seen(audit_once, monkeypatch):
    """What raises no audit event is seen as well, and only while a step runs."""
    monkeypatch.setenv("REGION", "us")

    @step
    def work() -> str:
        random.random()
        return f"{time.time()} {os.environ['REGION']}"

    @pipeline
    def pipe():
        work()

    observation = audit_once(pipe)["work"]

    assert {read.kind for read in observation.reads} == {"clock", "environment"}
    assert [draws.generator for draws in observation.draws] == ["random"]
    assert sys.getprofile() is None


def test_a_step_takes_what_is_known(audit_once):
    """A second process runs a step on the inputs that the first one stored."""

    @step
    def make() -> int:
        return 1

    @step
    def double(number: int) -> int:
        return 2 * number

    @pipeline
    def pipe():
        double(make())

    first = audit_once(pipe)
    second = audit_once(pipe, *first.values())

    assert second == first


def test_a_step_whose_input_is_missing_is_passed_over(audit_once):
    """What failed is told with its exception; what follows is not run."""

    @step
    def make() -> int:
        raise ValueError("no rows")

    @step
    def double(number: int) -> int:
        return 2 * number

    @pipeline
    def pipe():
        double(make())

    seen = audit_once(pipe)

    assert list(seen) == ["make"]
    assert seen["make"].error == "ValueError: no rows"


def test_a_cancelled_step_ends_the_process(audit_once):
    """Ctrl-C in a step is not one of its failures."""

    @step
    def work() -> int:
        raise KeyboardInterrupt

    @pipeline
    def pipe():
        work()

    with pytest.raises(KeyboardInterrupt):
        audit_once(pipe)


def test_words_of_the_pipelines_file_are_no_news():
    """What a file prints while it is loaded is not taken for what an audit tells."""
    assert parse_line('{"begins": "work"}\n') is None


def test_covered_files_are_known_by_every_name(tmp_path):
    """What lies below a covered folder is covered, also through a link; its neighbours are not."""
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    covered = CoveredFiles([tmp_path / "link"])

    assert covered.holds(str(tmp_path / "data" / "rows.csv"))
    assert covered.holds(str(tmp_path / "link" / "rows.csv"))
    assert not covered.holds(str(tmp_path / "data.csv"))


@pytest.mark.parametrize("path", [os.__file__, pytest.__file__, "/dev/null", "/etc/localtime"])
def test_what_is_installed_is_nobodys_data(path):
    """Files of Python, of installed packages and of time zones are read by everyone."""
    caller = find_caller(sys._getframe())

    assert caller is not None
    assert is_business_of_library(path, caller)


def test_own_code_may_not_read_the_system_unseen():
    """A file of the system counts where own code asks for it by itself."""
    caller = find_caller(sys._getframe())

    assert caller is not None
    assert caller.place is not None
    assert "test_watch.py:" in caller.place
    assert not is_business_of_library("/etc/hostname", caller)


@pytest.mark.parametrize(
    ("path", "is_setting"),
    [
        (".config/matplotlib/matplotlibrc", True),
        (".cache/huggingface/hub/model.bin", False),
        ("data/rows.csv", False),
    ],
)
def test_settings_in_the_home_are_a_librarys_business(tmp_path, monkeypatch, path, is_setting):
    """A library may look at its settings in the home; what it fetched there is data."""
    monkeypatch.setenv("HOME", str(tmp_path))
    library = Caller("train.py:3", frozenset(), through_installed=True)

    assert is_business_of_library(str(tmp_path / path), library) is is_setting
