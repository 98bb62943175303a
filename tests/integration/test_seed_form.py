"""The seed's form: slots, `Input` and `Output` artifacts, materializers in and outside steps."""

import numpy as np

import whence
from whence import Input, Output, Step, connect, pipeline, step
from whence.artifacts import Artifact, DataArtifact, ModelArtifact
from whence.materializers import NumpyMaterializer


@step
def SimplestStepEver(basic_param_1: int, basic_param_2: str) -> int:
    return basic_param_1 + int(basic_param_2)


@step
def Train(size: Input[int], output_artifact: Output[ModelArtifact], units: int = 8):
    assert output_artifact.path.is_dir()
    NumpyMaterializer().write(np.full(size, units), output_artifact)


@step
def Evaluate(input_artifact: Input[ModelArtifact]) -> float:
    return float(NumpyMaterializer().read(input_artifact).sum())


@pipeline
def my_pipeline(step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]):
    step_2(size=step_1.outputs.result)
    step_3(input_artifact=step_2.outputs.output_artifact)


def run_with(units: int):
    """Run the seed's pipeline."""
    return my_pipeline(
        step_1=SimplestStepEver(basic_param_1=2, basic_param_2="3"),
        step_2=Train(units=units),
        step_3=Evaluate,
    )


def test_the_same_pipeline_runs_with_different_parameters():
    """A pipeline is defined once; each run supplies the parameters."""
    run_1, run_2 = run_with(8), run_with(32)

    assert run_1.steps.step_3.outputs.result.read() == 40.0
    assert run_2.steps.step_3.outputs.result.read() == 160.0
    assert run_1.status == "completed"


def test_outputs_are_there_after_the_run():
    """What a step wrote to an `Output` is a stored artifact of the declared type."""
    run = run_with(8)
    artifact = run.steps["step_2"].outputs["output_artifact"]

    assert isinstance(artifact, ModelArtifact)
    assert artifact.uri.startswith("file://")
    assert NumpyMaterializer().read(artifact).tolist() == [8] * 5
    assert artifact.producer.node == "step_2"
    assert [step.node for step in artifact.consumers] == ["step_3"]


def test_a_comparison_names_what_differs():
    """Comparing two runs shows the parameter that was changed and the result that moved."""
    text = str(whence.compare(run_with(8), run_with(32)))

    assert "step_2.units" in text
    assert "32" in text
    assert "160" in text


def test_any_step_with_the_same_interface_fits_a_slot():
    """A slot takes another step of the same interface."""

    @step
    def TrainDoubled(size: Input[int], output_artifact: Output[ModelArtifact], units: int = 8):
        NumpyMaterializer().write(np.full(size, 2 * units), output_artifact)

    run = my_pipeline(
        step_1=SimplestStepEver(basic_param_1=2, basic_param_2="3"),
        step_2=TrainDoubled,
        step_3=Evaluate,
    )

    assert run.steps.step_3.outputs.result.read() == 80.0
    assert run.steps.step_2.step == "TrainDoubled"


def test_connect_ties_steps_by_artifact_type():
    """`connect` finds the one output of the type that an open input takes."""

    @pipeline
    def by_type(step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]):
        step_2(size=step_1.outputs.result)
        connect(step_2, step_3)

    run = by_type(step_1=SimplestStepEver(basic_param_1=1, basic_param_2="1"))

    assert run.steps.step_3.outputs.result.read() == 16.0


def test_files_of_several_kinds_make_one_artifact():
    """An artifact is a folder: a step may write any files and folders into it."""

    @step
    def write_report(report: Output[DataArtifact]):
        (report.path / "text.txt").write_text("fine")
        (report.path / "parts").mkdir()
        (report.path / "parts" / "one.bin").write_bytes(b"\x00\x01")

    @step
    def read_report(report: Input[Artifact]) -> int:
        return len((report.path / "parts" / "one.bin").read_bytes())

    @pipeline
    def reporting():
        return read_report(write_report().outputs.report)

    run = reporting()

    assert run.read() == 2
    artifact = run.steps.write_report.outputs.report
    assert (artifact.path / "text.txt").read_text() == "fine"
    assert not artifact.path.joinpath("text.txt").stat().st_mode & 0o222


def test_a_materializer_works_outside_steps(project):
    """A free artifact is a folder anywhere; `write` makes it and `read` reads it."""
    artifact = DataArtifact(project / "some" / "folder")

    NumpyMaterializer().write(np.arange(3), artifact)

    assert NumpyMaterializer().read(DataArtifact(project / "some" / "folder")).tolist() == [0, 1, 2]


def test_an_artifact_of_an_earlier_run_is_an_input():
    """An input may be connected to what an earlier run made; its producer stays known."""
    earlier = run_with(8)

    @pipeline
    def later():
        return Evaluate(input_artifact=earlier.steps.step_2.outputs.output_artifact)

    run = later()

    assert run.read() == 40.0
    assert run.steps.Evaluate.inputs.input_artifact.producer.run.id == earlier.id


def test_the_users_own_files_are_an_input(project):
    """A free artifact given for an input is copied into the store, so that it cannot change."""
    mine = ModelArtifact(project / "mine")
    NumpyMaterializer().write(np.ones(3), mine)

    run = Evaluate.run(input_artifact=mine)
    NumpyMaterializer().write(np.zeros(3), mine)

    assert run.read() == 3.0
    assert NumpyMaterializer().read(run.steps.Evaluate.inputs.input_artifact).sum() == 3.0
