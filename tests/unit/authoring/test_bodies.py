"""What a pipeline's body may do with steps, nodes and values."""

from typing import Annotated, NamedTuple

import pytest

from whence import Input, Output, Step, connect, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.graph.bindings import Collection, Constant, Given, Reference


class Halves(NamedTuple):
    """Two outputs."""

    low: list[int]
    high: list[int]


class Bounds(NamedTuple):
    """An argument of several parts."""

    lower: int
    upper: int


@step
def number(n: int = 1) -> int:
    return n


@step
def halves(count: int = 4) -> Halves:
    return Halves([1], [2])


@step
def add(left: int, right: int = 0) -> int:
    return left + right


@step
def total(values: list[int]) -> int:
    return sum(values)


@step
def train(size: Input[int], model: Output[ModelArtifact], units: int = 8):
    pass


@step
def prepare(data: Output[DataArtifact]):
    pass


@step
def judge(model: Input[ModelArtifact], data: Input[DataArtifact]) -> float:
    return 0.0


def inputs_of(plan, node):
    """Return what a node of a plan takes."""
    return dict(plan.nodes[node].inputs)


def test_nodes_are_numbered_in_order_of_placing():
    """The second node of a step is named `_2`, the third `_3`."""

    @pipeline
    def p():
        number()
        number()
        number()

    assert list(p.plan().nodes) == ["number", "number_2", "number_3"]


def test_node_may_be_given_a_name():
    """`with_options(name=...)` names a node; the others are numbered as if it were not there."""

    @pipeline
    def p():
        number.with_options(name="source")()
        number()

    assert list(p.plan().nodes) == ["source", "number"]


def test_nested_nodes_are_named_after_their_pipeline():
    """A nested pipeline puts its name before those of its nodes, numbered when nested again."""

    @pipeline
    def inner(n: int):
        return add(number(n))

    @pipeline
    def outer():
        return add(inner(1), inner(2))

    plan = outer.plan()

    assert list(plan.nodes) == ["inner.number", "inner_2.number", "inner.add", "inner_2.add", "add"]
    assert inputs_of(plan, "add") == {
        "left": Reference("inner.add", "result"),
        "right": Reference("inner_2.add", "result"),
    }


def test_several_outputs_are_unpacked_in_order():
    """A node with several outputs unpacks, and each output is known by name and by index too."""

    @pipeline
    def p():
        made = halves()
        low, high = made
        total(low)
        total(made.high)
        total(made.outputs["low"])
        total(made[-1])
        return high

    plan = p.plan()
    taken = [each.inputs["values"].output for each in plan.nodes.values() if each.inputs]

    assert taken == ["low", "high", "low", "high"]


def test_node_stands_for_its_only_output():
    """A node, its `.outputs.result`, its `.result` and its `.outputs` are the same input."""

    @pipeline
    def p():
        made = number()
        add(made)
        add(made.outputs.result)
        add(made.result)
        add(made.outputs)

    taken = [each.inputs for each in p.plan().nodes.values() if each.inputs]

    assert taken == [{"left": Reference("number", "result")}] * 4


@pytest.mark.parametrize("kind", [list, tuple])
def test_list_and_tuple_of_nodes_are_an_input(kind):
    """A list or a tuple that holds nodes and values is one input."""

    @step
    def take(values: kind[int, ...] if kind is tuple else kind[int]) -> int:
        return 1

    @pipeline
    def p():
        take(kind([number(), number(), 3]))

    binding = inputs_of(p.plan(), "take")["values"]

    assert isinstance(binding, Collection)
    assert binding.kind is kind
    assert [item for _, item in binding.items] == [
        Reference("number", "result"),
        Reference("number_2", "result"),
        Constant(3),
    ]


