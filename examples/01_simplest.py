"""Three steps tied by data: a number, a model that is written to an artifact, a score."""

from sklearn.datasets import make_friedman1
from sklearn.ensemble import RandomForestRegressor

import whence
from whence import Input, Output, Step, pipeline, step
from whence.artifacts import ModelArtifact
from whence.materializers import SklearnMaterializer


@step
def SimplestStepEver(basic_param_1: int, basic_param_2: str) -> int:
    """Add a number and a text that is one."""
    return basic_param_1 + int(basic_param_2)


@step
def Train(size: Input[int], output_artifact: Output[ModelArtifact], trees: int = 8) -> None:
    """Fit a forest and write it where Whence says."""
    features, target = make_friedman1(n_samples=100 * size, random_state=0)
    forest = RandomForestRegressor(n_estimators=trees, random_state=0).fit(features, target)
    SklearnMaterializer().write(forest, output_artifact)


@step
def Evaluate(input_artifact: Input[ModelArtifact]) -> float:
    """Score the model on data that it has not seen."""
    model = SklearnMaterializer().read(input_artifact)
    return float(model.score(*make_friedman1(n_samples=500, random_state=1)))


@pipeline
def my_pipeline(
    step_1: Step[SimplestStepEver], step_2: Step[Train], step_3: Step[Evaluate]
) -> None:
    """Say which output goes where; the order of running follows."""
    step_2(size=step_1.outputs.result)
    step_3(input_artifact=step_2.outputs.output_artifact)


def main() -> None:
    """Run the pipeline with two parameter sets and compare."""
    size = SimplestStepEver(basic_param_1=2, basic_param_2="3")
    run_1 = my_pipeline(step_1=size, step_2=Train(trees=2), step_3=Evaluate)
    run_2 = my_pipeline(step_1=size, step_2=Train(trees=32), step_3=Evaluate)
    print(whence.compare(run_1, run_2))
    print("score:", run_2.steps.step_3.outputs.result.read())
    print("model:", run_2.steps["step_2"].outputs["output_artifact"].uri)


if __name__ == "__main__":
    main()
