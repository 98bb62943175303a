"""Wrong pipelines: what nodes are connected to."""

from tests.unit.authoring.wrong.steps import (
    add,
    evaluate,
    inner,
    judge,
    maybe,
    number,
    prepare,
    quiet,
    split,
    text,
    texts,
    total,
    train,
    wrong,
)

from whence import Step, connect, pipeline
from whence.artifacts import DataArtifact, ModelArtifact


@wrong("WH204")
def text_for_number():
    @pipeline
    def p():
        add(text())

    return p()


@wrong("WH204")
def optional_for_plain():
    @pipeline
    def p():
        add(maybe())

    return p()


@wrong("WH204")
def items_of_another_type():
    @pipeline
    def p():
        total(texts())

    return p()


@wrong("WH204")
def one_for_many():
    @pipeline
    def p():
        total(number())

    return p()


@wrong("WH204")
def wrong_item_among_nodes():
    @pipeline
    def p():
        total([number(), text(), number()])

    return p()


@wrong("WH203")
def wrong_value_among_nodes():
    @pipeline
    def p():
        total([number(), "three"])

    return p()


@wrong("WH204")
def nodes_for_one_number():
    @pipeline
    def p():
        add([number(), number()])

    return p()


@wrong("WH204")
def data_for_model():
    @pipeline
    def p():
        evaluate(prepare())

    return p()


@wrong("WH204")
def value_output_for_model():
    @pipeline
    def p():
        evaluate(number())

    return p()


@wrong("WH204")
def unknown_files_for_value():
    @pipeline
    def p():
        add(prepare())

    return p()


@wrong("WH204")
def plain_value_for_model():
    @pipeline
    def p():
        evaluate(model=3)

    return p()


@wrong("WH204")
def own_data_for_model():
    @pipeline
    def p():
        evaluate(DataArtifact("folder"))

    return p()


@wrong("WH204")
def own_files_for_value():
    @pipeline
    def p():
        add(DataArtifact("folder"))

    return p()


@wrong("WH204")
def list_for_model():
    @pipeline
    def p():
        evaluate([train(number()), ModelArtifact("folder")])

    return p()


@wrong("WH204")
def wrong_node_for_nested_pipeline():
    @pipeline
    def p():
        inner(text())

    return p()


@wrong("WH202")
def input_not_connected():
    @pipeline
    def p():
        train(units=3)

    return p()


@wrong("WH202")
def argument_missing():
    @pipeline
    def p():
        add(right=1)

    return p()


@wrong("WH202")
def pipeline_argument_missing():
    return inner()


@wrong("WH202")
def nested_argument_missing():
    @pipeline
    def p():
        inner()

    return p()


@wrong("WH201")
def misspelt_argument():
    @pipeline
    def p():
        add(1, rigth=2)

    return p()


@wrong("WH201")
def misspelt_pipeline_argument():
    return inner(1, strat=2)


@wrong("WH205")
def misspelt_output():
    @pipeline
    def p():
        total(split().outputs.tran)

    return p()


@wrong("WH205")
def misspelt_attribute():
    @pipeline
    def p():
        total(split().tset)

    return p()


@wrong("WH226")
def several_outputs_for_one():
    @pipeline
    def p():
        total(split())

    return p()


@wrong("WH226")
def no_output_for_one():
    @pipeline
    def p():
        add(quiet())

    return p()


@wrong("WH227")
def too_many_by_position():
    @pipeline
    def p():
        add(1, 2, 3, 4)

    return p()


@wrong("WH227")
def too_many_for_a_pipeline():
    return inner(1, 2)


@wrong("WH228")
def by_position_and_by_name():
    @pipeline
    def p():
        add(1, left=2)

    return p()


@wrong("WH215")
def output_passed_by_the_caller():
    @pipeline
    def p():
        train(number(), model=ModelArtifact("folder"))

    return p()


@wrong("WH222")
def bare_step_for_node():
    @pipeline
    def p():
        add(number)

    return p()


@wrong("WH222")
def configured_step_for_node():
    @pipeline
    def p():
        add(number.bind(n=2))

    return p()


@wrong("WH222")
def slot_for_node():
    @pipeline
    def p(source: Step[number]):
        add(source)

    return p()


@wrong("WH222")
def pipeline_for_node():
    @pipeline
    def p():
        add(inner)

    return p()


@wrong("WH222")
def outputs_of_a_bare_step():
    @pipeline
    def p():
        add(number.outputs.result)

    return p()


@wrong("WH222")
def output_of_a_slot_without_outputs():
    @pipeline
    def p(source: Step[number]):
        add(source.result)

    return p()


@wrong("WH222")
def step_returned():
    @pipeline
    def p():
        number()
        return add

    return p()


@wrong("WH218")
def node_of_another_pipeline():
    kept = []

    @pipeline
    def first():
        kept.append(number())

    @pipeline
    def second():
        add(kept[0])

    first.plan()
    return second()


@wrong("WH207")
def circle_through_slots():
    @pipeline
    def p(first: Step[add], second: Step[add]):
        first(left=second.outputs.result)
        second(left=first.outputs.result)

    return p()


@wrong("WH207")
def circle_of_one():
    @pipeline
    def p(first: Step[add]):
        first(first.outputs.result)

    return p()


@wrong("WH210")
def nothing_to_connect():
    @pipeline
    def p():
        connect(number, evaluate)

    return p()


@wrong("WH211")
def several_to_connect():
    @pipeline
    def p():
        first = train(1)
        second = train(2)
        connect(first, second, evaluate)

    return p()


@wrong("WH225")
def connecting_what_is_no_step():
    @pipeline
    def p():
        connect(number, "evaluate")

    return p()


@wrong("WH210", "WH211")
def nothing_and_several_to_connect():
    @pipeline
    def p():
        first = prepare()
        second = prepare()
        connect(first, evaluate)
        connect(first, second, train(1), judge)

    return p()


@wrong("WH201", "WH204", "WH202", "WH205", "WH226")
def five_faults_of_connections():
    @pipeline
    def p():
        add(1, rigth=2)
        add(text())
        train()
        total(split().outputs.tests)
        total(split())

    return p()


@wrong("WH204", "WH204", "WH207")
def types_and_circles():
    @pipeline
    def p(first: Step[add], second: Step[add]):
        add(text())
        total(maybe())
        first(left=second.outputs.result)
        second(left=first.outputs.result)

    return p()


@wrong("WH227", "WH228", "WH215")
def three_faults_of_calling():
    @pipeline
    def p():
        add(1, 2, 3)
        add(1, left=2)
        train(number(), model=ModelArtifact("folder"))

    return p()
