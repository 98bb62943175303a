"""Code that changes between runs: `plan` and `why` say what, `accept` declares it harmless."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

FEATURES = """
SHIFT = 1


def scale(x: int) -> int:
    return x * 2


def clean(x: int) -> int:
    return x
"""
TRAIN = '''
"""Train a little model."""
from dataclasses import dataclass

import features
import tinylib
from whence import pipeline, step


@dataclass(frozen=True)
class Settings:
    depth: int = 6
    rate: float = 0.1


@step
def load(count: int = 4) -> list[int]:
    return [features.scale(features.clean(each)) for each in range(count)]


@step
def fit(rows: list[int], settings: Settings) -> int:
    return tinylib.total(rows) * settings.depth + features.scale(1)


@step
def report(model: int, title: str = "model") -> str:
    return f"{title} {model}"


@pipeline
def delays(count: int = 4, settings: Settings = Settings(), title: str = "model"):
    """Predict how late flights are."""
    return report(fit(load(count), settings), title)
'''
LINEAGE = """
import sys, whence
step = whence.run(sys.argv[1]).steps[sys.argv[2]]
print(step.outputs.result.lineage())
"""


@dataclass(frozen=True)
class Answer:
    """What a process printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """The one JSON document that standard output holds."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A folder with code that changes, a package in two versions, and a store of its own."""

    folder: Path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def install(self, version: str) -> None:
        """Put a version of the package `tinylib` where others installed it."""
        site = self.folder / "site-packages"
        for old in site.glob("*.dist-info"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        info = site / f"tinylib-{version}.dist-info"
        info.mkdir(parents=True)
        (site / "tinylib.py").write_text("def total(rows):\n    return sum(rows)\n")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: tinylib\nVersion: {version}\n"
        )
        (info / "RECORD").write_text(f"tinylib.py,,\ntinylib-{version}.dist-info/METADATA,,\n")

    def python(self, *words: str) -> Answer:
        """Call Python in a new process, in the project."""
        paths = [str(self.folder / "site-packages"), os.environ.get("PYTHONPATH", "")]
        process = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in process.stderr, process.stderr
        return Answer(process.returncode, process.stdout, process.stderr)

    def whence(self, *words: str) -> Answer:
        """Call the command line in a new process."""
        return self.python("-m", "whence", *words)

    def run(self, *words: str) -> set[str]:
        """Run the pipeline; return the steps that were computed rather than reused."""
        answer = self.whence("run", "train.py", *words, "--json")
        assert answer.code == 0, answer.err
        return {step["node"] for step in answer.document["steps"] if not step["cached"]}

    def plan(self, *words: str) -> dict[str, dict]:
        """Return what is planned, by node."""
        answer = self.whence("plan", "train.py", *words, "--json")
        assert answer.code == 0, answer.err
        return {node["node"]: node for node in answer.document["nodes"]}

    def accept(self, *words: str) -> Answer:
        """Accept a change that is there now."""
        answer = self.whence("accept", "train.py", *words, "--reason", "same numbers")
        assert answer.code == 0, answer.err
        return answer


@pytest.fixture
def fresh_project(tmp_path, monkeypatch):
    """Return a project in which nothing has run."""
    monkeypatch.delenv("WHENCE_HOME", raising=False)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'tried'\n")
    (tmp_path / "features.py").write_text(FEATURES, encoding="utf-8")
    (tmp_path / "train.py").write_text(TRAIN, encoding="utf-8")
    made = Project(tmp_path)
    made.install("1.0")
    return made


@pytest.fixture
def project(fresh_project):
    """Return a project whose pipeline has run once."""
    assert fresh_project.run() == {"load", "fit", "report"}
    return fresh_project


def test_plan_and_why_name_the_helper_that_changed(project):
    """A changed helper is named with its file and lines before the run; after it, with a diff."""
    project.edit("features.py", "x * 2", "x * 3")
    planned = project.plan()
    ran = project.run()
    why = project.whence("why", "last", "load").out

    assert planned["load"]["verdict"] == "miss"
    assert planned["load"]["reasons"] == [
        "function features.scale changed in features.py, lines 5-6"
    ]
    assert planned["load"]["may_rerun"] == ["fit", "report"]
    assert planned["fit"]["verdict"] == planned["report"]["verdict"] == "open"
    assert ran == {"load", "fit", "report"}
    assert "function features.scale changed in features.py, lines 5-6" in why
    assert "-    return x * 2" in why
    assert "+    return x * 3" in why


