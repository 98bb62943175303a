"""The snippets of the text that Whence grew from, in a form that is valid Python, on Keras."""

import json

import numpy as np
import pytest

import whence
from whence import Input, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.materializers import KerasMaterializer

pytestmark = pytest.mark.heavy
keras = pytest.importorskip("keras")


def build(size: int, units: int = 2) -> keras.Model:
    """Return a small model with weights that are the same each time."""
    model = keras.Sequential([keras.Input((size,)), keras.layers.Dense(units)])
    model.set_weights([np.full(weight.shape, 0.5) for weight in model.get_weights()])
    return model


@step
def SimplestStepEver(basic_param_1: int, basic_param_2: str) -> int:
    return basic_param_1 + int(basic_param_2)


def test_a_simple_function_is_a_step():
    """One decorator makes a plain function a step."""
    assert SimplestStepEver.run(basic_param_1=2, basic_param_2="3").read() == 5


def test_a_keras_model_is_returned_and_stored_by_its_materializer():
    """A returned model is stored by the materializer that is known for its type."""

    @step
    def ASlightComplexStep() -> keras.Model:
        return build(3)

    artifact = ASlightComplexStep.run().outputs.result

    assert isinstance(artifact, ModelArtifact)
    assert artifact.format == "keras/1"
    assert artifact.read().count_params() == build(3).count_params()


def test_a_step_writes_and_reads_a_model_in_its_own_way():
    """An `Output` is a place to write; how is the step's own affair."""

    def write_model(artifact: ModelArtifact) -> None:
        (artifact.path / "model.json").write_text(json.dumps({"slope": 2}))

    def read_model(artifact: ModelArtifact) -> dict[str, int]:
        return json.loads((artifact.path / "model.json").read_text())

    @step
    def ASlightComplexStep(output_artifact: Output[ModelArtifact]):
        assert output_artifact.uri.startswith("file://")
        write_model(output_artifact)

    @step
    def AnotherSlightComplexStep(input_artifact: Input[ModelArtifact]) -> int:
        assert input_artifact.uri.startswith("file://")
        return read_model(input_artifact)["slope"]

    @pipeline
    def connected(first: Step[ASlightComplexStep], second: Step[AnotherSlightComplexStep]):
        return second(input_artifact=first.outputs.output_artifact)

    assert connected().read() == 2


@step
def Train(size: Input[int], output_artifact: Output[ModelArtifact], units: int = 8):
    KerasMaterializer().write(build(size, units), output_artifact)


@step
def Evaluate(input_artifact: Input[ModelArtifact]) -> float:
    model = KerasMaterializer().read(input_artifact)
    return float(model.predict(np.ones((1, 5)), verbose=0).sum())


@pipeline
def my_pipeline(step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]):
    step_2(size=step_1.outputs.result)
    step_3(input_artifact=step_2.outputs.output_artifact)


def test_pipelines_define_dependencies_and_runs_define_parameters():
    """Defined once, run twice, compared; results are read in and out of steps."""
    run_1 = my_pipeline(
        step_1=SimplestStepEver(basic_param_1=2, basic_param_2="3"),
        step_2=Train(units=8),
        step_3=Evaluate,
    )
    run_2 = my_pipeline(
        step_1=SimplestStepEver(basic_param_1=2, basic_param_2="3"),
        step_2=Train(units=32),
        step_3=Evaluate,
    )
    shown = str(whence.compare(run_1, run_2))
    model = KerasMaterializer().read(run_1.steps.step_2.outputs.output_artifact)

    assert "step_2.units" in shown
    assert run_1.steps.step_3.outputs.result.read() == 8 * 3.0
    assert run_2.steps.step_3.outputs.result.read() == 32 * 3.0
    assert run_1.steps["step_2"].outputs["output_artifact"].uri.startswith("file://")
    assert model.count_params() == build(5, 8).count_params()


def test_a_declared_format_connects_to_plain_values():
    """An `Output` whose materializer is declared can be taken as a plain value."""
    from typing import Annotated

    @step
    def TrainKnown(output: Annotated[Output[ModelArtifact], KerasMaterializer()], units: int = 4):
        KerasMaterializer().write(build(3, units), output)

    @step
    def count(model: keras.Model) -> int:
        return model.count_params()

    @pipeline
    def typed():
        return count(TrainKnown().outputs.output)

    assert typed().read() == build(3, 4).count_params()
