"""Which pipeline a target names, and how its file is loaded."""

import pytest

ONE = "from whence import pipeline, step\n@step\ndef one() -> int:\n    return 1\n"
ONE += "@pipeline\ndef only():\n    return one()\n"


@pytest.mark.parametrize("target", ["single.py", "single.py:only", "single:only", "single"])
def test_the_name_may_be_left_out_where_there_is_one(project, target):
    """A file or module with one pipeline needs no name behind it."""
    project.write("single.py", ONE)

    assert project.whence("plan", target, "--json").document["pipeline"] == "only"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("trian.py:delays", "Did you mean 'train.py'?"),
        ("train.py:delay", "Did you mean 'delays'?"),
        ("train.py", "2 pipelines"),
        ("train.py:load", "is a step"),
        ("train.py:Metric", "not a pipeline"),
        ("nowhere.module:x", "no module 'nowhere'"),
        ("train:", "pipelines"),
        ("not a module:x", "neither"),
        (".", "neither"),
        ("", "neither"),
    ],
)
def test_a_wrong_target_is_explained(project, target, said):
    """A target that names no pipeline ends with 2 and says what may be meant."""
    answer = project.whence("run", target)

    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_file_sees_its_siblings(project):
    """A file imports what lies beside it, as a script does, wherever one stands."""
    (project.folder / "deep").mkdir()
    project.write("deep/beside_it.py", "COUNT = 3\n")
    project.write("deep/nested.py", f"from beside_it import COUNT\n{ONE}")

    assert project.whence("plan", "deep/nested.py", "--json").code == 0


def test_what_a_script_does_is_not_done(project):
    """What stands under `if __name__ == "__main__"` does not run when a target is loaded."""
    project.write("script.py", f'{ONE}\nif __name__ == "__main__":\n    raise SystemExit(7)\n')

    assert project.whence("plan", "script.py").code == 0


def test_a_pipeline_called_at_top_level_is_named_with_its_line(project):
    """A file that runs a pipeline when it is loaded is refused, with the line of the call."""
    project.write("eager.py", f"{ONE}\nonly()\n")

    answer = project.whence("run", "eager.py")

    assert answer.code == 2
    assert "eager.py:9" in answer.err
    assert project.whence("runs", "--json").document == {"runs": []}


def test_a_fault_in_the_users_file_shows_the_users_lines_alone(project):
    """An exception while the file is loaded shows its own traceback, and nothing was run."""
    project.write("broken.py", "import json\njson.loads('{')\n")

    answer = project.whence("run", "broken.py")

    assert answer.code == 2
    assert answer.err.index("broken.py") < answer.err.index("decoder.py")
    assert "whence" not in answer.err.replace(str(project.folder), "")


def test_a_file_that_is_no_python_is_shown_where_it_fails(project):
    """A syntax error names the file and the line."""
    project.write("unfinished.py", "def f(:\n")

    answer = project.whence("run", "unfinished.py")

    assert answer.code == 2
    assert 'unfinished.py", line 1' in answer.err


def test_a_missing_import_of_the_users_is_the_users(project):
    """A module that the target's module imports and is not there shows where it was imported."""
    project.write("importer.py", "import not_there_at_all\n")

    for target in ("importer.py", "importer:x"):
        answer = project.whence("run", target)

        assert answer.code == 2
        assert "import not_there_at_all" in answer.err


def test_a_file_that_exits_has_run_nothing(project):
    """A file that ends the program while it is loaded is an error, also if it ends it well."""
    project.write("exits.py", "import sys\nsys.exit(0)\n")

    answer = project.whence("run", "exits.py")

    assert answer.code == 2
    assert "SystemExit(0)" in answer.err


def test_a_file_may_bear_the_name_of_a_known_module(project):
    """A file named like a module of Python does not take its place."""
    project.write("random.py", ONE)

    assert project.whence("plan", "random.py", "--json").code == 0

    import random

    assert random.random() < 1


def test_a_step_that_cannot_be_defined_is_explained(project):
    """A fault of a definition in the file is said in Whence's words, without a traceback."""
    project.write(
        "undefined.py", "from whence import step\n@step\ndef f(x) -> int:\n    return x\n"
    )

    answer = project.whence("run", "undefined.py")

    assert answer.code == 2
    assert "[WH101]" in answer.err
    assert "Traceback" not in answer.err
