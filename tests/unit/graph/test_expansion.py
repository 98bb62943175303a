"""What a map places when its lists are known."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from whence import pipeline, step
from whence.graph.bindings import Collection, Item, Reference
from whence.graph.expansion import expand_map, gather_results

SIZES = st.lists(st.integers(-5, 5), max_size=6)


@step
def numbers(count: int) -> list[int]:
    return list(range(count))


@step
def scale(n: int, factor: int = 2) -> int:
    return n * factor


@step
def total(values: list[int]) -> int:
    return sum(values)


@pipeline
def scale_twice(n: int, factor: int) -> int:
    return scale(scale(n), factor=factor)


@pipeline
def scale_parts(n: int) -> list[int]:
    return scale.map(numbers(n))


def maps_of(plan):
    """Return how maps of a plan are found by name."""
    nodes = {name: node for name, node in plan.nodes.items() if node.template is not None}
    return nodes.get


def expand(plan, name, count):
    """Return the nodes that a map of a plan places for so many items."""
    return expand_map(plan.nodes[name], count, maps_of(plan))


def comparable(node):
    """Return a node without what tells where it was placed."""
    return replace(node, position=0, parent=None, options=replace(node.options))


@given(SIZES)
def test_expanded_items_are_those_of_a_list_known_before(sizes):
    """A map that is expanded in the run places what the same map places before it."""

    @pipeline
    def known():
        total(numbers(1))
        scale_twice.map(sizes, factor=3)

    @pipeline
    def expanded():
        total(numbers(1))
        scale_twice.with_options(allow_failures=True).map(sizes, factor=3)

    before = {
        name: comparable(node)
        for name, node in known.plan().nodes.items()
        if name.startswith("scale_twice")
    }
    plan = expanded.plan()
    placed = expand(plan, "scale_twice", len(sizes))

    assert {name: comparable(node) for nodes in placed for name, node in nodes.items()} == before


def test_items_of_an_output_are_taken_by_number():
    """Each node that a map over an output places takes one item of it."""

    @pipeline
    def p():
        scale.map(numbers(3))

    placed = expand(p.plan(), "scale", 2)

    assert [list(nodes) for nodes in placed] == [["scale[0]"], ["scale[1]"]]
    assert placed[1]["scale[1]"].inputs == {"n": Item(Reference("numbers", "result"), 1)}
    assert placed[1]["scale[1]"].depends_on == ("numbers",)
    assert placed[1]["scale[1]"].parent == "scale"


def test_items_of_a_map_are_tied_to_its_items():
    """A map over the results of a map waits for its items to be known; each item for one item."""

    @pipeline
    def p():
        scale.map(scale.map(numbers(3)), factor=5)

    plan = p.plan()
    placed = expand(plan, "scale_2", 2)

    assert plan.nodes["scale_2"].follows_items_of == ("scale",)
    assert plan.nodes["scale_2"].depends_on == ()
    assert placed[1]["scale_2[1]"].inputs == {"n": Reference("scale[1]", "result")}


def test_maps_in_a_body_are_placed_with_each_item():
    """An item of a mapped pipeline that maps in turn has a map of its own, to be expanded later."""

    @pipeline
    def p():
        return scale_parts.map(numbers(2))

    plan = p.plan()
    inner = expand(plan, "scale_parts", 2)[1]["scale_parts[1].scale"]
    placed = expand_map(inner, 1, maps_of(plan))

    assert inner.inputs == {"n": Reference("scale_parts[1].numbers", "result")}
    assert list(placed[0]) == ["scale_parts[1].scale[0]"]


def test_results_are_gathered_as_a_list():
    """Who takes the results of a map takes what each of its items gives, nested maps included."""

    @pipeline
    def p():
        return scale_parts.map(numbers(2))

    plan = p.plan()
    known = dict(plan.nodes)
    for nodes in expand(plan, "scale_parts", 2):
        known |= nodes
    maps = {name: node for name, node in known.items() if node.template is not None}
    counts = {"scale_parts": 2, "scale_parts[0].scale": 1, "scale_parts[1].scale": 0}

    gathered = gather_results(Reference("scale_parts", "result"), counts, maps.get)

    first = Collection(list, ((0, Reference("scale_parts[0].scale[0]", "result")),))
    assert gathered == Collection(list, ((0, first), (1, Collection(list, ()))))


def test_plan_shows_a_map_as_far_as_it_is_known():
    """The text of a plan names what is spread, and what is placed for each item."""

    @pipeline
    def p():
        return total(scale.map(numbers(3), factor=7))

    text = str(p.plan())

    assert "scale[*]" in text
    assert "n ← each of numbers.result" in text
    assert "factor = 7" in text
    assert "values ← scale.result" in text
