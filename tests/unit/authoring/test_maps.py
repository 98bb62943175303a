"""What `.map()` places in a pipeline's body, over lists that are known there."""

from typing import NamedTuple

import pytest

from whence import Input, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.errors import InvalidPipelineError
from whence.graph.bindings import Collection, Reference


class Halves(NamedTuple):
    """Two outputs."""

    low: int
    high: int


@step
def scale(n: int, factor: int = 2) -> int:
    return n * factor


@step
def halves(n: int) -> Halves:
    return Halves(n // 2, n - n // 2)


@step
def total(values: list[int]) -> int:
    return sum(values)


@step
def train(size: Input[int], model: Output[ModelArtifact], units: int = 8):
    pass


@step
def judge(model: Input[ModelArtifact]) -> float:
    return 0.0


@step
def greet(name: str) -> None:
    pass


@pipeline
def scale_twice(n: int) -> int:
    return scale(scale(n), factor=3)


@pipeline
def fold(n: int) -> Halves:
    low, high = halves(n)
    return Halves(low, scale(high))


def inputs_of(plan, node):
    """Return what a node of a plan takes."""
    return dict(plan.nodes[node].inputs)


def list_of(*references):
    """Return the binding of a list of outputs, written `node.output`."""
    parts = (reference.rpartition(".") for reference in references)
    items = enumerate(Reference(node, output) for node, _, output in parts)
    return Collection(list, tuple(items))


def test_each_item_is_a_node_of_its_own():
    """Mapping a step over three items places three nodes, numbered from 0."""

    @pipeline
    def p():
        return scale.map([4, 5, 6], factor=3)

    plan = p.plan()

    assert list(plan.nodes) == ["scale[0]", "scale[1]", "scale[2]"]
    assert [node.parameters for node in plan.nodes.values()] == [
        {"n": 4, "factor": 3},
        {"n": 5, "factor": 3},
        {"n": 6, "factor": 3},
    ]


def test_several_lists_are_taken_side_by_side():
    """The first item goes with the first of the other list, as by Python's `map`."""

    @pipeline
    def p():
        return scale.map([4, 5], (n for n in (7, 8)))

    assert [node.parameters for node in p.plan().nodes.values()] == [
        {"n": 4, "factor": 7},
        {"n": 5, "factor": 8},
    ]


def test_result_is_an_input_as_it_is():
    """A step that takes a list takes the results of a map."""

    @pipeline
    def p():
        return total(scale.map(range(2)))

    assert inputs_of(p.plan(), "total") == {
        "values": list_of("scale[0].result", "scale[1].result"),
    }


def test_mapping_the_result_ties_item_to_item():
    """The second item of a map over a map waits for the second item of the first alone."""

    @pipeline
    def p():
        return scale.map(scale.map([1, 2, 3]), factor=5)

    plan = p.plan()

    assert plan.nodes["scale_2[1]"].depends_on == ("scale[1]",)


def test_result_is_a_list_where_its_length_is_known():
    """The results of a map can be counted, looped over and picked from."""

    @pipeline
    def p():
        scaled = scale.map([1, 2, 3])
        assert len(scaled) == 3
        assert [str(each) for each in scaled] == ["scale[0]", "scale[1]", "scale[2]"]
        return total(scaled[1:])

    assert inputs_of(p.plan(), "total") == {
        "values": list_of("scale[1].result", "scale[2].result"),
    }


def test_several_outputs_unpack_into_a_list_for_each():
    """A map of a step with two outputs gives two lists, in order or by name."""

    @pipeline
    def p():
        mapped = halves.map([4, 6])
        low, high = mapped
        total(low)
        total(mapped.outputs.high)
        return high

    plan = p.plan()

    assert inputs_of(plan, "total") == {"values": list_of("halves[0].low", "halves[1].low")}
    assert inputs_of(plan, "total_2") == {"values": list_of("halves[0].high", "halves[1].high")}
    assert plan.returned == list_of("halves[0].high", "halves[1].high")


def test_several_outputs_unpack_also_for_no_items():
    """A map over an empty list still has its outputs: empty lists."""

    @pipeline
    def p():
        low, _ = halves.map([])
        return total(low)

    assert list(p.plan().nodes) == ["total"]
    assert p.plan().nodes["total"].parameters == {"values": []}


def test_returned_map_of_several_outputs_is_named_by_them():
    """A body may return a map of several outputs: a list under each name."""

    @pipeline
    def p():
        return halves.map([4])

    assert p.plan().returned == Collection(
        dict, (("low", list_of("halves[0].low")), ("high", list_of("halves[0].high")))
    )


def test_second_map_of_a_step_is_numbered():
    """Maps are named like nodes: the second of a step is named `_2`."""

    @pipeline
    def p():
        scale.map([1])
        scale.map([2])
        scale.with_options(name="other").map([3])
        scale(4)

    assert list(p.plan().nodes) == ["scale[0]", "scale_2[0]", "other[0]", "scale_3"]


def test_slot_is_mapped_with_its_filler():
    """What fills a slot is mapped under the slot's name, with what it has bound."""

    @pipeline
    def p(scaler: Step[scale]):
        return scaler.map([1, 2])

    plan = p.plan(scaler=scale.bind(factor=9))

    assert list(plan.nodes) == ["scaler[0]", "scaler[1]"]
    assert plan.nodes["scaler[1]"].parameters == {"n": 2, "factor": 9}
    assert plan.nodes["scaler[1]"].slot == "scaler"


def test_configured_step_is_mapped():
    """What a step has bound holds for every item."""

    @pipeline
    def p():
        judge.map(train.bind(units=3).map([10, 20]))

    plan = p.plan()

    assert plan.nodes["train[1]"].parameters == {"units": 3}
    assert inputs_of(plan, "judge[1]") == {"model": Reference("train[1]", "model")}


def test_pipeline_is_mapped():
    """Each item of a mapped pipeline has all of its nodes."""

    @pipeline
    def p():
        return scale_twice.map([1, 2])

    plan = p.plan()

    assert sorted(plan.nodes) == [
        "scale_twice[0].scale",
        "scale_twice[0].scale_2",
        "scale_twice[1].scale",
        "scale_twice[1].scale_2",
    ]
    assert plan.returned == list_of(
        "scale_twice[0].scale_2.result", "scale_twice[1].scale_2.result"
    )


def test_maps_nest():
    """A mapped pipeline may map in turn; every item is numbered at each level."""

    @pipeline
    def inner(sizes: list[int]) -> int:
        return total(scale.map(sizes))

    @pipeline
    def p():
        return inner.map([[1, 2], [3]])

    assert sorted(p.plan().nodes) == [
        "inner[0].scale[0]",
        "inner[0].scale[1]",
        "inner[0].total",
        "inner[1].scale[0]",
        "inner[1].total",
    ]


def test_mapped_pipeline_with_several_outputs_gives_a_list_for_each():
    """What the body returns under names comes as one list for each name."""

    @pipeline
    def p():
        folded = fold.map([4, 6])
        return total(folded.outputs.high)

    assert inputs_of(p.plan(), "total") == {
        "values": list_of("fold[0].scale.result", "fold[1].scale.result"),
    }


def test_steps_without_outputs_are_mapped_for_their_effect():
    """A step that gives nothing can be mapped; there is no result to use."""

    @pipeline
    def p():
        greet.map({"Ada": 1, "Bob": 2}.keys())

    assert [node.parameters["name"] for node in p.plan().nodes.values()] == ["Ada", "Bob"]


def test_setting_by_the_name_of_a_map_holds_for_every_item():
    """`scale.factor` sets what the body left open in all items, `scale[1].factor` in one."""

    @pipeline
    def p():
        scale.map([1, 2])

    every = p.bind(**{"scale.factor": 7}).plan()
    one = p.bind(**{"scale[1].factor": 7}).plan()

    assert [node.parameters["factor"] for node in every.nodes.values()] == [7, 7]
    assert [node.parameters["factor"] for node in one.nodes.values()] == [2, 7]


def test_options_by_the_name_of_a_map_hold_for_every_item():
    """The option `steps` of a pipeline reaches all items of a map by its name."""

    @pipeline
    def p():
        scale_twice.map([1, 2])

    plan = p.with_options(steps={"scale_twice.scale": {"cache": "7d"}}).plan()

    assert {node.name: node.options.cache for node in plan.nodes.values()} == {
        "scale_twice[0].scale": "7d",
        "scale_twice[0].scale_2": None,
        "scale_twice[1].scale": "7d",
        "scale_twice[1].scale_2": None,
    }


def test_run_records_what_all_items_share_once():
    """The parameters of a run hold what every item was given; each item holds its own."""

    @pipeline
    def p():
        scale.map([1, 2], factor=5)

    assert p.plan().parameters == {"scale.factor": "5"}


def test_plan_shows_many_items_as_one():
    """The text of a plan has one block for the items of a map, however many they are."""

    @pipeline
    def p():
        return total(scale.map(scale.map(range(1_000)), factor=3))

    text = str(p.plan())

    assert "scale[0..999]  1,000 items" in text
    assert "n = 0, 1, 2, 3, … 1,000 in all" in text
    assert "n ← scale[0..999].result" in text
    assert "values ← [scale_2[0..999].result]" in text
    assert len(text.splitlines()) < 30


def test_fault_of_many_items_is_told_once():
    """A list of which no item fits is one fault, which counts the items."""

    @pipeline
    def p():
        scale.map(["a"] * 50)

    with pytest.raises(InvalidPipelineError) as caught:
        p.plan()

    assert len(caught.value.faults) == 1
    assert "50 items" in str(caught.value)
