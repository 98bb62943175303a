"""Steps that run only if a truth value says so."""

import pytest

from whence import Step, pipeline, step, when

STARTED: list[str] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    STARTED.clear()


@step
def number(n: int) -> int:
    return n


@step
def is_large(n: int) -> bool:
    return n > 2


@step(cache=False)
def double(n: int) -> int:
    STARTED.append("double")
    return 2 * n


@step
def pick(first: int | None, second: int | None) -> int:
    return next(each for each in (first, second) if each is not None)


@step
def count(values: list[int | None]) -> list[int]:
    return [len(values), sum(each is None for each in values)]


@step
def add(left: int, right: int = 0) -> int:
    return left + right


@pipeline
def branches(n: int) -> int:
    given = number(n)
    large = is_large(given)
    with when(large):
        doubled = double(given)
    with when(large, is_=False):
        added = add(given, right=100)
    return pick(doubled, added)


@pipeline
def double_if_large(n: int) -> int:
    with when(is_large(n)):
        return double(n)


def statuses(run):
    """Return how the steps of a run ended."""
    return {name: str(run.steps[name].status) for name in run.steps}


@pytest.mark.parametrize(("n", "expected"), [(5, 10), (1, 101)])
def test_only_one_branch_runs(n, expected):
    """Of two blocks with opposite conditions one runs; who takes both gets None for the other."""
    run = branches(n)

    assert run.read() == expected
    assert (["double"] if n == 5 else []) == STARTED
    assert str(run.status) == "completed"


def test_who_does_not_accept_none_is_skipped():
    """A step that takes the output of a skipped one, and does not accept None, is skipped too."""

    @pipeline
    def p(n: int):
        with when(is_large(n)):
            doubled = double(n)
        add(add(doubled))

    run = p(1)

    assert statuses(run) == {
        "is_large": "completed",
        "double": "skipped",
        "add": "skipped",
        "add_2": "skipped",
    }
    assert str(run.status) == "completed"


def test_skipped_output_reads_as_none():
    """A completed run gives None for what its branches skipped."""
    run = double_if_large(1)

    assert run.read() is None
    assert run.outputs.result is None


def test_blocks_nest():
    """A block inside another is taken only if both conditions hold."""

    @pipeline
    def p(n: int, wanted: bool):
        with when(is_large(n)), when(wanted):
            double(n)
        with when(wanted):
            add(n)

    assert statuses(p(5, wanted=True))["double"] == "completed"
    assert statuses(p(1, wanted=True))["double"] == "skipped"
    assert statuses(p(5, wanted=False)) == {
        "is_large": "completed",
        "double": "skipped",
        "add": "skipped",
    }


def test_nested_pipelines_and_slots_take_part():
    """All that a block places has its condition: the nodes of a nested body, and of slots."""

    @pipeline
    def inner(n: int) -> int:
        return add(double(n))

    @pipeline
    def p(n: int, adder: Step[add] = add):
        with when(is_large(n)):
            inner(n)
            adder(n)

    run = p(1)

    assert {name for name, status in statuses(run).items() if status == "skipped"} == {
        "inner.double",
        "inner.add",
        "adder",
    }


def test_slot_reserved_before_is_conditional_too():
    """Naming the outputs of a slot before a block that calls it changes nothing."""

    @pipeline
    def p(n: int, adder: Step[add] = add):
        taken = adder.outputs.result
        with when(is_large(n)):
            adder(n)
        return count([taken])

    assert statuses(p(1)) == {"adder": "skipped", "is_large": "completed", "count": "completed"}


def test_whole_map_may_be_skipped():
    """A map in a block that is not taken is skipped as one, and has no items."""

    @step
    def numbers() -> list[int]:
        return [1, 2]

    @pipeline
    def p(n: int):
        with when(is_large(n)):
            double.map(numbers())
            add.map([1, 2])

    assert statuses(p(1)) == {
        "is_large": "completed",
        "numbers": "skipped",
        "double": "skipped",
        "add[0]": "skipped",
        "add[1]": "skipped",
    }


@pytest.mark.parametrize("known", [True, False])
def test_items_may_branch_each_for_itself(known):
    """In a mapped pipeline each item decides by its own flag; the others are None in the list."""

    @step
    def numbers() -> list[int]:
        return [1, 5, 2, 7]

    @pipeline
    def p():
        return count(double_if_large.map([1, 5, 2, 7] if known else numbers()))

    assert p().read() == [4, 2]


def test_flag_of_an_item_decides():
    """An item that is a truth value itself may decide for its own body."""

    @step
    def flags() -> list[bool]:
        return [True, False, True]

    @pipeline
    def double_one(flag: bool) -> int:
        with when(flag):
            return double(1)

    @pipeline
    def p():
        return count(double_one.map(flags()))

    assert p().read() == [3, 1]


def test_failure_of_the_flag_skips_the_block():
    """If the step that decides fails, what it decides is skipped and the run fails."""

    @step
    def broken() -> bool:
        raise ValueError("broken")

    @pipeline
    def p():
        with when(broken()):
            double(1)

    with pytest.raises(ValueError, match="broken") as caught:
        p()

    assert statuses(caught.value.whence_run)["double"] == "skipped"


def test_plan_names_the_conditions():
    """A plan says of each step on which truth values it depends."""
    text = str(branches.plan(1))

    assert "when is_large.result" in text
    assert "when not is_large.result" in text
