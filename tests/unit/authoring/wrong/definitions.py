"""Wrong definitions: what cannot be a step or a pipeline in the first place."""

import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

from tests.unit.authoring.wrong.steps import number, wrong

from whence import Input, Output, Step, pipeline, step
from whence.artifacts import DataArtifact, ModelArtifact


@wrong("WH101")
def argument_without_annotation():
    @step
    def fit(depth) -> int:
        return 1


@wrong("WH101", "WH101", "WH104")
def three_faults_of_arguments():
    @step
    def fit(depth, width, *more: int) -> int:
        return 1


@wrong("WH104")
def keyword_arguments():
    @step
    def fit(**settings: int) -> int:
        return 1


@wrong("WH104")
def positional_only_arguments():
    @pipeline
    def fits(depth: int, /):
        number(depth)


@wrong("WH105")
def input_with_default():
    @step
    def fit(depth: Input[int] = 3) -> int:
        return 1


@wrong("WH105")
def output_with_default():
    @step
    def fit(model: Output[ModelArtifact] = None):
        pass


@wrong("WH105")
def output_of_a_value():
    @step
    def fit(model: Output[int]):
        pass


@wrong("WH105")
def mark_inside_a_type():
    @step
    def fit(depths: list[Input[int]]) -> int:
        return 1


@wrong("WH105")
def step_as_annotation():
    @pipeline
    def fits(source: number):
        source()


@wrong("WH105")
def value_as_annotation():
    @step
    def fit(depth: 3) -> int:
        return 1


@wrong("WH105")
def slot_in_a_step():
    @step
    def fit(source: Step[number]) -> int:
        return 1


@wrong("WH105")
def input_of_a_pipeline():
    @pipeline
    def fits(depth: Input[int]):
        number(depth)


@wrong("WH105")
def slot_of_what_is_no_step():
    @pipeline
    def fits(source: Step[int]):
        source()


@wrong("WH209")
def default_filler_that_is_no_step():
    @pipeline
    def fits(source: Step[number] = 3):
        source()


@wrong("WH102")
def annotation_that_names_nothing():
    @step
    def fit(depth: "Dpeth") -> int:  # noqa: F821  # the fault
        return 1


@wrong("WH103")
def output_without_materializer():
    @step
    def find() -> re.Match:
        return None


@wrong("WH101", "WH103")
def materializer_and_annotation():
    @step
    def find(words) -> re.Pattern:
        return None


@wrong("WH105")
def returned_artifact():
    @step
    def fit() -> ModelArtifact:
        return DataArtifact("folder")


@wrong("WH105")
def output_name_that_is_none():
    @step
    def fit() -> Annotated[int, "the answer"]:
        return 1


@wrong("WH107")
def two_outputs_of_one_name():
    @step
    def fit(model: Output[ModelArtifact]) -> Annotated[int, "model"]:
        return 1


@wrong("WH103", "WH103")
def fields_without_materializer():
    class Found(NamedTuple):
        first: re.Match
        second: re.Match
        third: int

    @step
    def find() -> Found:
        return None


@wrong("WH100")
def class_as_step():
    @step
    class Fit:
        pass


@wrong("WH100")
def generator_as_step():
    @step
    def fit() -> Iterator[int]:
        yield 1


@wrong("WH100")
def coroutine_as_pipeline():
    @pipeline
    async def training():
        return number()


@wrong("WH100")
def lambda_as_step():
    step(lambda: 3)


@wrong("WH100")
def step_as_pipeline():
    pipeline(number)


@wrong("WH108")
def unknown_option_of_a_definition():
    @step(chace=False)
    def fit() -> int:
        return 1


@wrong("WH106")
def wrong_tags():
    @pipeline(tags="nightly")
    def fits():
        number()
