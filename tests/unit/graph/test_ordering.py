"""The order of nodes, and circles in it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from whence.graph.ordering import find_circles, order_nodes


@st.composite
def graphs(draw, *, circles: bool):
    """Return nodes with what each depends on; without circles, only on earlier ones."""
    names = [f"n{number}" for number in range(draw(st.integers(1, 12)))]
    return {
        name: tuple(
            draw(
                st.lists(
                    st.sampled_from(names if circles else names[:position] or [name]),
                    unique=True,
                    max_size=3 if circles or position else 0,
                )
            )
        )
        for position, name in enumerate(names)
    }


@given(graphs(circles=False))
def test_each_node_comes_after_what_it_needs(graph):
    """Every node is ordered, after all that it depends on."""
    ordered = order_nodes(graph)
    position = {name: number for number, name in enumerate(ordered)}

    assert sorted(ordered) == sorted(graph)
    assert all(position[need] < position[name] for name in graph for need in graph[name])


@given(graphs(circles=True))
def test_circles_are_circles(graph):
    """What is reported as a circle goes from node to node by a connection, back to its start."""
    for circle in find_circles(graph):
        assert circle[0] == circle[-1]
        assert all(before in graph[after] for before, after in pairwise(circle))


@given(graphs(circles=True))
def test_a_circle_is_reported_exactly_where_order_fails(graph):
    """There is a circle exactly when some node cannot be ordered."""
    assert bool(find_circles(graph)) == (len(order_nodes(graph)) < len(graph))


@given(graphs(circles=False))
def test_order_is_the_same_each_time(graph):
    """Equal graphs are ordered equally."""
    assert order_nodes(graph) == order_nodes(dict(graph))