def test_nodes_deep_in_dicts_and_named_tuples_are_an_input():
    """Nodes may lie in dicts of lists and in the fields of a NamedTuple."""

    @step
    def take(parts: dict[str, list[int]], bounds: Bounds) -> int:
        return 1

    @pipeline
    def p():
        take({"a": [number(1)], "b": [number(2), 3]}, Bounds(number(0), 9))

    plan = p.plan()

    assert plan.nodes["take"].depends_on == ("number", "number_2", "number_3")
    assert inputs_of(plan, "take")["bounds"].kind is Bounds


def test_value_for_an_input_is_stored():
    """A value given for an `Input` becomes an artifact, not a parameter."""

    @pipeline
    def p():
        train(3)

    planned = p.plan().nodes["train"]

    assert planned.inputs == {"size": Constant(3)}
    assert planned.parameters == {"units": 8}


def test_own_artifact_for_an_input():
    """The user's own folder can be given for an artifact."""
    mine = ModelArtifact("some/folder")

    @pipeline
    def p():
        judge(mine, prepare())

    assert inputs_of(p.plan(), "judge")["model"] == Given(mine)


def test_parameters_are_plain_values_in_a_body():
    """A body may branch and loop over the pipeline's own parameters."""

    @pipeline
    def p(count: int, double: bool = False):
        for n in range(count):
            made = number(n)
            if double:
                add(made, made)

    assert list(p.plan(2).nodes) == ["number", "number_2"]
    assert len(p.plan(2, double=True)) == 4


def test_setting_by_node():
    """A run may set what the body left at its default, by node and argument."""

    @pipeline
    def p():
        add(number())

    bound = p.bind(**{"number.n": 5})

    assert bound.plan().nodes["number"].parameters == {"n": 5}
    assert bound.plan(**{"add.right": 7}).nodes["add"].parameters == {"right": 7}
    assert p.plan().nodes["number"].parameters == {"n": 1}


def test_setting_of_a_nested_node():
    """A nested pipeline's node is set by its whole name, or by its own from where it is nested."""

    @pipeline
    def inner():
        return number()

    @pipeline
    def outer():
        add(inner(**{"number.n": 3}))

    @pipeline
    def plain():
        add(inner())

    assert outer.plan().nodes["inner.number"].parameters == {"n": 3}
    assert plain.plan(**{"inner.number.n": 4}).nodes["inner.number"].parameters == {"n": 4}


def test_options_of_steps_are_set_by_node():
    """`with_options(steps=...)` gives options to single nodes."""

    @pipeline
    def p():
        number()
        number()

    plan = p.with_options(steps={"number_2": {"cache": False}}).plan()

    assert [each.options.cache for each in plan.nodes.values()] == [None, False]


def test_configured_step_is_placed_with_what_it_has():
    """A step that is bound before or inside the body keeps its bindings when it is called."""
    before = add.bind(right=2)

    @pipeline
    def p():
        before(1)
        add.bind(right=3)(1)

    assert [each.parameters["right"] for each in p.plan().nodes.values()] == [2, 3]


def test_nested_pipeline_takes_nodes():
    """A node may be given for a parameter of a nested pipeline."""

    @pipeline
    def inner(start: int):
        return add(start)

    @pipeline
    def outer():
        return inner(number())

    assert inputs_of(outer.plan(), "inner.add") == {"left": Reference("number", "result")}


def test_nested_pipeline_may_unpack_what_it_takes():
    """A node with several outputs may be handed on whole."""

    @pipeline
    def inner(made: Halves):
        low, _ = made
        return total(low)

    @pipeline
    def outer():
        return inner(halves())

    assert inputs_of(outer.plan(), "inner.total") == {"values": Reference("halves", "low")}


def test_nested_pipeline_with_a_filler_bound_beforehand():
    """`pipeline.bind` and `step.bind` configure what is nested."""

    @pipeline
    def inner(adder: Step[add], start: int = 1):
        return adder(start)

    @pipeline
    def outer():
        return inner.bind(adder=add.bind(right=5))(start=2)

    assert outer.plan().nodes["inner.adder"].parameters == {"right": 5, "left": 2}


