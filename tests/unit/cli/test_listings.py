"""What `runs`, `show`, `logs`, `compare` and `artifacts` say of recorded runs."""

import pytest

QUIET = """
from whence import pipeline, step

@step
def one() -> int:
    return 1

@pipeline
def only():
    return one()
"""


@pytest.fixture
def recorded(project):
    """Record three runs: two that complete and one that fails."""
    project.whence("run", "train.py:delays", "--name", "base", "--tag", "good")
    project.whence("run", "train.py:delays", "--count", "9")
    project.whence("run", "train.py:delays", "--evaluate.fail")
    return project


def test_runs_are_listed_newest_first(recorded):
    """`whence runs` lists what was recorded, the newest first."""
    runs = recorded.whence("runs", "--json").document["runs"]

    assert [run["status"] for run in runs] == ["failed", "completed", "completed"]
    assert runs[-1]["name"] == "base"


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--status", "failed"], 1),
        (["--tag", "good"], 1),
        (["--pipeline", "delays"], 3),
        (["--pipeline", "other"], 0),
        (["--limit", "2"], 2),
    ],
)
def test_runs_are_chosen_by_options(recorded, words, count):
    """Options of `whence runs` restrict the list."""
    assert len(recorded.whence("runs", *words, "--json").document["runs"]) == count


@pytest.mark.parametrize("key", ["base", "last~2", "latest~2"])
def test_a_run_is_found_by_what_people_call_it(recorded, key):
    """A run is found by its name, and counted back from the newest."""
    assert recorded.whence("show", key, "--json").document["name"] == "base"


def test_a_run_is_found_by_the_end_of_its_id(recorded):
    """The last characters of an id, as listings show them, name a run."""
    whole = recorded.whence("show", "base", "--json").document["id"]

    assert recorded.whence("show", whole[-8:], "--json").document["id"] == whole


def test_show_takes_the_newest_run(recorded):
    """`whence show` alone shows the newest run, with every step and the error."""
    answer = recorded.whence("show")

    assert answer.code == 0
    assert all(name in answer.out for name in ("load", "regressor", "evaluate", "no luck today"))


def test_show_takes_a_step(recorded):
    """`whence show RUN STEP` shows that step alone."""
    step = recorded.whence("show", "base", "evaluate", "--json").document

    assert (step["node"], step["metrics"]) == ("evaluate", {"rmse": 18.0})


def test_logs_are_shown_under_the_names_of_their_steps(recorded):
    """`whence logs` heads each log with its step; of one step the log comes as it is."""
    assert "load\nloading 4\n" in recorded.whence("logs").out
    assert recorded.whence("logs", "last~1", "load").out == "loading 9\n"
    assert recorded.whence("logs", "last", "--json").document["logs"]["load"] == "loading 4\n"


def test_a_run_that_said_nothing_says_so(recorded):
    """Where no step printed anything, `whence logs` says that."""
    recorded.write("quiet.py", QUIET)
    recorded.whence("run", "quiet.py")

    assert "nothing" in recorded.whence("logs").out


def test_runs_are_compared(recorded):
    """`whence compare` shows what differs, and as a document what is equal as well."""
    answer = recorded.whence("compare", "base", "last~1")
    document = recorded.whence("compare", "base", "last~1", "last", "--json").document

    assert "count" in answer.out
    assert len(document["runs"]) == 3


def test_compare_needs_two_runs(recorded):
    """One run alone is not compared, and the message shows how it is done."""
    answer = recorded.whence("compare", "last")

    assert answer.code == 2
    assert "whence compare last~1 last" in answer.err


def test_artifacts_name_their_producers(recorded):
    """`whence artifacts RUN` lists what a run made, with the step that made it."""
    found = recorded.whence("artifacts", "base", "--json").document["artifacts"]

    assert {each["producer"] for each in found} == {"load", "regressor", "evaluate"}
    assert (
        len(recorded.whence("artifacts", "--json").document["artifacts"]) == 6
    )  # what is reused is no new artifact
    assert "regressor" in recorded.whence("artifacts", "base").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "bsae"], "Did you mean 'base'?"),
        (["show", "last~9"], "whence runs"),
        (["show", "last", "evalute"], "Did you mean 'evaluate'?"),
        (["logs", "last", "evalute"], "Did you mean 'evaluate'?"),
        (["runs", "--status", "fialed"], "failed"),
        (["runs", "--limit", "0"], "0"),
        (["shwo"], "Did you mean 'show'?"),
        (["runs", "--jsno"], "--json"),
    ],
)
def test_what_is_not_there_is_explained(recorded, words, said):
    """A name that means nothing ends with 2 and says what may be meant."""
    answer = recorded.whence(*words)

    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_an_error_is_a_document_too(project):
    """With `--json` what went wrong is printed as a document with its cure."""
    answer = project.whence("show", "--json")

    assert answer.code == 2
    assert answer.document["error"]["code"] == "WH701"
    assert "whence run" in answer.document["error"]["fix"]


