"""Slots: a pipeline's steps that a call can choose."""

from typing import NamedTuple

import pytest

from whence import Input, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.graph.bindings import Reference


@step
def number(n: int = 1) -> int:
    return n


@step
def fit(size: int, depth: int = 6) -> float:
    return 0.0


@step
def fit_fast(size: float, effort: str = "low", depth: int = 1) -> int:
    return 0


@step
def train(size: Input[int], model: Output[ModelArtifact], units: int = 8):
    pass


@step
def evaluate(model: Input[ModelArtifact]) -> float:
    return 0.0


@pipeline
def fits(fitter: Step[fit]):
    return fitter(number())


def step_of(plan, node):
    """Return the name of the step behind a node."""
    return plan.nodes[node].step.name


def test_slot_left_out_is_filled_by_its_own_step():
    """A slot that a call leaves out is filled by the step that it names."""
    assert step_of(fits.plan(), "fitter") == "fit"


def test_default_filler():
    """A slot's default fills it, with what it has bound."""

    @pipeline
    def p(fitter: Step[fit] = fit.bind(depth=3)):  # noqa: B008  # a default filler
        return fitter(2)

    assert p.plan().nodes["fitter"].parameters == {"depth": 3, "size": 2}


@pytest.mark.parametrize("filler", [fit_fast, fit_fast.bind(effort="high"), fit_fast(depth=2)])
def test_filler_with_the_same_interface(filler):
    """A bare or a configured step fits that takes what the body gives and gives what is used."""
    plan = fits.plan(fitter=filler)

    assert step_of(plan, "fitter") == "fit_fast"
    assert plan.nodes["fitter"].inputs == {"size": Reference("number", "result")}


def test_single_output_fits_whatever_its_name():
    """A filler's only output stands for the slot's only output."""

    class Only(NamedTuple):
        answer: float

    @step
    def fit_named(size: int) -> Only:
        return Only(1.0)

    @pipeline
    def p(fitter: Step[fit]):
        number_of = fitter(3)
        return number_of.outputs.result

    assert p.plan(fitter=fit_named).returned == Reference("fitter", "answer")


def test_body_has_the_last_word():
    """What the body gives a slot holds over what its filler has bound."""

    @pipeline
    def p(fitter: Step[fit]):
        fitter(1, depth=2)

    assert p.plan(fitter=fit.bind(depth=9)).nodes["fitter"].parameters == {"depth": 2, "size": 1}


def test_outputs_may_be_named_before_the_call():
    """Naming a slot's outputs reserves its node; its first call supplies the arguments."""

    @pipeline
    def p(trainer: Step[train], judge: Step[evaluate]):
        judge(model=trainer.outputs.model)
        trainer(size=number())

    plan = p.plan()

    assert list(plan.nodes) == ["number", "trainer", "judge"]
    assert plan.nodes["judge"].inputs == {"model": Reference("trainer", "model")}


def test_further_calls_place_further_nodes():
    """Each call after the first places another node of the same filler."""

    @pipeline
    def p(fitter: Step[fit]):
        return [fitter(1), fitter(2), fitter(3)]

    plan = p.plan(fitter=fit.bind(depth=2))

    assert list(plan.nodes) == ["fitter", "fitter_2", "fitter_3"]
    assert [each.parameters["size"] for each in plan.nodes.values()] == [1, 2, 3]
    assert {each.parameters["depth"] for each in plan.nodes.values()} == {2}


def test_untouched_slot_is_placed_at_the_end():
    """A slot that the body never touches runs with what its filler has bound."""

    @pipeline
    def p(first: Step[number], fitter: Step[fit]):
        number()

    assert list(p.plan(fitter=fit.bind(3)).nodes) == ["number", "first", "fitter"]


def test_one_step_may_fill_several_slots():
    """The same step in two slots is two nodes."""

    @pipeline
    def p(first: Step[number], second: Step[number]):
        fit(first(), depth=second())

    plan = p.plan(first=number, second=number)

    assert plan.nodes["fit"].inputs == {
        "size": Reference("first", "result"),
        "depth": Reference("second", "result"),
    }


def test_slot_is_passed_on_to_a_nested_pipeline():
    """A slot may fill a slot of a nested pipeline, and is then placed there alone."""

    @pipeline
    def outer(chosen: Step[fit]):
        return fits(fitter=chosen)

    plan = outer.plan(chosen=fit_fast.bind(effort="high"))

    assert list(plan.nodes) == ["fits.number", "fits.fitter"]
    assert plan.nodes["fits.fitter"].parameters["effort"] == "high"


def test_nested_default_filler():
    """A nested pipeline's slot has its own default."""

    @pipeline
    def inner(fitter: Step[fit] = fit.bind(depth=3)):  # noqa: B008  # a default filler
        return fitter(1)

    @pipeline
    def outer():
        return inner()

    assert outer.plan().nodes["inner.fitter"].parameters == {"depth": 3, "size": 1}


def test_bound_pipeline_keeps_its_fillers():
    """`pipeline.bind` fills slots for later calls."""
    bound = fits.bind(fitter=fit_fast)

    assert step_of(bound.plan(), "fitter") == "fit_fast"
    assert step_of(bound.plan(fitter=fit), "fitter") == "fit"


def test_filler_may_bind_a_node():
    """In a body, `bind` gives a nested slot's filler a node as an input."""

    @pipeline
    def outer():
        return fits(fitter=fit.bind(depth=number(4)))

    assert outer.plan().nodes["fits.fitter"].inputs == {
        "size": Reference("fits.number", "result"),
        "depth": Reference("number", "result"),
    }


def test_setting_reaches_a_slots_node():
    """A run may set an argument of a slot's node by the slot's name."""
    plan = fits.plan(**{"fitter.depth": 2})

    assert plan.nodes["fitter"].parameters == {"depth": 2}


def test_filler_is_recorded_as_a_parameter():
    """Which step filled a slot is among the plan's parameters."""
    assert fits.plan(fitter=fit_fast).parameters["fitter"] == '"fit_fast"'


def test_slot_of_a_step_that_gives_nothing():
    """A slot whose step gives nothing takes any filler with fitting arguments."""

    @step
    def publish(value: float) -> None:
        pass

    @step
    def announce(value: float, loud: bool = True) -> int:
        return 1

    @pipeline
    def p(publisher: Step[publish]):
        publisher(fit(1))

    assert step_of(p.plan(publisher=announce), "publisher") == "announce"
