"""Plans: what is shown, in what order, and how far they scale."""

import sys
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from whence import Step, pipeline, step
from whence.errors import InvalidPipelineError


@pytest.fixture(autouse=True)
def _empty_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan in a project in which nothing has run: a plan tells what is stored already."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


@step
def load(rows: int = 10) -> list[float]:
    return []


@step
def fit(data: list[float], depth: int = 6) -> float:
    return 0.0


@step
def add(left: int, right: int = 0) -> int:
    return left + right


def test_plan_shows_the_graph(snapshot: SnapshotAssertion):
    """Printing a plan shows each step with what it takes, from where, and what it gives."""

    @pipeline
    def training(rows: int, fitter: Step[fit] = fit):
        data = load(rows)
        return {"deep": fitter(data), "flat": fit(data, depth=1), "mean": fit([add(1), 2.0])}

    assert str(training.plan(5)) == snapshot


def test_plans_of_equal_calls_are_equal():
    """Two plans of the same call have the same nodes in the same order, and the same text."""

    @pipeline
    def p(count: int):
        made = [add(n) for n in range(count)]
        return add(made[0], made[-1])

    first, second = p.plan(20), p.plan(20)

    assert list(first.nodes) == list(second.nodes)
    assert str(first) == str(second)


def test_parameters_are_named_by_node():
    """A plan's parameters are those of the pipeline and, by node, of its steps."""

    @pipeline
    def p(start: int):
        add(start, right=2)

    assert p.plan(1).parameters == {"start": "1", "add.left": "1", "add.right": "2"}


def test_long_chains_need_no_deep_stack():
    """A chain of thousands of nodes is planned without recursion, in time that grows with it."""

    @pipeline
    def chain(length: int):
        made = add(0)
        for _ in range(length - 1):
            made = add(made)
        return made

    frames = sys.getrecursionlimit()

    plan = chain.plan(10_000)

    assert len(plan) == 10_000 > frames
    assert list(plan.nodes)[-1] == "add_10000"


def test_circle_of_thousands_is_reported_in_short():
    """A circle through thousands of nodes is reported by a few of its names."""

    @pipeline
    def circle(first: Step[add]):
        made = add(first.outputs.result)
        for _ in range(3000):
            made = add(made)
        first(made)

    with pytest.raises(InvalidPipelineError) as caught:
        circle.plan()

    assert len(caught.value.faults) == 1
    assert len(str(caught.value)) < 1000