@pytest.mark.parametrize("command", ["runs", "artifacts"])
def test_an_empty_store_says_how_to_begin(project, command):
    """A list with nothing in it is fine, as text and as a document."""
    assert project.whence(command).code == 0
    assert project.whence(command, "--json").code == 0


def test_a_comparison_is_written_as_a_page(recorded, tmp_path):
    """`whence compare --html FILE` writes the page and says where the runs part."""
    page = tmp_path / "page.html"
    answer = recorded.whence("compare", "base", "last~1", "--html", str(page))
    (sentence,) = recorded.whence("compare", "base", "last~1", "--json").document["divergences"]

    assert answer.out.splitlines() == [sentence["sentence"], f"Written: {page}"]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_an_error_with_its_reason(recorded, tmp_path):
    """A folder that is not there is named, without a traceback."""
    answer = recorded.whence("compare", "base", "last", "--html", str(tmp_path / "none" / "a.html"))

    assert answer.code == 2
    assert "none" in answer.err
    assert "Traceback" not in answer.err


SERIES = """
import math
import whence
from whence import step

@step
def train(epochs: int = 3) -> int:
    for epoch in range(epochs):
        whence.log_metric("loss", 1 / 2**epoch, step=epoch, mode="min")
    whence.log_metrics({"gap": math.nan, "size": 7})
    return epochs

train.run()
"""


@pytest.fixture
def trained(project):
    """Record a run of a step that reports a series."""
    exec(compile(SERIES, "series.py", "exec"), {"__name__": "series"})  # as a user's file would
    return project


def test_a_series_is_printed_as_csv(trained):
    """`--metric` gives every value with its step and time, of the run or of one step."""
    head, *rows = trained.whence("show", "--metric", "loss").out.splitlines()

    assert head == "step,value,time"
    assert [row.split(",")[:2] for row in rows] == [["0", "1.0"], ["1", "0.5"], ["2", "0.25"]]
    of_step = trained.whence("show", "last", "train", "--metric", "size").out.splitlines()
    assert of_step[1].startswith(",7.0,")


def test_a_series_is_columns_as_json(trained):
    """With `--json` the values are columns side by side."""
    found = trained.whence("show", "--metric", "loss", "--json").document

    assert (found["node"], found["mode"], found["steps"]) == ("train", "min", [0, 1, 2])
    assert found["values"] == [1.0, 0.5, 0.25]
    assert len(found["times"]) == 3


def test_a_metric_that_is_not_there_is_wrong_use(trained):
    """The answer names those that there are."""
    answer = trained.whence("show", "--metric", "lost")

    assert answer.code == 2
    assert "'loss'" in answer.err


def test_a_run_tells_its_metrics_in_short(trained):
    """`--json` has count, extent and best value; what is not a number is null."""
    document = trained.whence("show", "--json").document

    loss = document["metric_summaries"]["loss"]
    assert (loss["count"], loss["last"], loss["last_step"], loss["best"]) == (3, 0.25, 2, 0.25)
    assert (loss["minimum"], loss["maximum"]) == (0.25, 1.0)
    assert document["metric_summaries"]["gap"]["last"] is None
    assert document["steps"][0]["metric_summaries"] == document["metric_summaries"]


def test_a_series_is_shown_with_its_course(trained):
    """`whence show` draws it in a few characters, and says between what its values lie."""
    shown = trained.whence("show").out

    assert "of 3, 0.25 to 1" in shown
    assert "█▃▁" in shown


def test_a_run_that_reused_everything_is_told_to_have_made_nothing(project):
    """Not that there are no artifacts at all."""
    for _ in range(2):
        project.whence("run", "train.py:delays")

    assert "This run made no artifacts" in project.whence("artifacts", "last").out
