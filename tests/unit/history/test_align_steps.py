"""Which steps of several runs belong together."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from whence.domain.ids import RunId, StepRunId, new_id
from whence.domain.records import StepRunRecord
from whence.domain.status import StepStatus
from whence.history.comparing.align_steps import align_steps


def make_steps(*nodes, **facts):
    """Return a run's steps: each a node, or a node and its step, or these and what it needs."""
    found = []
    for position, each in enumerate(nodes):
        node, step, *after = (each, each) if isinstance(each, str) else each
        found.append(
            StepRunRecord(
                id=StepRunId(new_id()),
                run_id=RunId("r"),
                node=node,
                step=step,
                position=position,
                status=StepStatus.COMPLETED,
                depends_on=tuple(after),
                **facts,
            )
        )
    return found


def names(rows):
    """Return the rows as nodes."""
    return [tuple(step and step.node for step in row) for row in rows]


def test_steps_of_one_name_belong_together():
    """Nodes that are called the same are one row, whatever fills them."""
    one = make_steps("load", ("model", "fit"), "evaluate")
    other = make_steps("load", ("model", "fit_ridge"), "evaluate")

    assert names(align_steps([one, other])) == [
        ("load", "load"),
        ("model", "model"),
        ("evaluate", "evaluate"),
    ]


def test_a_step_under_another_name_is_found_by_its_step():
    """A node that was renamed is the same row where its step says so."""
    one = make_steps("load", ("first", "fit", "load"), ("end", "evaluate", "first"))
    other = make_steps("load", ("best", "fit", "load"), ("end", "evaluate", "best"))

    assert names(align_steps([one, other]))[1] == ("first", "best")


def test_neighbours_tell_renamed_nodes_of_one_step_apart():
    """Two renamed nodes of one step go by what they take, not by their order."""
    one = make_steps("a", "b", ("left", "scale", "a"), ("right", "scale", "b"))
    other = make_steps("a", "b", ("r", "scale", "b"), ("l", "scale", "a"))

    assert set(names(align_steps([one, other]))[2:]) == {("left", "l"), ("right", "r")}


def test_a_step_that_was_swapped_in_is_found_by_its_place():
    """A node with another name and another step stands where the old one stood."""
    one = make_steps("load", ("fit", "fit", "load"), ("evaluate", "evaluate", "fit"))
    other = make_steps("load", ("ridge", "ridge", "load"), ("evaluate", "evaluate", "ridge"))

    assert names(align_steps([one, other]))[1] == ("fit", "ridge")


def test_two_steps_in_one_place_are_not_guessed_at():
    """Where several steps could have taken a place, none is said to have."""
    one = make_steps("load", ("fit", "fit", "load"))
    other = make_steps("load", ("ridge", "ridge", "load"), ("trees", "trees", "load"))

    assert len(align_steps([one, other])) == 4


def test_a_step_of_one_run_alone_stands_where_it_ran():
    """What only a later run has follows what comes before it there."""
    one = make_steps("load", ("evaluate", "evaluate", "load"))
    other = make_steps("load", ("clean", "clean", "load"), ("evaluate", "evaluate", "clean"))

    assert names(align_steps([one, other])) == [
        ("load", "load"),
        (None, "clean"),
        ("evaluate", "evaluate"),
    ]


def test_items_of_a_map_belong_together_that_did_the_same():
    """An item that was taken from the front of a list does not make all others differ."""
    one = [replace(step, cache_key=f"key {step.position}") for step in make_items(4)]
    other = [replace(step, cache_key=f"key {step.position + 1}") for step in make_items(3)]

    assert names(align_steps([one, other])) == [
        ("fit[0]", None),
        ("fit[1]", "fit[0]"),
        ("fit[2]", "fit[1]"),
        ("fit[3]", "fit[2]"),
    ]


def test_items_of_a_map_are_told_by_their_parameters():
    """Where the code of items changed, their parameters say which is which."""
    one = [replace(step, parameters={"x": f"{step.position}"}) for step in make_items(3)]
    other = [replace(step, parameters={"x": f"{step.position + 1}"}) for step in make_items(2)]

    assert names(align_steps([one, other])) == [
        ("fit[0]", None),
        ("fit[1]", "fit[0]"),
        ("fit[2]", "fit[1]"),
    ]


def test_items_of_a_renamed_map_are_matched_one_by_one():
    """A map under another name has its items in their order."""
    one, other = make_items(3), make_items(3, "train")

    assert names(align_steps([one, other])) == [(f"fit[{n}]", f"train[{n}]") for n in range(3)]


def test_a_nested_pipeline_under_another_name_is_matched():
    """Steps of a nested pipeline keep their partners when it was renamed."""
    one = make_steps(("inner.load", "load"), ("inner.fit", "fit", "inner.load"))
    other = make_steps(("deep.load", "load"), ("deep.fit", "fit", "deep.load"))

    assert names(align_steps([one, other])) == [
        ("inner.load", "deep.load"),
        ("inner.fit", "deep.fit"),
    ]


def make_items(count, node="fit"):
    """Return the items of a map."""
    return make_steps(*((f"{node}[{number}]", "fit") for number in range(count)))


# ---------------------------------------------------------------------- whatever the shape

STEPS = ("load", "fit", "scale")
NODES = tuple(f"{prefix}{step}" for step in "abcd" for prefix in ("", "inner.")) + tuple(
    f"m[{number}]" for number in range(4)
)


@st.composite
def pipelines(draw):
    """Return the steps of a run of any shape."""
    nodes = draw(st.lists(st.sampled_from(NODES), unique=True, max_size=8))
    steps = [
        (node, draw(st.sampled_from(STEPS)), *draw(st.sets(st.sampled_from(nodes[:place] or [""]))))
        for place, node in enumerate(nodes)
    ]
    keys = st.none() | st.sampled_from("xyz")
    return [replace(step, cache_key=draw(keys)) for step in make_steps(*steps)]


@given(st.lists(pipelines(), min_size=1, max_size=4))
def test_each_step_run_is_in_one_row(runs):
    """Nothing is lost, nothing is told twice, and each run keeps to its column."""
    rows = align_steps(runs)

    for run, steps in enumerate(runs):
        found = [row[run] for row in rows if row[run] is not None]
        assert sorted(each.id for each in found) == sorted(each.id for each in steps)
    assert all(any(row) for row in rows)


@given(pipelines(), pipelines())
def test_it_makes_no_difference_which_run_comes_first(one, other):
    """Two runs are matched the same way from either side."""
    forwards = {(a and a.id, b and b.id) for a, b in align_steps([one, other])}
    backwards = {(a and a.id, b and b.id) for b, a in align_steps([other, one])}

    assert forwards == backwards


@given(pipelines())
def test_a_run_is_matched_with_itself_step_by_step(run):
    """Every step of a run is its own partner."""
    assert [row for row in align_steps([run, run]) if row[0] is not row[1]] == []


@given(pipelines(), pipelines())
def test_names_are_never_torn_apart_where_nothing_else_speaks(one, other):
    """Nodes of one name that are no items belong together."""
    rows = names(align_steps([one, other]))
    common = {step.node for step in one} & {step.node for step in other}

    assert {(name, name) for name in common if "[" not in name} <= set(rows)
