"""What `runs`, `tag` and `note` do: finding runs again, and saying something of them."""

import pytest

MODELS = """
from typing import Annotated
from whence import pipeline, step
from whence.artifacts import ModelArtifact

@step
def fit(depth: int = 6) -> Annotated[int, ModelArtifact, "delay"]:
    return depth

@pipeline
def learning(depth: int = 6):
    return fit(depth)
"""


@pytest.fixture
def recorded(project):
    """Record three runs, of which the second is the best, and two versions of a model."""
    for count in ("9", "4", "6"):
        project.whence("run", "train.py:delays", "--count", count, "--name", f"of {count}")
    (project.folder / "models.py").write_text(MODELS)
    for depth in ("4", "8"):
        project.whence("run", "models.py", "--depth", depth, "--name", f"deep {depth}")
    return project


def names(answer):
    """Return the names of the runs that were listed."""
    return [run["name"] for run in answer.document["runs"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--where", "rmse<50"], ["of 6", "of 4"]),
        (["--where", "rmse<50", "--where", "count>4"], ["of 6"]),
        (["--where", "parameters.load.count=9"], ["of 9"]),
        (["--where", "rmse>0", "--sort", "rmse"], ["of 4", "of 6", "of 9"]),
        (["--where", "rmse>0", "--sort", "-metrics.rmse", "--limit", "1"], ["of 9"]),
        (["--where", "rmse>0", "--sort", "rmse", "--before", "of 4"], ["of 6", "of 9"]),
        (["--model", "delay"], ["deep 8", "deep 4"]),
        (["--model", "delay@1"], ["deep 4"]),
        (["--name", "of 4"], ["of 4"]),
        (
            ["--since", "1h", "--until", "2100-01-01", "--pipeline", "learning"],
            ["deep 8", "deep 4"],
        ),
        (["--until", "1h"], []),
        (["--sort", "started", "--limit", "2"], ["of 9", "of 4"]),
    ],
)
def test_runs_are_found_by_what_is_asked(recorded, words, expected):
    """Options of `whence runs` combine, order and page the list."""
    assert names(recorded.whence("runs", *words, "--json")) == expected


def test_a_listing_as_json_is_complete(recorded):
    """Every run comes with parameters, metrics, tags and notes."""
    recorded.whence("tag", "of 4", "good")
    recorded.whence("note", "of 4", "small", "--who", "ada")

    (run,) = recorded.whence("runs", "--tag", "good", "--note", "SMALL", "--json").document["runs"]

    assert run["parameters"]["load.count"] == 4
    assert run["metrics"] == {"rmse": 18.0}
    assert run["tags"] == ["good"]
    assert [(note["text"], note["who"]) for note in run["notes"]] == [("small", "ada")]


def test_a_tag_is_given_and_taken(recorded):
    """`whence tag` says which tags there are now; `--remove` takes one away."""
    assert recorded.whence("tag", "of 4", "good", "best").out.endswith(": best, good\n")
    assert recorded.whence("tag", "of 4", "best", "--remove").out.endswith(": good\n")
    assert recorded.whence("tag", "of 4", "good", "--remove").out.endswith(": no tags\n")

    wrong = recorded.whence("tag", "of 4", "good", "--remove", "--json")
    assert wrong.code == 2
    assert recorded.whence("tag", "of 4", "").code == 2


def test_artifacts_and_models_are_tagged_and_noted(recorded):
    """The end of an artifact's id, an output of a pipeline, a model and a version are subjects."""
    artifacts = recorded.whence("artifacts", "deep 8", "--json").document["artifacts"]
    for subject in (artifacts[0]["id"][-8:], "delay", "delay@1", "delays/result"):
        tagged = recorded.whence("tag", subject, "checked", "--json").document
        noted = recorded.whence("note", subject, "by hand", "--json").document
        assert tagged["tags"] == ["checked"]
        assert [note["text"] for note in noted["notes"]] == ["by hand"]

    (after,) = recorded.whence("artifacts", "deep 8", "--json").document["artifacts"]
    assert after["tags"] == ["checked"]
    assert [note["text"] for note in after["notes"]] == ["by hand"]
    assert "checked" in recorded.whence("artifacts", "deep 8").out


def test_what_is_nothing_cannot_be_tagged(recorded):
    """A name of no run, artifact or model is an error that offers a run."""
    answer = recorded.whence("tag", "off 4", "good")

    assert answer.code == 2
    assert "Did you mean 'of 4'" in answer.err


def test_notes_and_tags_stand_with_the_run(recorded):
    """`whence show` has them, as text and as JSON."""
    recorded.whence("tag", "of 4", "good")
    recorded.whence("note", "of 4", "small", "--who", "ada")

    assert "tags: good" in recorded.whence("show", "of 4").out
    assert "ada" in recorded.whence("show", "of 4").out
    assert recorded.whence("show", "of 4", "--json").document["notes"][0]["text"] == "small"


def test_a_condition_that_cannot_be_read_is_told_of(recorded):
    """A wrong condition ends with 2 and says how to write it."""
    answer = recorded.whence("runs", "--where", "rmse below 3")

    assert answer.code == 2
    assert "WH750" in answer.err


def test_a_pipeline_that_was_misspelt_is_suggested(recorded):
    """Where no run of such a pipeline is recorded, the one that may be meant is named."""
    misspelt = recorded.whence("runs", "--pipeline", "learnin")
    none = recorded.whence("runs", "--pipeline", "learning", "--status", "failed")

    assert "No run of a pipeline 'learnin' is recorded. Did you mean 'learning'?" in misspelt.out
    assert "is recorded" not in none.out
