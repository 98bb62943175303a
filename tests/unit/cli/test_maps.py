"""Maps on the command line: their parameters are set, and their steps told, by the map's name."""

import pytest

MAPPED = """
from whence import pipeline, step, when


@step
def numbers(count: int) -> list[int]:
    return list(range(count))


@step
def scale(n: int, factor: int = 2) -> int:
    return n * factor


@step
def is_large(n: int) -> bool:
    return n > 2


@step
def total(values: list[int]) -> int:
    return sum(values)


@pipeline
def known(count: int = 3) -> int:
    with when(is_large(count)):
        result = total(scale.map(range(count)))
    return result


@pipeline
def expanded(count: int = 3) -> int:
    with when(is_large(count)):
        result = total(scale.map(numbers(count)))
    return result
"""


@pytest.fixture(autouse=True)
def _mapped(project):
    project.write("mapped.py", MAPPED)


def scaled(answer):
    """Return the items of the map that a run has, as its JSON describes them."""
    return [each for each in answer.document["steps"] if each["node"].startswith("scale[")]


@pytest.mark.parametrize("name", ["known", "expanded"])
def test_parameters_of_a_map_are_set_by_its_name(project, name):
    """`--scale.factor` sets what all items are given, whenever they become known."""
    answer = project.whence("run", f"mapped.py:{name}", "--scale.factor", "10", "--json")

    assert answer.code == 0
    assert [step["parameters"]["factor"] for step in scaled(answer)] == [10, 10, 10]


@pytest.mark.parametrize("name", ["known", "expanded"])
def test_help_lists_the_parameters_of_a_map_once(project, name):
    """The help of a pipeline names what can be set of a map by the name of the map."""
    answer = project.whence("run", f"mapped.py:{name}", "--help")

    assert answer.out.count("--scale.factor int") == 1
    assert "scale[" not in answer.out


def test_lines_tell_that_a_map_was_expanded(project):
    """Where there is no terminal, a line says how many steps a map has placed."""
    answer = project.whence("run", "mapped.py:expanded", "--plain")

    assert "scale: expanded, 3 steps" in answer.err
    assert "scale[2]: completed" in answer.err


def test_lines_tell_that_a_branch_is_not_taken(project):
    """A step whose condition does not hold is skipped, and its line says so."""
    answer = project.whence("run", "mapped.py:expanded", "--count", "1", "--plain")

    assert "numbers: skipped, for its condition does not hold" in answer.err
    assert "completed in" in answer.err


def test_plan_as_json_says_what_a_map_places(project):
    """The JSON of a plan has what a map will place, and the conditions of each node."""
    answer = project.whence("plan", "mapped.py:expanded", "--json")
    node = next(each for each in answer.document["nodes"] if each["node"] == "scale")

    assert [each["node"] for each in node["places"]] == ["scale[*]"]
    assert node["when"] == [{"flag": ["is_large.result"], "is": True}]
