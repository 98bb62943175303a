"""Maps over lists which only the run knows: expanded while it goes on, cached item by item."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from whence import Input, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.errors import UnequalItemsError


class Halves(NamedTuple):
    """Two outputs."""

    low: int
    high: int


class Sizes(NamedTuple):
    """Two lists."""

    first: list[int]
    second: list[int]


@step
def numbers(count: int) -> list[int]:
    return list(range(1, count + 1))


@step
def unequal() -> Sizes:
    return Sizes([1, 2], [1, 2, 3])


@step
def scale(n: int, factor: int = 2) -> int:
    return n * factor


@step
def refuse_three(n: int) -> int:
    if n == 3:
        raise ValueError(n)
    return n


@step
def halves(n: int) -> Halves:
    return Halves(n // 2, n - n // 2)


@step
def total(values: list[int]) -> int:
    return sum(values)


@step
def total_of_lists(values: list[list[int]]) -> int:
    return sum(map(sum, values))


@step
def count_results(values: list[int | None]) -> list[int]:
    return [len(values), sum(each is None for each in values)]


@step
def or_zero(n: int | None) -> int:
    return n or 0


@step
def frames(count: int) -> list[pd.DataFrame]:
    return [pd.DataFrame({"n": np.arange(10_000) + index}) for index in range(count)]


@step
def one_frame(index: int) -> pd.DataFrame:
    return pd.DataFrame({"n": np.arange(10_000) + index})


@step
def add_up(frame: pd.DataFrame) -> int:
    return int(frame["n"].sum())


@step
def train(size: Input[int], model: Output[ModelArtifact]):
    (model.path / "size.txt").write_text(str(size))


@step
def weigh(model: Input[ModelArtifact]) -> int:
    return int((model.path / "size.txt").read_text())


@step
def weigh_all(models: list[ModelArtifact]) -> int:
    return sum(int((model.path / "size.txt").read_text()) for model in models)


@pipeline
def scale_twice(n: int, scaler: Step[scale] = scale) -> int:
    return scaler(scale(n), factor=3)


@pipeline
def scale_parts(n: int) -> list[int]:
    return scale.map(numbers(n))


@pipeline
def totals(count: int) -> int:
    return total(scale.map(scale.map(numbers(count)), factor=3))


@pipeline
def nested(count: int) -> int:
    return total_of_lists(scale_parts.map(numbers(count)))


def statuses(run):
    """Return how the steps of a run ended."""
    return {name: str(run.steps[name].status) for name in run.steps}


def taken(run, node):
    """Return the frame that a step took."""
    return run.steps[node].inputs.frame


def cached_nodes(run):
    """Return the nodes whose outputs were there already."""
    return [name for name in run.steps if run.steps[name].cached]


def test_list_of_a_step_is_mapped():
    """A map over a list that a step gives has as many items as the list turns out to have."""
    run = totals(3)

    assert run.read() == (1 + 2 + 3) * 6
    assert list(run.steps) == [
        "numbers",
        "scale",
        "scale[0]",
        "scale[1]",
        "scale[2]",
        "scale_2",
        "scale_2[0]",
        "scale_2[1]",
        "scale_2[2]",
        "total",
    ]


def test_items_are_cached_by_themselves():
    """A list that has grown computes the new items alone."""
    totals(2)

    run = totals(3)

    assert cached_nodes(run) == ["scale[0]", "scale[1]", "scale_2[0]", "scale_2[1]"]
    assert [name for name in totals(3).steps if not totals(3).steps[name].cached] == [
        "scale",
        "scale_2",
    ]


def test_empty_list_gives_no_items():
    """A map over an empty list completes, with an empty list as its result."""
    assert totals(0).read() == 0


def test_pipelines_are_mapped_over_what_a_step_gives():
    """Each item of a mapped pipeline has all of its steps, and its slots their fillers."""

    @pipeline
    def p():
        return total(scale_twice.map(numbers(2), scaler=scale.bind(factor=5)))

    run = p()

    assert run.read() == (1 + 2) * 6
    assert run.steps["scale_twice[1].scaler"].outputs.result.read() == 12


def test_maps_nest():
    """A mapped pipeline may map in turn over what its own steps give."""
    run = nested(3)

    assert run.read() == 2 + (2 + 4) + (2 + 4 + 6)
    assert run.steps["scale_parts[2].scale[1]"].outputs.result.read() == 4


def test_results_may_be_lists_that_are_spread_again():
    """The lists of a nested map are items for another one."""

    @pipeline
    def p():
        return total.map(scale_parts.map(numbers(2)))

    assert p().read() == [2, 6]


def test_known_and_open_lists_are_taken_side_by_side():
    """A list that is known now may be spread beside one that only the run knows."""

    @pipeline
    def p():
        return scale.map(numbers(2), [10, 100])

    run = p()

    assert run.read() == [10, 200]
    assert run.steps["scale[1]"].parameters == {"factor": 100}


def test_lists_of_different_lengths_fail_the_map():
    """Lists that turn out to have different lengths fail the map, and nothing else of it runs."""

    @pipeline
    def p():
        lists = unequal()
        return total(scale.map(lists.first, lists.second))

    with pytest.raises(UnequalItemsError, match="3 for 'factor', 2 for 'n'") as caught:
        p()

    assert statuses(caught.value.whence_run) == {
        "unequal": "completed",
        "scale": "failed",
        "total": "skipped",
    }


def test_several_outputs_give_a_list_for_each():
    """A map of a step with two outputs unpacks into two lists, also where the run expands it."""

    @pipeline
    def p():
        low, high = halves.map(numbers(4))
        return total(low), total(high)

    assert p().read() == (0 + 1 + 1 + 2, 1 + 1 + 2 + 2)


def test_failed_item_fails_the_map_and_stops_no_other():
    """Other items run on, also what follows on each; who takes the whole list is skipped."""

    @pipeline
    def p():
        return total(scale.map(refuse_three.map(numbers(4))))

    with pytest.raises(ValueError, match="3") as caught:
        p()
    ended = statuses(caught.value.whence_run)

    assert ended["scale[3]"] == "completed"
    assert ended["scale[2]"] == "skipped"
    assert ended["refuse_three"] == "failed"
    assert ended["total"] == "skipped"


@pytest.mark.parametrize("allowed", [True, 1, 0.25])
def test_failures_may_be_allowed(allowed):
    """With failures allowed a map completes; a step that failed gives None in the list."""

    @pipeline
    def p():
        results = refuse_three.with_options(allow_failures=allowed).map(numbers(4))
        return count_results(results)

    run = p()

    assert run.read() == [4, 1]
    assert str(run.status) == "completed"
    assert str(run.steps["refuse_three[2]"].status) == "failed"


@pytest.mark.parametrize("allowed", [0, 0.2])
def test_more_failures_than_allowed_fail_the_map(allowed):
    """A map with more failed items than are allowed fails, and so does its run."""

    @pipeline
    def p():
        return count_results(refuse_three.with_options(allow_failures=allowed).map(numbers(4)))

    with pytest.raises(ValueError, match="3") as caught:
        p()

    assert str(caught.value.whence_run.steps["refuse_three"].status) == "failed"


def test_failures_may_be_allowed_of_a_known_list():
    """A list that is known before the run may have failing items as well."""

    @pipeline
    def p():
        return count_results(refuse_three.with_options(allow_failures=1).map([1, 2, 3]))

    assert p().read() == [3, 1]


def test_what_follows_a_failed_item_gets_none_or_is_skipped():
    """A step mapped over results of which one failed gets None if it accepts that."""

    @pipeline
    def p():
        results = refuse_three.with_options(allow_failures=1).map(numbers(3))
        return or_zero.map(results)

    assert p().read() == [1, 2, 0]


def test_returned_results_of_failed_items_are_none():
    """A completed run reads None for items that were allowed to fail."""

    @pipeline
    def p():
        return refuse_three.with_options(allow_failures=1).map(numbers(3))

    assert p().read() == [1, 2, None]


def test_item_of_a_stored_list_is_what_it_would_be_alone():
    """A frame of a list has the digest that it has when a step gives it by itself."""

    @pipeline
    def from_list():
        return add_up.map(frames(2))

    @pipeline
    def from_steps():
        return add_up.map(one_frame.map([0, 1]))

    first = from_list()
    second = from_steps()

    assert first.read() == second.read()
    assert (
        first.steps["add_up[1]"].inputs.frame.digest
        == second.steps["add_up[1]"].inputs.frame.digest
    )
    assert cached_nodes(second) == ["add_up[0]", "add_up[1]"]


def test_item_knows_the_step_that_gave_the_list():
    """The lineage of an item leads to the step of whose list it is."""

    @pipeline
    def p():
        return scale.map(numbers(2))

    item = p().steps["scale[1]"].inputs.n

    assert item.read() == 2
    assert item.producer.node == "numbers"


def test_artifacts_are_mapped():
    """Models that a map has trained are items of another map, or one list of artifacts."""

    @pipeline
    def p():
        models = train.map(numbers(3))
        return weigh.map(models), weigh_all(models)

    assert p().read() == ([1, 2, 3], 6)


def test_artifacts_of_a_known_list_are_taken_as_a_list():
    """A step takes a list of artifacts that other steps have written."""

    @pipeline
    def p():
        return weigh_all([train(1), train(2)])

    assert p().read() == 3


def test_refreshing_a_map_computes_all_of_its_items():
    """`refresh` takes the name of a map for all items, whenever they become known."""
    totals(2)

    run = totals.with_options(refresh=["scale"])(2)

    assert cached_nodes(run) == ["numbers", "scale_2[0]", "scale_2[1]", "total"]


def test_setting_by_the_name_of_a_map_holds_for_every_item():
    """`scale.factor` sets what the body left open, for items that become known later too."""
    run = totals.bind(**{"scale.factor": 10})(2)

    assert run.read() == (1 + 2) * 30
