"""`whence lineage`: artifacts by every name, and the same lineage in every form."""

import pytest


@pytest.fixture
def recorded(project):
    """Give a project with two runs."""
    project.whence("run", "train.py:delays", "--name", "base")
    project.whence("run", "train.py:delays", "--name", "deep", "--regressor.depth", "8")
    return project


def ids_of(answer):
    """Return the ids of the artifacts that a lineage is of."""
    return answer.document["of"]


def test_the_tree_names_what_a_result_depends_on(recorded):
    """Artifacts, parameters, functions with their places, and the Python version."""
    shown = recorded.whence("lineage", "deep").out

    assert "evaluate.result" in shown
    assert "└─ rows = load.result" in shown
    assert "depth  8" in shown
    assert "function train.fit" in shown
    assert "train.py, lines" in shown
    assert "python" in shown


def test_an_artifact_has_many_names(recorded):
    """The end of its id, its place in a run or in a pipeline's newest run all mean the same."""
    found = recorded.whence("artifacts", "deep", "--json").document["artifacts"]
    (wanted,) = [each["id"] for each in found if each["producer"] == "evaluate"]
    names = [
        [wanted[-8:]],
        ["deep"],
        ["last"],
        ["deep.evaluate.result"],
        ["deep", "evaluate.result"],
        ["deep", "evaluate"],
        ["deep.result"],
        ["delays/result"],
        ["delays/evaluate.result"],
        ["delays/result@deep"],
    ]

    assert [ids_of(recorded.whence("lineage", *each, "--json")) for each in names] == [
        [wanted]
    ] * len(names)


@pytest.mark.parametrize(
    "name", ["nothing", "00000000", "delays/nothing", "other/result", "deep.nothing", "nothing/"]
)
def test_what_is_not_there_is_an_error(recorded, name):
    """A name that means nothing is wrong use, said in words."""
    answer = recorded.whence("lineage", name)

    assert answer.code == 2
    assert "WH701" in answer.err


def test_down_shows_what_was_made_in_other_runs(recorded):
    """Both runs' models were made from the rows that the first one loaded."""
    answer = recorded.whence("lineage", "base", "load.result", "--down", "--json")
    nodes = sorted(each["node"] for each in answer.document["steps"])

    assert nodes == ["evaluate", "evaluate", "regressor", "regressor"]
    assert "rows → regressor.result" in recorded.whence("lineage", "base.load", "--down").out


def test_depth_code_and_chart(recorded):
    """`--depth` ends the way, `--code` shows the source, `--mermaid` prints a chart alone."""
    near = recorded.whence("lineage", "last", "--depth", "1")
    code = recorded.whence("lineage", "last", "--code")
    chart = recorded.whence("lineage", "last", "--mermaid")

    assert "load.result" not in near.out
    assert "return sum(rows) * depth + int(fast)" in code.out
    assert chart.out.startswith("flowchart LR\n")
    assert recorded.whence("lineage", "last", "--depth", "0").code == 2


DIAMOND = """
from whence import pipeline, step

@step
def load(rows: int = 3) -> list[int]:
    return list(range(rows))

@step
def clean(rows: list[int]) -> list[int]:
    return rows[1:]

@step
def fit(rows: list[int]) -> int:
    return sum(rows)

@step
def judge(model: int, rows: list[int]) -> int:
    return model - len(rows)

@pipeline
def diamond():
    rows = clean(load())
    return judge(fit(rows), rows)
"""


def test_what_is_met_twice_is_referred_to_in_its_place(project):
    """Its line says so where the others tell what it is, so that the names keep their room."""
    project.write("diamond.py", DIAMOND)
    project.whence("run", "diamond.py")

    shown = project.whence("lineage", "last").out.splitlines()
    (twice,) = [line for line in shown if "see above" in line]
    assert twice.split() == ["└─", "rows", "=", "clean.result", "see", "above"]


def test_a_run_that_is_not_there_is_told_as_such(project, recorded):
    """`last~99`, or a run beside an output of it, is no artifact of another name."""
    for words in (["last~99"], ["nope", "fit.model"]):
        answer = recorded.whence("lineage", *words)
        assert answer.code == 2
        assert f"There is no run '{words[0]}'" in answer.err


def test_one_form_is_asked_for_at_a_time(recorded):
    """A chart and a document at once are wrong use."""
    answer = recorded.whence("lineage", "deep", "--json", "--mermaid")

    assert answer.code == 2
    assert "not both" in answer.out + answer.err
