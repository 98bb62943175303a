"""`whence run`: what it takes, what it says, and how it ends."""

import pytest


def test_a_pipeline_is_run_with_its_parameters(project):
    """Parameters of the pipeline are given by name, and the run's record shows them."""
    answer = project.whence("run", "train.py:delays", "--count", "3", "--json")

    assert answer.code == 0
    assert answer.document["parameters"]["count"] == 3
    assert answer.document["metrics"] == {"rmse": 9.0}


def test_json_leaves_standard_output_to_the_document(project):
    """With `--json` what steps print goes to standard error."""
    answer = project.whence("run", "train.py:delays", "--json")

    assert answer.document["status"] == "completed"
    assert "loading 4" in answer.err


def test_a_parameter_of_a_node_is_set_by_path(project):
    """`--regressor.depth 2` sets what the body leaves at its default."""
    answer = project.whence("run", "train.py:delays", "--regressor.depth", "2", "--json")

    assert answer.document["parameters"]["regressor.depth"] == 2


def test_another_step_fills_a_slot(project):
    """`--regressor ridge` fills the slot with a step of the same file, and sets its parameters."""
    answer = project.whence(
        "run", "train.py:delays", "--regressor", "ridge", "--regressor.alpha", "2", "--json"
    )

    assert answer.document["steps"][1]["step"] == "ridge"
    assert answer.document["metrics"] == {"rmse": 6.0}


def test_a_step_of_another_module_fills_a_slot(project):
    """`--regressor other:half` names a step of another module."""
    project.write(
        "other_steps.py",
        "from whence import step\n@step\ndef half(rows: list[int]) -> int:\n    return len(rows)\n",
    )

    answer = project.whence("run", "train.py:delays", "--regressor", "other_steps:half", "--json")

    assert answer.document["steps"][1]["step"] == "half"


@pytest.mark.parametrize(
    ("words", "verbose"),
    [
        (["--verbose"], True),
        (["--no-verbose"], False),
        (["--verbose", "no"], False),
        (["--verbose=true"], True),
        (["--verbose", "--count", "2"], True),
    ],
)
def test_switches_need_no_value(project, words, verbose):
    """A parameter that is true or false can be given as `--flag`, `--no-flag` or with a word."""
    answer = project.whence("run", "train.py:delays", *words, "--json")

    assert answer.document["parameters"]["verbose"] is verbose


def test_a_switch_of_a_node_needs_no_value(project):
    """`--regressor.fast` turns on a switch of the step in a slot."""
    answer = project.whence("run", "train.py:delays", "--regressor.fast", "--json")

    assert answer.document["parameters"]["regressor.fast"] is True


def test_lists_are_written_as_json(project):
    """A list is given as JSON, and a name that is also an option belongs to the pipeline."""
    answer = project.whence(
        "run", "--name", "first", "train.py:needy", "--name", "me", "--sizes", "[1, 2]", "--json"
    )

    assert answer.document["parameters"]["sizes"] == [1, 2]
    assert answer.document["parameters"]["name"] == "me"
    assert answer.document["name"] == "first"


def test_a_file_gives_parameters_and_the_command_line_wins(project):
    """Top-level keys are parameters, tables are nodes; a word on the command line goes before."""
    project.write("exp.toml", 'count = 2\nregressor = "ridge"\n"regressor.alpha" = 4\n')

    answer = project.whence(
        "run", "train.py:delays", "--config", "exp.toml", "--count", "3", "--json"
    )

    assert answer.document["parameters"]["count"] == 3
    assert answer.document["parameters"]["regressor.alpha"] == 4


def test_a_table_sets_the_parameters_of_a_node(project):
    """`[regressor]` in a configuration sets parameters of the node of that name."""
    project.write("exp.toml", "[regressor]\ndepth = 9\nfast = true\n")

    answer = project.whence("plan", "train.py:delays", "--config", "exp.toml", "--json")

    assert answer.document["parameters"]["regressor.depth"] == 9
    assert answer.document["parameters"]["regressor.fast"] is True


@pytest.mark.parametrize("text", ["count = ", "\xff", "kount = 3", "[kount"])
def test_a_wrong_configuration_is_refused(project, text):
    """A configuration that is no TOML, or names what is not there, is an error of use."""
    project.write("exp.toml", text)

    answer = project.whence("run", "train.py:delays", "--config", "exp.toml")

    assert answer.code == 2
    assert "exp.toml" in answer.err