def test_why_names_parameters_inputs_and_packages(project):
    """Every part that differed is told: a field of a parameter, an input, a package's version."""
    project.install("1.1")
    project.run("--count", "5", "--settings", '{"depth": 8}')
    told = project.whence("why", "last", "fit", "--json").document

    assert {change["sentence"] for change in told["changes"]} == {
        "package tinylib 1.0 → 1.1",
        "parameter settings.depth 6 → 8",
        "input rows: new digest, from load.result",
    }
    assert not told["reused"]


def test_why_says_from_which_run_a_step_was_reused(project):
    """A step that was reused names the run that computed its outputs."""
    first = project.whence("runs", "--json").document["runs"][0]["id"]
    project.run()
    told = project.whence("why", "last", "fit", "--json").document

    assert told["reused"]
    assert told["compared_with"] == first
    assert first[-8:] in told["because"]


def test_an_accepted_step_is_reused_until_it_changes_again(project):
    """What was accepted is reused; a further change is computed."""
    project.edit("features.py", "x * 2", "x + x")
    project.accept("load")
    project.accept("fit")
    reused = project.run()
    project.edit("features.py", "x + x", "x + x + 1")

    assert reused == set()
    assert project.run() == {"load", "fit", "report"}


def test_an_accepted_function_serves_every_step_that_reaches_it(project):
    """One word for a function is one for all steps that call it, and for no other change."""
    project.edit("features.py", "x * 2", "x + x")
    told = project.accept("--function", "features.scale").out
    reused = project.run()
    project.edit("features.py", "return x\n", "return x + 0\n")

    assert "Earlier results of 'load' serve its new code now." in told
    assert "Earlier results of 'fit' serve its new code now." in told
    assert reused == set()
    assert "load" in project.run()


def test_what_still_keeps_a_step_from_being_reused_is_told(project):
    """Of two changed functions, the one that is not accepted yet is named; then both serve."""
    project.edit("features.py", "x * 2", "x + x")
    project.edit("features.py", "return x\n", "return +x\n")
    first = project.accept("--function", "features.scale").out
    planned = project.plan()["load"]["verdict"]
    second = project.accept("--function", "features.clean").out

    assert "'load' still runs: function features.clean changed in features.py" in first
    assert "Earlier results of 'fit' serve its new code now." in first
    assert planned == "miss"
    assert "Earlier results of 'load' serve its new code now." in second
    assert project.run() == set()


def test_a_new_helper_is_accepted_with_its_step(project):
    """A function that now calls a new one cannot be accepted by itself, its step can."""
    project.edit(
        "features.py", "x * 2", "double(x)\n\n\ndef double(x: int) -> int:\n    return x * 2"
    )
    told = project.whence(
        "accept", "train.py", "--function", "features.double", "--reason", "only moved"
    )
    project.accept("load")
    project.accept("fit")

    assert told.code == 2
    assert "name the step" in told.err
    assert project.run() == set()


def test_nothing_further_back_is_accepted_unseen(project):
    """Asked twice, only the last change is accepted, and none that was there before."""
    project.edit("features.py", "x * 2", "x * 3")
    project.run()
    project.edit("features.py", "x * 3", "x + x + x")
    project.accept("load")
    again = project.whence("accept", "train.py", "load", "--reason", "same numbers")

    assert again.code == 2
    assert "WH708" in again.err


def test_an_accepted_change_is_no_reason(project):
    """Where a step runs for another reason, a change that was accepted is not named."""
    project.edit("features.py", "x * 2", "x + x")
    project.accept("load")
    planned = project.plan("--count", "5")["load"]

    assert planned["reasons"] == ["parameter count 4 → 5"]


