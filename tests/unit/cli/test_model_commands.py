"""`whence models` and `whence promote`: what they show, write and refuse."""

import json
from pathlib import Path

import pytest

TRAIN = """
from typing import Annotated
import whence
from whence import Metric, pipeline, step
from whence.artifacts import ModelArtifact

@step
def fit(depth: int = 1) -> Annotated[dict[str, int], ModelArtifact, "delay"]:
    return {"depth": depth}

@step
def score(model: dict[str, int]) -> Annotated[float, Metric("rmse", mode="min")]:
    return 12.0 / model["depth"]

@pipeline
def delays(depth: int = 1):
    return score(fit(depth))

@pipeline
def predicting():
    return score(whence.model("delay@champion").as_input())

def is_even(candidate, current):
    return candidate.number % 2 == 0, f"number {candidate.number}"
"""


@pytest.fixture
def trained(project):
    """Give a project with three versions of a model."""
    project.write("models.py", TRAIN)
    for depth in "123":
        assert project.whence("run", "models.py:delays", "--depth", depth).code == 0
    return project


def test_models_are_listed(trained):
    """Each with its versions, aliases and newest metrics; as a document too."""
    trained.whence("promote", "delay", "2")

    shown = trained.whence("models").out
    (listed,) = trained.whence("models", "--json").document["models"]

    assert "champion: 2" in shown
    assert "rmse 4" in shown
    assert listed["aliases"] == {"champion": "2"}
    assert listed["newest"]["metrics"]["rmse"] == {"value": 4.0, "mode": "min", "step": "score"}


def test_a_store_without_models_says_so(project):
    """No models is no error."""
    answer = project.whence("models")

    assert (answer.code, answer.out.strip()) == (0, "There are no models here.")


def test_a_model_shows_its_versions_and_promotions(trained):
    """Newest first, with who, when and why."""
    trained.whence("promote", "delay", "1", "--reason", "the first", "--who", "jo")

    shown = trained.whence("models", "delay").out
    document = trained.whence("models", "delay", "--json").document

    assert "3 versions" in shown
    assert "the first" in shown
    assert [each["version"] for each in document["versions"]] == ["3", "2", "1"]
    assert document["promotions"][0]["who"] == "jo"


def test_a_version_shows_where_it_comes_from(trained):
    """Run, step, metrics and parameters; with `--json` its lineage too."""
    shown = trained.whence("models", "delay@2").out
    document = trained.whence("models", "delay@2", "--json").document

    assert "by step fit" in shown
    assert document["number"] == 2
    assert document["parameters"]["fit.depth"] == 2
    assert document["files"][0]["digest"].startswith("blake3:")
    assert document["lineage"]["steps"][0]["node"] == "fit"


def test_a_card_is_markdown(trained):
    """It tells what is recorded, and is the same each time."""
    card = trained.whence("models", "delay@2", "--card").out

    assert card.startswith("# delay 2\n")
    assert "| rmse | 6 | lower is better | score |" in card
    assert "models.py, lines" in card
    assert trained.whence("models", "delay@2", "--card").out == card


def test_an_export_holds_files_card_and_facts(trained):
    """A folder that holds anything is left as it is."""
    answer = trained.whence("models", "delay@2", "--export", "out")

    folder = Path("out")
    assert "Written: delay 2 to out" in answer.out
    assert json.loads((folder / "model" / "value.json").read_text()) == {"depth": 2}
    assert json.loads((folder / "model.json").read_text())["version"] == "2"
    assert (folder / "MODEL_CARD.md").read_text().startswith("# delay 2")
    again = trained.whence("models", "delay@3", "--export", "out")
    assert (again.code, "WH743" in again.err) == (2, True)
    assert json.loads((folder / "model.json").read_text())["version"] == "2"


@pytest.mark.parametrize("words", [("--card",), ("--export", "out")])
def test_what_is_given_out_must_be_named(project, words):
    """There is no card of all models."""
    answer = project.whence("models", *words)

    assert answer.code == 2
    assert "Name the model" in answer.err