@pytest.mark.parametrize(
    "give",
    [
        lambda made: made,
        lambda made: made.outputs,
        lambda made: Halves(made.low, made.high),
    ],
)
def test_named_tuple_is_returned_as_it_is(give):
    """A node of several outputs, its outputs, or a NamedTuple of them: the run gives the tuple."""

    @pipeline
    def p():
        return give(halves())

    returned = p.plan().returned

    assert isinstance(returned, Collection)
    assert returned.kind is Halves


def test_dict_of_outputs_is_returned():
    """A body may name its outputs by a dict."""

    @pipeline
    def p():
        return {"one": number(), "two": [number(), number()]}

    returned = p.plan().returned

    assert isinstance(returned, Collection)
    assert [name for name, _ in returned.items] == ["one", "two"]


def test_int_is_taken_for_float_and_list_for_sequence():
    """An output fits wherever a type checker lets its type be used."""

    @step
    def mean(values: list[float], weight: float | None = None) -> float:
        return 0.0

    @pipeline
    def p():
        mean([number(), number()], number())
        mean(halves().low)

    assert len(p.plan()) == 6


def test_output_is_taken_as_another_view():
    """A text that was stored can be taken as a file."""
    from pathlib import Path

    @step
    def write() -> str:
        return "a"

    @step
    def count(file: Path) -> int:
        return file.stat().st_size

    @pipeline
    def p():
        count(write())

    assert inputs_of(p.plan(), "count") == {"file": Reference("write", "result")}


def test_declared_format_of_an_output_can_be_read():
    """An `Output` whose annotation names a materializer may be taken as one of its views."""
    from whence.materializers import ArrowMaterializer

    pandas = pytest.importorskip("pandas")

    @step
    def write(table: Annotated[Output[DataArtifact], ArrowMaterializer()]):
        pass

    @step
    def read(table: pandas.DataFrame) -> int:
        return len(table)

    @pipeline
    def p():
        read(write())

    assert list(p.plan().nodes) == ["write", "read"]


def test_connect_ties_by_artifact_type():
    """`connect` places what is not placed and ties inputs to the one output of their type."""

    @pipeline
    def p():
        connect(judge, prepare, train(3))

    plan = p.plan()

    assert list(plan.nodes) == ["train", "prepare", "judge"]
    assert inputs_of(plan, "judge") == {
        "model": Reference("train", "model"),
        "data": Reference("prepare", "data"),
    }


def test_connect_leaves_what_is_connected():
    """`connect` fills only what the body has left open, whenever the body says it."""

    @pipeline
    def p(judging: Step[judge]):
        first = train(1)
        second = train.with_options(name="second")(2)
        connect(first, prepare, judging)
        judging(model=second)

    assert inputs_of(p.plan(), "judging") == {
        "model": Reference("second", "model"),
        "data": Reference("prepare", "data"),
    }


def test_connect_in_a_nested_pipeline():
    """A nested body may use `connect` for its own steps."""

    @pipeline
    def inner():
        connect(train(1), prepare, judge)

    @pipeline
    def outer():
        inner()

    assert inputs_of(outer.plan(), "inner.judge")["model"] == Reference("inner.train", "model")


def test_body_runs_at_each_call_and_never_before():
    """A body runs once for each plan, never when it is defined."""
    seen = []

    @pipeline
    def p(n: int):
        seen.append(n)
        number(n)

    p.plan(1)
    p.plan(2)

    assert seen == [1, 2]


def test_error_of_a_body_is_the_users_own():
    """What a body raises by itself is raised as it is, with a note that nothing was run."""

    @pipeline
    def p():
        number()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        p.plan()

    assert "nothing was run" in caught.value.__notes__[0]


def test_pipeline_shows_what_is_bound():
    """The repr of a pipeline names it, what is bound and where it is defined."""

    @pipeline
    def p(n: int):
        number(n)

    assert repr(p.bind(n=3)).startswith("<pipeline p(n=3)")
    assert "test_bodies.py:" in repr(p)
