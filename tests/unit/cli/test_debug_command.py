"""`whence debug`: a step of a past run, replayed from the command line."""

import pytest

STEPS = '''
"""Steps that say and write something."""
import whence
from whence import Input, Output, pipeline, step
from whence.artifacts import DataArtifact

@step
def load(count: int = 4) -> list[int]:
    return list(range(count))

@step
def fit(rows: list[int], depth: int = 6) -> int:
    print("fitting", rows)
    whence.log_metric("rows", len(rows))
    whence.log_metadata(device="cpu")
    if depth > 90:
        raise ValueError("too deep")
    return sum(rows) * depth

@step
def save(value: int, out: Output[DataArtifact]):
    (out.path / "value.txt").write_text(str(value))

@step
def wrong(value: int) -> str:
    return value

@pipeline
def training(depth: int = 6):
    value = fit(load(), depth=depth)
    save(value)
    wrong(value)
'''


@pytest.fixture
def recorded(project):
    """Give a project with a run of which one step failed."""
    project.write("steps.py", STEPS)
    project.whence("run", "steps.py")
    return project


def test_a_step_is_replayed_and_nothing_recorded(recorded):
    """What it printed, reported and returned is shown."""
    before = recorded.whence("runs", "--json").out
    answer = recorded.whence("debug", "last", "fit")

    assert answer.code == 0
    assert "its code is as it was" in answer.out
    assert "fitting [0, 1, 2, 3]" in answer.out
    assert answer.out.splitlines()[-4:] == [
        "metric rows = 4",
        "metadata device = 'cpu' (str)",
        "result = 36 (int)",
        "Nothing is recorded.",
    ]
    assert recorded.whence("runs", "--json").out == before


def test_a_parameter_can_be_changed(recorded):
    """`--param` takes what the command line takes for a parameter; wrong ones are refused."""
    assert "result = 6 (int)" in recorded.whence("debug", "last", "fit", "--param", "depth=1").out
    assert "WH203" in recorded.whence("debug", "last", "fit", "--param", "depth=x").err
    assert "WH201" in recorded.whence("debug", "last", "fit", "--param", "deep=1").err
    assert "is an input" in recorded.whence("debug", "last", "fit", "--param", "rows=1").err
    assert "NAME=VALUE" in recorded.whence("debug", "last", "fit", "--param", "depth").err


def test_a_failure_shows_the_users_code_alone(recorded):
    """Without a terminal no debugger is opened; the exit code says that the step failed."""
    answer = recorded.whence("debug", "last", "fit", "--param", "depth=99")

    assert answer.code == 1
    assert "ValueError: too deep" in answer.err
    assert "src/whence" not in answer.err


def test_a_wrong_return_fails_as_in_the_run(recorded):
    """A value that does not match its annotation is told of, as the run did."""
    answer = recorded.whence("debug", "last", "wrong")

    assert answer.code == 1
    assert "WH302" in answer.err


def test_an_output_goes_to_a_private_folder(recorded):
    """The folder is named, so that one can look."""
    shown = recorded.whence("debug", "last", "save").out

    assert "out: 1 file in /" in shown


def test_a_replay_can_be_recorded(recorded):
    """`--record` makes it a run of its own, of a pipeline of one step."""
    answer = recorded.whence("debug", "last", "fit", "--param", "depth=2", "--record")
    newest = recorded.whence("runs", "--json").document["runs"][0]

    assert "12     int" in answer.out
    assert (newest["pipeline"], newest["status"]) == ("fit", "completed")


def test_changed_code_is_said_first(recorded):
    """Which function is another one by now stands above what it does."""
    import sys

    recorded.write("steps.py", STEPS.replace("sum(rows) * depth", "sum(rows) + depth"))
    del sys.modules["steps"]
    shown = recorded.whence("debug", "last", "fit").out

    assert shown.index("function steps.fit changed in steps.py") < shown.index("fitting")
    assert "result = 12 (int)" in shown


def test_code_that_is_gone_is_an_error_that_says_where_it_was_looked_for(recorded):
    """The file, and the steps that are there now."""
    import sys

    recorded.write(
        "steps.py", STEPS.replace("def fit(", "def fitted(").replace("fit(load", "fitted(load")
    )
    del sys.modules["steps"]
    answer = recorded.whence("debug", "last", "fit")

    assert answer.code == 2
    assert "WH731" in answer.err
    assert "steps.py" in answer.err
    assert "Did you mean 'fitted'?" in answer.err


def test_a_step_that_filled_a_slot_is_found_where_it_was_taken_from(project):
    """The run says which file its filler came from."""
    project.write(
        "other.py",
        "from whence import step\n\n"
        "@step\ndef ridge(rows: list[int], depth: int = 2) -> int:\n    return len(rows) + depth\n",
    )
    project.whence("run", "train.py:delays", "--regressor", "other.py:ridge")
    answer = project.whence("debug", "last", "regressor")

    assert "result = 6 (int)" in answer.out, answer.err


def test_a_file_that_runs_its_pipeline_at_once_is_refused(project):
    """Loading it again must not run it again."""
    import sys

    called = STEPS.replace("    wrong(value)\n", "    return value\n")
    project.write("again.py", called)
    project.whence("run", "again.py")
    project.write("again.py", f"{called}\n\ntraining()\n")
    del sys.modules["again"]
    answer = project.whence("debug", "last", "fit")

    assert answer.code == 2
    assert "WH704" in answer.err


def test_how_the_step_ended_is_told_of_the_run_and_not_of_the_replay(recorded):
    """Another parameter stands apart from the inputs."""
    shown = recorded.whence("debug", "last", "wrong").out.splitlines()
    assert shown[0] == "Replay of wrong"
    assert "where it failed; its code is as it was" in shown[1]

    lines = recorded.whence("debug", "last", "fit", "--param", "depth=2").out.splitlines()
    place = lines.index("With depth = 2")
    assert lines[place - 1] == ""