def test_a_version_is_promoted(trained):
    """The answer says what bears the alias now, and what did before."""
    trained.whence("promote", "delay", "1")

    answer = trained.whence("promote", "delay", "--better-than", "rmse", "--alias", "champion")

    assert answer.code == 0
    assert "delay 3 is champion now, before it 1." in answer.out
    assert "rmse 4 against 12" in answer.out


def test_a_gate_may_refuse(trained):
    """The exit code is 1, and the alias stays where it is."""
    trained.whence("promote", "delay", "2", "--gate", "models.py:is_even")

    answer = trained.whence("promote", "delay", "3", "--gate", "models.py:is_even", "--json")

    assert answer.code == 1
    assert answer.document["error"]["code"] == "WH740"
    assert "number 3" in answer.err
    assert trained.whence("models", "--json").document["models"][0]["aliases"] == {"champion": "2"}


@pytest.mark.parametrize("gate", ["models.py:is_evn", "nothing.py:x", "models.py", "no.module:x"])
def test_a_gate_that_is_not_found_is_wrong_use(trained, gate):
    """It is said in words which function is meant."""
    answer = trained.whence("promote", "delay", "3", "--gate", gate)

    assert answer.code == 2
    assert "WH744" in answer.err


def test_a_rollback_goes_back(trained):
    """To the version before; it takes no version and no gates."""
    for version in "12":
        trained.whence("promote", "delay", version)

    answer = trained.whence("promote", "delay", "--rollback", "--json")

    assert (answer.document["version"], answer.document["previous"]) == ("1", "2")
    assert trained.whence("promote", "delay", "3", "--rollback").code == 2
    assert trained.whence("promote", "delay", "--rollback").code == 2


def test_versions_are_compared_by_their_runs(trained):
    """The headings name the versions."""
    trained.whence("promote", "delay", "3")

    shown = trained.whence("compare", "delay@1", "delay@champion").out

    assert "delay 1" in shown
    assert "delay 3" in shown
    assert trained.whence("compare", "delay@1", "delay@9").code == 2


def test_the_lineage_of_a_version_is_found_by_its_name(trained):
    """As that of any artifact; a version that does not exist is wrong use."""
    trained.whence("promote", "delay", "2")
    wanted = trained.whence("models", "delay@2", "--json").document["artifact"]["id"]

    for name in ("delay@2", "delay@champion"):
        assert trained.whence("lineage", name, "--json").document["of"] == [wanted]
    assert "fit.delay" in trained.whence("lineage", "delay").out
    assert trained.whence("lineage", "delay@9").code == 2


def test_a_plan_names_the_version_that_an_alias_means(trained):
    """In the text as in the document, and so does the run."""
    trained.whence("promote", "delay", "2")

    shown = trained.whence("plan", "models.py:predicting").out
    document = trained.whence("plan", "models.py:predicting", "--json").document
    run = trained.whence("run", "models.py:predicting", "--json").document

    assert "model ← delay@champion = version 2" in shown
    assert document["earlier_results"].keys() == {"delay@champion"}
    assert document["nodes"][0]["inputs"]["model"] == ["delay@champion"]
    (taken,) = run["earlier_results"]
    assert (taken["name"], taken["means"].partition(" (")[0]) == ("delay@champion", "version 2")


def test_a_version_that_bears_the_alias_already_is_told_so(trained):
    """No gate is asked, so none is shown as having let it pass."""
    trained.whence("promote", "delay", "2")
    again = trained.whence("promote", "delay", "2", "--better-than", "rmse")

    assert again.code == 0
    assert "delay 2 is champion already, since" in again.out
    assert "nothing is recorded" in again.out
    assert trained.whence("promote", "delay", "2", "--json").document["is_new"] is False
    assert trained.whence("promote", "delay", "3", "--json").document["is_new"] is True


def test_a_gate_in_an_empty_folder_is_told_so(trained):
    """The fix does not offer what there is none of."""
    (trained.folder / "empty").mkdir()

    answer = trained.whence("promote", "delay", "3", "--gate", "empty/rules.py:fair")

    assert "No Python file is in that folder." in answer.err