def test_an_accepted_package_is_reused(project):
    """Results of an older version of a package serve once that was accepted."""
    project.install("1.1")
    planned = project.plan()["fit"]
    project.accept("--package", "tinylib")

    assert planned["reasons"] == ["package tinylib 1.0 → 1.1"]
    assert project.run() == set()


def test_who_accepted_what_is_shown_wherever_it_counts(project):
    """Plan, `why`, lineage and list name who accepted a change, and the reason."""
    project.edit("features.py", "x * 2", "x + x")
    project.accept("--function", "scale", "--who", "ann")
    planned = project.plan()["load"]
    project.run()
    (why,) = project.whence("why", "last", "load", "--json").document["acceptances"]
    run = project.whence("runs", "--json").document["runs"][0]["id"]
    lineage = project.python("-c", LINEAGE, run, "report").out
    (listed,) = project.whence("accept", "--list", "--json").document["acceptances"]

    assert planned["verdict"] == "hit"
    assert "accepted by ann: same numbers" in planned["reasons"][0]
    assert why == listed
    assert (why["who"], why["reason"], why["subject"]) == ("ann", "same numbers", "features.scale")
    assert lineage.count("function features.scale, by ann") == 1


def test_what_was_withdrawn_is_computed(project):
    """After an acceptance is withdrawn, its results serve no more; it stays in the list."""
    project.edit("features.py", "x * 2", "x + x")
    project.accept("--function", "features.scale")
    (accepted,) = project.whence("accept", "--list", "--json").document["acceptances"]
    reused = project.run()
    project.whence("accept", "--withdraw", accepted["id"][-8:], "--who", "bob")
    (listed,) = project.whence("accept", "--list", "--json").document["acceptances"]
    why = project.whence("why", "last", "load", "--json").document

    assert reused == set()
    assert listed["withdrawn_by"] == "bob"
    assert why["acceptances"] != []  # of the past, it tells what held then
    assert project.run() == {"load", "fit"}


def test_what_new_code_computed_never_serves_the_old(project):
    """What was computed while a change was accepted is filed as what it is: of the new code."""
    project.edit("features.py", "x * 2", "x * 3")
    project.accept("--function", "features.scale")
    project.run("--count", "5")
    project.edit("features.py", "x * 3", "x * 2")

    assert "load" in project.run("--count", "5")


def test_what_cannot_be_accepted_is_told(project):
    """Without a change, a reason, or something that is meant, nothing is accepted."""
    project.edit("features.py", "x * 2", "x + x")
    unknown = project.whence("accept", "train.py", "--function", "scael", "--reason", "x")
    unchanged = project.whence("accept", "train.py", "report", "--reason", "x")
    nothing = project.whence("accept", "train.py", "--reason", "x")
    silent = project.whence("accept", "train.py", "load")

    assert {each.code for each in (unknown, unchanged, nothing, silent)} == {2}
    assert "WH708" in unknown.err
    assert "WH708" in unchanged.err
    assert "'step load'" in nothing.err
    assert "--reason" in silent.err
    assert project.whence("accept", "--list", "--json").document["acceptances"] == []


def test_no_cache_and_refresh_compute_again(project):
    """`--no-cache` computes every step, `--refresh` those it names; both say so before."""
    planned = project.plan("--refresh", "fit")

    assert project.run("--no-cache") == {"load", "fit", "report"}
    assert project.run("--refresh", "fit") == {"fit"}
    assert [planned[name]["verdict"] for name in planned] == ["hit", "miss", "open"]
    assert project.plan("--no-cache")["load"]["reasons"] == ["this run reuses nothing"]


def test_plan_warns_of_a_text_that_names_a_file(project):
    """A `str` that names an existing file is warned of: the file's content is not seen."""
    (warning,) = project.plan("--title", "train.py")["report"]["warnings"]

    assert "'train.py'" in warning
    assert "`Path`" in warning


def test_plan_leaves_nothing_behind(fresh_project):
    """A plan of a pipeline that never ran makes no store."""
    answer = fresh_project.whence("plan", "train.py")

    assert "0 reused, 1 to run, 2 open" in answer.out
    assert "because it has not run before" in answer.out
    assert not (fresh_project.folder / ".whence").exists()
