"""What the contract says of defining steps and pipelines, sentence by sentence."""

import functools
import os
from typing import Annotated, Any, NamedTuple

import pytest

import whence
from whence import Step, pipeline, step
from whence.errors import CalledInsideStepError, InvalidPipelineError, UnplacedStepError


@step
def add(a: int, b: int = 1) -> int:
    return a + b


class Pair(NamedTuple):
    number: int
    word: str


@step
def split(n: int) -> Pair:
    return Pair(n, "x")


@step
def repeat(times: int, word: str) -> str:
    return times * word


# ------------------------------------------------------------------ calling a step


def test_calling_a_step_outside_binds_and_says_that_it_has_not_run():
    """Outside a body a call gives a configured step, whose text says how to run it."""
    configured = add(a=2)

    assert str(configured) == (
        "add(a=2)  # configured, not run: run it with .run(...), or place it in a pipeline"
    )
    assert configured.run().read() == 3


def test_a_configured_step_can_be_configured_further():
    """Later arguments join the earlier ones, and replace those of the same name."""
    assert add(a=1).bind(b=5)(a=2).run().read() == 7


def test_using_a_configured_step_as_a_node_is_refused():
    """A step that is not placed has no outputs; the error says to call it in a body."""
    with pytest.raises(UnplacedStepError, match="not a node"):
        _ = add(a=1).outputs


@pytest.mark.parametrize("call", [lambda: add(1), lambda: add.run(1), lambda: chain(1)])
def test_calling_a_step_or_pipeline_inside_a_running_step_is_refused(call):
    """Inside a step nothing is configured or run."""

    @step
    def outer(n: int) -> int:
        call()
        return n

    with pytest.raises(CalledInsideStepError, match="inside the running step 'outer'"):
        outer.run(1)


def test_one_step_runs_as_a_pipeline_of_one():
    """`step.run` is recorded like any run."""
    run = add.run(1)

    assert (run.pipeline, list(run.steps), run.read()) == ("add", ["add"], 2)
    assert whence.run(run.id).read() == 2


def test_any_word_can_be_the_name_of_an_argument():
    """Names that the framework uses itself are free for steps and pipelines."""

    @step
    def odd(self: int, name: int, fn: int, run: int, outputs: int) -> int:
        return self + name + fn + run + outputs

    @pipeline
    def around(self: int, name: int, plan: int, bind: Step[add] = add):
        return bind(a=self, b=name + plan)

    every = dict.fromkeys(("self", "name", "fn", "run", "outputs"), 1)

    assert odd.bind(**every)().run().read() == odd.run(**every).read() == 5
    assert around.bind(self=1)(name=2, plan=3).read() == 6
    assert len(around.plan(self=1, name=1, plan=1)) == 1


def test_any_word_can_be_the_name_of_an_output():
    """Outputs may be named like methods of a tuple, a node or a run."""

    class Odd(NamedTuple):
        outputs: int
        index: int
        name: int
        keys: int
        items: int

    @step
    def odd() -> Odd:
        return Odd(1, 2, 3, 4, 5)

    @pipeline
    def all_of_them(slot: Step[odd]):
        named = odd()
        return {
            "keys": named.outputs.outputs,
            "items": named.index,
            "name": slot.outputs.name,
            "read": named.outputs.keys,
            "x": named.outputs["items"],
        }

    run = all_of_them()

    assert run.read() == {"keys": 1, "items": 2, "name": 3, "read": 4, "x": 5}
    assert (run.outputs.keys.read(), run.outputs.items.read(), run.outputs.read.read()) == (1, 2, 4)


def test_names_may_be_long_and_of_any_script():
    """A name of 200 characters, or with letters beyond ASCII, is found again and shown."""
    scope: dict[str, Any] = {}
    exec(f"def {'a' * 200}(läng: int) -> int: return läng", scope)
    long = step(scope["a" * 200])

    run = long.run(läng=3)

    assert run.steps["a" * 200].parameters == {"läng": 3}
    assert "läng" in str(run)


def test_a_wrapped_function_keeps_the_signature_that_it_shows():
    """A decorator below `@step` that uses `functools.wraps` changes what is done, not the step."""

    def tenfold(fn):
        @functools.wraps(fn)
        def wrapper(*args, **kwargs):
            return fn(*args, **kwargs) * 10

        return wrapper

    @step
    @tenfold
    def scaled(a: int, b: int = 2) -> int:
        return a + b

    assert scaled.run(1).read() == 30


def test_a_step_typed_at_a_prompt_runs():
    """A step needs no source file."""
    scope = {"__name__": "__main__"}
    text = "from whence import step\n@step\ndef typed(a: int) -> int:\n    return a\n"
    exec(compile(text, "<stdin>", "exec"), scope)

    assert scope["typed"].run(4).read() == 4


# ------------------------------------------------------------------ nodes


@pipeline
def chain(n: int, count: int = 1):
    node = add(n)
    for _ in range(count):
        node = add(node)
    return node


def test_a_pipelines_own_parameters_are_real_values_in_its_body():
    """The body runs at each call, with ordinary `if` and `for` over its parameters."""
    assert (chain(1).read(), chain(1, count=3).read()) == (3, 5)
    assert len(chain.plan(1, count=9)) == 10


def test_a_body_may_change_its_parameters_without_changing_the_next_call():
    """Defaults and the caller's lists stay as they were, and so does what is recorded."""

    @pipeline
    def growing(given: list[int], seen: list[int] = []):  # noqa: B006  # the point
        given.append(1)
        seen.append(1)
        return add(len(given), b=len(seen))

    mine = [5]

    assert [growing(mine).read(), growing(mine).read()] == [3, 3]
    assert growing(mine).parameters["given"] == mine == [5]


