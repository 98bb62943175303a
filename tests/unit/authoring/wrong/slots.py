"""Wrong pipelines: slots and what is to fill them."""

from tests.unit.authoring.wrong.steps import (
    add,
    evaluate,
    inner,
    number,
    split,
    text,
    total,
    train,
    wrong,
)

from whence import Input, Output, Step, pipeline, step
from whence.artifacts import DataArtifact


@step
def add_texts(left: str, right: int = 0) -> int:
    return 0


@step
def add_to_text(left: int, right: int = 0) -> str:
    return ""


@step
def add_scaled(left: int, scale: float, right: int = 0) -> int:
    return 0


@step
def add_named(first: int, right: int = 0) -> int:
    return 0


@step
def train_data(size: Input[int], model: Output[DataArtifact]):
    pass


@step
def halve(share: float = 0.5) -> int:
    return 0


@pipeline
def sums(adder: Step[add]):
    return total([adder(number(), right=1)])


@pipeline
def trains(trainer: Step[train] = train):
    return evaluate(trainer(number()))


@pipeline
def splits(splitter: Step[split]):
    made = splitter()
    return total(made.test)


@wrong("WH208")
def filler_of_another_argument_type():
    return sums(adder=add_texts)


@wrong("WH208")
def filler_of_another_output_type():
    return sums(adder=add_to_text)


@wrong("WH208")
def filler_that_misses_a_value():
    return sums(adder=add_scaled)


@wrong("WH208")
def filler_without_the_argument():
    return sums(adder=add_named)


@wrong("WH208")
def filler_of_another_artifact_type():
    return trains(trainer=train_data)


@wrong("WH208")
def filler_without_the_output():
    return splits(splitter=halve)


@wrong("WH208")
def filler_wrong_in_every_way():
    return sums(adder=evaluate)


@wrong("WH209")
def plain_function_as_filler():
    def my_sum(left: int, right: int) -> int:
        return left + right

    return sums(adder=my_sum)


@wrong("WH209")
def class_as_filler():
    return sums(adder=int)


@wrong("WH209")
def value_as_filler():
    return sums(adder="add")


@wrong("WH209")
def pipeline_as_filler():
    return sums(adder=inner)


@wrong("WH209")
def node_as_filler():
    @pipeline
    def p():
        sums(adder=add(1))

    return p()


@wrong("WH217")
def outputs_of_a_slot_called_twice():
    @pipeline
    def p(adder: Step[add]):
        adder(1)
        adder(2)
        total([adder.outputs.result])

    return p()


@wrong("WH202")
def slot_without_its_input():
    @pipeline
    def p(trainer: Step[train]):
        trainer(units=3)

    return p()


@wrong("WH202")
def untouched_slot_without_its_value():
    @pipeline
    def p(adder: Step[add]):
        number()

    return p()


@wrong("WH201")
def misspelt_argument_of_a_slot():
    @pipeline
    def p(adder: Step[add]):
        adder(1, rihgt=2)

    return p(adder=add.bind(right=3))


@wrong("WH201")
def misspelt_slot():
    return sums(addr=add)


@wrong("WH205")
def misspelt_output_of_a_slot():
    @pipeline
    def p(splitter: Step[split]):
        total(splitter.outputs.tranin)

    return p()


@wrong("WH204")
def slot_output_of_another_type():
    @pipeline
    def p(writer: Step[text]):
        add(writer())

    return p()


@wrong("WH208")
def nested_filler_that_does_not_fit():
    @pipeline
    def p(adder: Step[add]):
        return sums(adder=adder)

    return p(adder=add_named)


@wrong("WH204", "WH201", "WH209")
def three_faults_around_slots():
    @pipeline
    def p(adder: Step[add]):
        adder(text())

    return p(adder=3, subtractor=add)


@wrong("WH208", "WH208")
def two_fillers_that_do_not_fit():
    @pipeline
    def p(first: Step[add], second: Step[add]):
        first(number())
        second(first.outputs.result)

    return p(first=add_to_text, second=add_texts)


@wrong("WH222")
def unpacked_slot():
    @pipeline
    def p(splitter: Step[split]):
        first, second = splitter
        total(first)
        total(second)

    return p()


@wrong("WH204")
def model_of_a_slot_as_data():
    @step
    def weigh(data: Input[DataArtifact]) -> int:
        return 0

    @pipeline
    def p(trainer: Step[train]):
        trainer(1)
        weigh(trainer.outputs.model)

    return p()
