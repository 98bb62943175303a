"""Runs of pipelines that map steps over lists known when they are called."""

import pytest

import whence
from whence import Step, pipeline, step


@step
def scale(n: int, factor: int = 2) -> int:
    return n * factor


@step
def refuse_three(n: int) -> int:
    if n == 3:
        raise ValueError(n)
    return n


@step
def total(values: list[int]) -> int:
    return sum(values)


@pipeline
def totals(sizes: list[int], scaler: Step[scale] = scale) -> int:
    return total(scaler.map(scale.map(sizes), factor=3))


@pipeline
def refusing(sizes: list[int]) -> list[int]:
    return scale.map(refuse_three.map(sizes))


def cached_nodes(run):
    """Return the nodes whose outputs were there already."""
    return [name for name in run.steps if run.steps[name].cached]


def test_map_runs_every_item():
    """The results of a map are those of its step for each item, in order."""
    run = totals([1, 2, 3])

    assert run.read() == (1 + 2 + 3) * 2 * 3
    assert run.steps["scaler[2]"].outputs.result.read() == 18


def test_every_item_is_cached_by_itself():
    """A list with one more item computes that item alone."""
    totals([1, 2])

    run = totals([2, 5, 1])

    assert cached_nodes(run) == ["scale[0]", "scale[2]", "scaler[0]", "scaler[2]"]
    assert run.read() == 48


def test_refreshing_a_map_computes_all_of_its_items():
    """`refresh` takes the name of a map for all of its items."""
    totals([1, 2])

    run = totals.with_options(refresh=["scale"])([1, 2])

    assert cached_nodes(run) == ["scaler[0]", "scaler[1]", "total"]


def test_failed_item_stops_no_other():
    """The other items of a map, and what follows on each of them, run to their end."""
    with pytest.raises(ValueError, match="3") as caught:
        refusing([2, 3, 4])
    run = caught.value.whence_run

    assert {name: str(run.steps[name].status) for name in run.steps} == {
        "refuse_three[0]": "completed",
        "refuse_three[1]": "failed",
        "refuse_three[2]": "completed",
        "scale[0]": "completed",
        "scale[1]": "skipped",
        "scale[2]": "completed",
    }


def test_returned_map_reads_as_a_list():
    """What a body returns of a map is the list of values."""
    assert refusing([1, 2]).read() == [2, 4]


def test_run_shows_many_items_as_one():
    """The text of a run has one row for the items of a map, with how they ended."""
    totals(list(range(5)))

    text = str(totals(list(range(20))))

    assert "scale[0..19]" in text
    assert "15 completed; 5 completed, cached" in text
    assert "20 items" in text
    assert "scale[7]" not in text


def test_item_can_be_looked_at():
    """An item's step run is found by its name, also later."""
    run = totals([1, 2])

    assert whence.run(run.id).steps["scale[1]"].parameters == {"n": 2, "factor": 2}


def test_plan_explains_the_first_items_of_many():
    """A plan says of a few items why they are not stored, and of the others that they are not."""
    totals(list(range(2)))

    plan = totals.plan(list(range(100)))
    reasons = [plan.decisions[f"scale[{index}]"].reasons for index in range(100)]

    assert reasons[2] == ("parameter n 1 → 2",)
    assert reasons[99] == ("nothing is stored under its key",)
    assert str(plan).count("because parameter n") == 3
