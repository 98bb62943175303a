"""Steps as values: what is bound, what is shown, and how a signature is read."""

from __future__ import annotations  # Every annotation of this file is a text when it is read.

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest

from whence import Input, Metric, Output, Step, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact
from whence.errors import InvalidPipelineError
from whence.materializers import PickleMaterializer


class Pair(NamedTuple):
    """Two outputs."""

    first: int
    second: Annotated[float, Metric("rmse", mode="min")]


@step
def fit(size: int, depth: int = 6, name: str = "a") -> float:
    """Fit a model."""
    return float(size * depth)


def test_calling_a_step_runs_nothing():
    """A step that is called outside a pipeline is configured, and has not run."""
    ran = []

    @step
    def noisy(n: int) -> int:
        ran.append(n)
        return n

    noisy(3)

    assert ran == []


def test_bare_function_is_there_for_tests():
    """The function under the decorator can be called as it is."""
    assert fit.fn(2, depth=3) == 6.0


def test_binding_adds_to_what_is_bound():
    """Later bindings are added to earlier ones, and replace those of the same name."""
    configured = fit.bind(2, depth=3).bind(depth=4)

    assert configured.bound == {"size": 2, "depth": 4}
    assert fit.bound == {}


def test_calling_and_binding_are_the_same_outside_a_body():
    """`fit(...)` and `fit.bind(...)` give equally configured steps."""
    assert fit(2, depth=3).bound == fit.bind(2, depth=3).bound


def test_repr_of_a_configured_step_says_that_it_has_not_run():
    """What the prompt shows of a configured step says that it has not run, and how to run it."""
    shown = repr(fit(2, name="b"))

    assert shown.startswith("fit(size=2, name='b')")
    assert "not run" in shown
    assert ".run(" in shown


def test_repr_of_a_bare_step_says_where_it_is_defined():
    """What the prompt shows of a step names the file that defines it."""
    assert "fit" in repr(fit)
    assert "test_steps.py:" in repr(fit)


def test_options_leave_the_step_as_it_was():
    """`with_options` gives another step; the first keeps its options and both keep bindings."""
    changed = fit.bind(2).with_options(name="deep", cache="7d")

    assert changed.spec.options.name == "deep"
    assert changed.bound == {"size": 2}
    assert fit.spec.options.name is None


def test_description_says_what_is_taken_given_and_how_it_is_stored():
    """`describe` shows arguments with types and defaults, and outputs with their formats."""
    lines = fit.describe().splitlines()

    assert lines[1:] == [
        "  takes size: int",
        "  takes depth: int = 6",
        "  takes name: str = 'a'",
        "  gives result: float (DataArtifact, json/1)",
    ]


def test_description_of_a_step_without_outputs():
    """A step that gives nothing is described as running for its effect."""

    @step
    def publish(n: int) -> None:
        pass

    assert "for its effect" in publish.describe()


def test_named_tuple_is_several_outputs():
    """Each field of a returned NamedTuple is an output, with its own metric."""

    @step
    def both() -> Pair:
        return Pair(1, 2.0)

    assert list(both.spec.outputs) == ["first", "second"]
    assert both.spec.outputs["second"].metric == Metric("rmse", mode="min")


def test_local_named_tuple_of_local_types():
    """A NamedTuple that is defined in a function may have fields of classes defined there."""

    @dataclass
    class Point:
        x: int

    class Found(NamedTuple):
        point: Point
        count: int

    @step
    def find() -> Found:
        return Found(Point(1), 2)

    assert [each.type_shown for each in find.spec.outputs.values()] == ["Point", "int"]


def test_tuple_of_named_elements_is_several_outputs():
    """A tuple whose elements are all named is several outputs."""

    @step
    def both() -> tuple[Annotated[int, "low"], Annotated[int, "high"]]:
        return 1, 2

    assert list(both.spec.outputs) == ["low", "high"]


def test_any_other_tuple_is_one_output():
    """A tuple with an element that has no name is one output, `result`."""

    @step
    def both() -> tuple[Annotated[int, "low"], int]:
        return 1, 2

    assert list(both.spec.outputs) == ["result"]


def test_annotated_names_type_and_materializer():
    """`Annotated` may name the output, its artifact type and its materializer."""

    @step
    def build() -> Annotated[dict[str, Any], ModelArtifact, "delay", PickleMaterializer()]:
        return {}

    output = build.spec.outputs["delay"]

    assert output.artifact_type is ModelArtifact
    assert output.format == "pickle/1"
    assert output.model_name == "delay"


def test_materializer_may_be_named_by_its_class():
    """A materializer that needs no settings may be named without calling it."""

    @step
    def build() -> Annotated[object, PickleMaterializer]:
        return object()

    assert build.spec.outputs["result"].format == "pickle/1"


def test_outputs_that_are_handed_in():
    """An `Output` is an output and no argument of the caller's."""

    @step
    def build(size: Input[int], model: Output[ModelArtifact], log: Output[DataArtifact]):
        pass

    assert list(build.spec.outputs) == ["model", "log"]
    assert [each.name for each in build.spec.callable_arguments] == ["size"]


def test_local_classes_and_steps_in_annotations():
    """Annotations written as text may name classes and steps that are local to a function."""

    @dataclass
    class Settings:
        depth: int = 3

    @step
    def build(settings: Settings) -> int:
        return settings.depth

    @pipeline
    def builds(builder: Step[build]):
        return builder(Settings(4))

    assert builds.plan().nodes["builder"].parameters["settings"] == Settings(4)


def test_step_that_names_itself_in_its_body():
    """A step local to a function may speak of itself, as a recursive function does."""

    @step
    def count(n: int) -> int:
        return 0 if n == 0 else 1 + count.fn(n - 1)

    assert count.fn(3) == 3


def test_plain_names_are_annotations_too():
    """Every argument has the object its annotation names, not the text."""
    assert fit.spec.arguments["size"].annotation is int


@pytest.mark.parametrize(
    ("annotation", "given", "settled"),
    [
        (int, 3, 3),
        (float, 3, 3.0),
        (Path, ".", Path()),
        (list[Path], ["."], [Path()]),
        (int | None, None, None),
        (dict[str, list[float]], {"a": [1]}, {"a": [1.0]}),
        (Any, {"a": 1}, {"a": 1}),
    ],
)
def test_values_are_validated_with_courtesy(annotation, given, settled):
    """An int is taken for a float and a text for a Path, also inside lists and dicts."""

    def take(value) -> int:
        return 1

    take.__annotations__["value"] = annotation
    planned = _plan_of(step(take), given)

    assert planned.parameters["value"] == settled
    assert type(planned.parameters["value"]) is type(settled)


def test_numpy_scalars_become_their_python_kin():
    """A NumPy number is taken as the Python number of its value."""
    numpy = pytest.importorskip("numpy")
    planned = _plan_of(fit, numpy.int64(3))

    assert planned.parameters["size"] == 3
    assert type(planned.parameters["size"]) is int


def test_wrong_binding_is_reported_at_once():
    """Outside a pipeline, a value of the wrong type is refused where it is bound."""
    with pytest.raises(InvalidPipelineError) as caught:
        fit.bind("three")

    assert "test_steps.py:" in (caught.value.faults[0].where or "")


def _plan_of(wanted, value):
    @pipeline
    def p():
        wanted(value)

    return next(iter(p.plan().nodes.values()))
