"""The seed's form: steps that fill an `Output`, slots, connections by name and by type."""
# ruff: noqa: B008  # A slot's default filler is a configured step: its call runs nothing.

from typing import Annotated, Any

import whence
from whence import Input, Output, Run, Step, pipeline, step
from whence.artifacts import Artifact, DataArtifact, ModelArtifact


class Network:
    units: int = 0


class KerasMaterializer:
    format = "keras/1"

    def write(self, value: Network, artifact: Artifact, /) -> None:
        artifact.path.mkdir(parents=True, exist_ok=True)
        artifact.path.joinpath("units.txt").write_text(str(value.units))

    def read(self, artifact: Artifact, as_type: Any = None, /) -> Network:
        return Network()


@step
def SimplestStepEver(basic_param_1: int, basic_param_2: str) -> int:
    return basic_param_1 + int(basic_param_2)


@step
def Train(  # refused by mypy: --strict asks for a return annotation
    size: Input[int], output_artifact: Output[ModelArtifact], units: int = 8
):
    print(output_artifact.uri, output_artifact.path.name, size + units)
    KerasMaterializer().write(Network(), output_artifact)


@step
def Evaluate(input_artifact: Input[ModelArtifact]) -> float:
    model = KerasMaterializer().read(input_artifact)
    return float(model.units)


@step
def Export(model: Input[ModelArtifact], package: Annotated[Output[DataArtifact], "tar"]) -> None:
    package.path.joinpath("model.tar").write_bytes(model.read_file("units.txt"))


@pipeline
def my_pipeline(  # refused by mypy: --strict asks for a return annotation
    step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]
):
    step_2(size=step_1.outputs.result)
    step_3(input_artifact=step_2.outputs.output_artifact)


@pipeline
def tied_by_type(
    step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]
) -> None:
    step_2(size=step_1.outputs.result)
    whence.connect(step_2, step_3)


@pipeline
def with_default_filler(network: Step[Train] = Train(units=6)) -> float:
    trained = network(size=SimplestStepEver(1, "2"))
    return Evaluate(input_artifact=trained.outputs.output_artifact)


@pipeline
def without_slots() -> float:
    trained = Train(size=SimplestStepEver(basic_param_1=1, basic_param_2="2"), units=4)
    Export(model=trained.output_artifact)
    Export(model=trained.outputs["output_artifact"])
    return Evaluate(trained)


run_1 = my_pipeline(
    step_1=SimplestStepEver(basic_param_1=2, basic_param_2="3"),
    step_2=Train(units=8),
    step_3=Evaluate,
)
run_2 = my_pipeline(
    step_1=SimplestStepEver(basic_param_1=2, basic_param_2="3"),
    step_2=Train.bind(units=32),
    step_3=Evaluate,
)
print(whence.compare(run_1, run_2))
print(run_1.steps.step_3.outputs.result.read())
print(run_1.steps["step_2"].outputs["output_artifact"].uri)
network_1: Network = KerasMaterializer().read(run_1.steps.step_2.outputs.output_artifact)
free = DataArtifact("some/folder")
KerasMaterializer().write(network_1, free)

configured = Train(units=32)
print(configured, Train.describe(), SimplestStepEver.describe())
sum_1: int = SimplestStepEver.fn(2, "3")
Train.fn(3, ModelArtifact("some/folder"), units=2)
trained_alone: Run[Any] = Train.run(size=3)
summed_alone: Run[int] = SimplestStepEver.run(2, basic_param_2="3")
shape: Run[float] = without_slots()
score_1: float = without_slots().read()
score_2: float = with_default_filler(network=Train(units=2)).read()
print(tied_by_type(SimplestStepEver(1, "2"), Train, Evaluate).status)
