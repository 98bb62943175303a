"""`whence sweep`: what varies on a command line, what is said, and how it ends."""

import pytest

from whence.cli.arguments import split_choices


def test_values_between_commas_vary(project):
    """Each combination of the values is a run; the document holds all of them in order."""
    answer = project.whence("sweep", "train.py:delays", "--regressor.depth", "2,4", "--json")

    assert answer.code == 0
    assert [each["varied"] for each in answer.document["variants"]] == [
        {"regressor.depth": "2"},
        {"regressor.depth": "4"},
    ]
    assert [each["metrics"]["rmse"] for each in answer.document["variants"]] == [6.0, 12.0]


def test_steps_between_commas_vary_a_slot(project):
    """The table ranks the steps by their metric, and each variant was told of as it ended."""
    answer = project.whence("sweep", "train.py:delays", "--regressor", "fit,ridge")

    assert "2/2  regressor=ridge  completed" in answer.err
    ranks = [line.split()[:2] for line in answer.out.splitlines() if line.strip()[:1].isdigit()]
    assert ranks == [["1", "ridge"], ["2", "fit"]]


def test_a_plan_of_a_sweep_runs_nothing(project):
    """`--plan` says what is shared; afterwards there are no runs."""
    answer = project.whence("sweep", "train.py:delays", "--regressor.depth=2,4", "--plan")

    assert "1 of 6 steps shared, 0 reused, 5 to run at most" in answer.out
    assert "No run is recorded" in project.whence("runs").out


def test_what_varies_may_stand_in_a_file(project):
    """A grid file is written like a configuration, with a list for each name."""
    project.write("grid.toml", 'regressor = ["fit", "ridge"]\n[evaluate]\nfail = [false]\n')

    words = ("--grid", "grid.toml", "--count", "3", "--json")
    answer = project.whence("sweep", "train.py:delays", *words)

    variants = answer.document["variants"]
    assert [each["varied"]["regressor"] for each in variants] == ["fit", "ridge"]
    assert all(each["status"] == "completed" for each in variants)


def test_a_failed_variant_is_told_of_by_the_exit_code(project):
    """The others have run, and the table says why one failed."""
    answer = project.whence("sweep", "train.py:delays", "--evaluate.fail", "false,true")

    assert answer.code == 1
    assert "1 variant failed: ValueError: no luck today" in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Nothing varies."),
        (("--count", "3"), "Nothing varies."),
        (("--count", "3,many"), "cannot be 'many'"),
        (("--regressor", "fit,rigde"), "Did you mean 'ridge'?"),
        (("--grid", "none.toml"), "none.toml"),
    ],
)
def test_wrong_words_are_refused(project, words, said):
    """Nothing runs, and the message says what to write."""
    answer = project.whence("sweep", "train.py:delays", *words)

    assert answer.code == 2
    assert said in answer.err


def test_a_comma_inside_of_brackets_or_quotes_belongs_to_a_value():
    """Lists and texts can vary as well."""
    assert split_choices("4, 8") == ["4", "8"]
    assert split_choices("[1, 2],[3]") == ["[1, 2]", "[3]"]
    assert split_choices('{"a": 1, "b": 2}') == ['{"a": 1, "b": 2}']
    assert split_choices("'a,b',c") == ["'a,b'", "c"]