@pytest.mark.parametrize(
    "body",
    [
        lambda node: repeat(*node),
        lambda node: repeat(node[0], node[1]),
        lambda node: repeat(node.number, node.outputs.word),
        lambda node: repeat(*list(node)),
        lambda node: repeat(*node.outputs),
    ],
)
def test_a_node_with_several_outputs_unpacks_in_order(body):
    """Outputs come apart by unpacking, starring, indexing and name."""

    @pipeline
    def apart(n: int):
        return body(split(n))

    assert apart(3).read() == "xxx"


@pytest.mark.parametrize(
    "touch",
    [
        lambda node: node > 0.9,
        lambda node: node.shape,
        bool,
        len,
        lambda node: node[0],
        list,
        lambda node: f"{node}",
        lambda node: node + 1,
        lambda node: 1 in node,
        int,
        lambda node: sorted([node, node]),
        os.fspath,
        lambda node: node(1),
        lambda node: node.outputs.result > 1,
    ],
)
def test_touching_a_node_as_if_it_were_its_value_is_refused(touch):
    """In a body there are no values yet, and the error says so."""

    @pipeline
    def touching():
        return touch(add(1))

    with pytest.raises(InvalidPipelineError, match="was used as a value"):
        touching()


def test_nodes_are_named_after_slot_or_step_then_numbered():
    """Slots give their names, other steps theirs; nested ones carry their pipeline's."""

    @pipeline
    def inner(n: int, first: Step[add] = add):
        return add(first(n))

    @pipeline
    def outer(n: int):
        return add.with_options(name="last")(inner(inner(add(add(n)))))

    nodes = ["add", "add_2", "inner.first", "inner.add", "inner_2.first", "inner_2.add", "last"]

    run = outer(1)

    assert list(run.steps) == nodes
    assert run.steps.inner_2.first.node == "inner_2.first"


def test_a_collection_that_holds_nodes_is_an_input():
    """Lists, tuples and dicts may mix nodes and values, at any depth."""

    @step
    def show(items: dict[str, list[int]], pair: tuple[int, str]) -> str:
        return f"{items} {pair}"

    @pipeline
    def gather():
        node = add(1)
        return show({"k": [node, 5]}, (node, "z"))

    assert gather().read() == "{'k': [2, 5]} (2, 'z')"


def test_a_container_that_holds_itself_is_refused_and_not_followed_for_ever():
    """Such a value cannot be stored, and the error says what it is."""

    @step
    def take(items: list[Any]) -> int:
        return len(items)

    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(whence.errors.WhenceError, match="A value of type 'list' cannot be stored"):
        take.run(endless)


# ------------------------------------------------------------------ slots


def test_a_filler_may_be_bare_or_configured_and_name_its_output_otherwise():
    """A single output fits whatever its name, and a default filler may be replaced."""

    @step
    def tens(a: int) -> Annotated[int, "other"]:
        return a * 10

    eight = add.bind(b=7)

    @pipeline
    def two(first: Step[add], second: Step[add] = eight):
        return {"first": first(a=1).outputs.result, "second": second(a=1)}

    assert two().read() == {"first": 2, "second": 8}
    assert two(first=tens, second=tens).read() == {"first": 10, "second": 10}
    assert two(first=add, second=add).read() == {"first": 2, "second": 2}


def test_a_filler_that_does_not_fit_is_shown_beside_the_slot():
    """One error shows the two interfaces side by side."""

    @step
    def needy(a: int, more: int) -> int:
        return a + more

    @pipeline
    def one(slot: Step[add]):
        return slot(a=1)

    with pytest.raises(InvalidPipelineError, match=r"slot slot: add +filler: needy"):
        one(slot=needy)
    assert one(slot=needy.bind(more=3)).read() == 4


def test_naming_a_slots_outputs_reserves_its_node():
    """Its arguments may be given before or after, and a circle that this allows is reported."""

    @pipeline
    def backwards(first: Step[add], second: Step[add]):
        second(a=first.outputs.result)
        first(a=5)
        return second.outputs.result

    @pipeline
    def circle(first: Step[add], second: Step[add]):
        first(a=second.outputs.result)
        second(a=first.outputs.result)

    assert backwards().read() == 7
    with pytest.raises(InvalidPipelineError, match="depend on each other in a circle"):
        circle()


def test_each_further_call_of_a_slot_places_another_node():
    """After a second call, `slot.outputs` is nobody's; what each call returned is meant."""

    @pipeline
    def twice(slot: Step[add], *, by_name: bool = False):
        first = slot(a=1)
        second = slot(a=first)
        return slot.outputs.result if by_name else second

    assert list(twice().steps) == ["slot", "slot_2"]
    with pytest.raises(InvalidPipelineError, match="was called 2 times"):
        twice(by_name=True)


def test_a_slot_that_the_body_never_touches_is_placed_at_the_end():
    """It is unfilled only if an argument then has neither a value nor a default."""

    @pipeline
    def idle(slot: Step[add]):
        add(1)

    assert list(idle(slot=add(a=3)).steps) == ["add", "slot"]
    with pytest.raises(InvalidPipelineError, match="Argument 'a' of node 'slot' is missing"):
        idle()


def test_bind_fills_the_slot_of_a_nested_pipeline():
    """In a body `bind` configures, and a slot may be passed on."""

    @pipeline
    def inner(n: int, slot: Step[add]):
        return slot(n)

    @pipeline
    def outer(own: Step[add] = add):
        return [inner(1, slot=add.bind(b=10)), inner.bind(slot=own)(1)]

    assert outer(own=add.bind(b=3)).read() == [11, 4]