def test_name_and_tags_are_recorded(project):
    """A run has the name and the tags that it was given."""
    words = ["--name", "base", "--tag", "one", "--tag", "two"]
    answer = project.whence("run", "train.py:delays", *words, "--json")

    assert (answer.document["name"], answer.document["tags"]) == ("base", ["one", "two"])


def test_a_failed_run_shows_the_users_traceback_alone(project):
    """A step's exception ends with 1 and shows the user's lines, none of Whence's or click's."""
    answer = project.whence("run", "train.py:delays", "--evaluate.fail")

    assert answer.code == 1
    assert 'raise ValueError("no luck today")' in answer.err
    assert answer.err.count('File "') == 1
    assert "whence show" in answer.err


def test_a_failed_run_is_a_document_too(project):
    """With `--json` a failed run is printed as its record, with the error."""
    answer = project.whence("run", "train.py:delays", "--evaluate.fail", "--json")

    assert answer.code == 1
    assert answer.document["status"] == "failed"
    assert answer.document["error"]["message"] == "no luck today"


def test_every_fault_is_reported_before_anything_runs(project):
    """Missing and wrong parameters come in one report, in the words of the command line."""
    answer = project.whence("run", "train.py:needy", "--sizes", "many")

    assert answer.code == 2
    assert "--name VALUE" in answer.err
    assert "'sizes'" in answer.err
    assert "CommandLineText" not in answer.err
    assert project.whence("runs", "--json").document == {"runs": []}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kount", "3"], "Did you mean '--count'?"),
        (["--count"], "needs a value"),
        (["--count", "1", "--count", "2"], "given twice"),
        (["3"], "--count 3"),
        (["--regressor", "rigde"], "Did you mean 'ridge'?"),
        (["--regresor.depth", "3"], "Did you mean 'regressor'?"),
        (["--regressor.dept", "3"], "Did you mean 'depth'?"),
        (["--evaluate.model", "3"], "evaluate"),
        (["--no-count"], "switch"),
        (["--no-verbose=1"], "takes no value"),
        (["-x"], "-x"),
    ],
)
def test_wrong_options_are_explained(project, words, said):
    """An option that cannot be used ends with 2 and says what may be meant."""
    answer = project.whence("run", "train.py:delays", *words)

    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_plain_lines_tell_each_event(project):
    """Without a terminal each event is a line, and the end says the metrics and what to do next."""
    answer = project.whence("run", "train.py:delays")
    lines = [line.split(" ", 1)[-1] for line in answer.err.splitlines()]

    assert "load: started" in lines
    assert any(line.startswith("evaluate: completed in ") for line in lines)
    assert "rmse 18" in answer.err
    assert "whence show" in answer.err


def test_help_lists_what_the_pipeline_takes(project):
    """`whence run TARGET --help` shows parameters, slots and what fits them, and settable nodes."""
    answer = project.whence("run", "train.py:delays", "--help")

    assert answer.code == 0
    assert "Predict how late flights are." in answer.out
    assert "--count int" in answer.out
    assert "also fits: ridge" in answer.out
    assert "--regressor.depth int" in answer.out
    assert "--evaluate.fail" in answer.out
    assert "--load.count" not in answer.out


def test_help_comes_before_what_is_required(project):
    """Help of a pipeline that needs more than was given says what is required."""
    answer = project.whence("plan", "train.py:needy", "--help")

    assert answer.code == 0
    assert "required" in answer.out


def test_plan_shows_what_would_run_and_records_nothing(project):
    """`whence plan` prints each step with what it takes, and no run is recorded."""
    answer = project.whence("plan", "train.py:delays", "--count", "7")

    assert answer.code == 0
    assert "checked, not run" in answer.out
    assert "count = 7" in answer.out
    assert project.whence("runs", "--json").document == {"runs": []}


def test_a_plan_is_a_document(project):
    """`whence plan --json` names nodes, what they depend on, and what they give."""
    nodes = project.whence("plan", "train.py:delays", "--json").document["nodes"]

    assert [node["node"] for node in nodes] == ["load", "regressor", "evaluate"]
    assert nodes[1]["depends_on"] == ["load"]
    assert nodes[2]["outputs"][0]["type"] == "float"
