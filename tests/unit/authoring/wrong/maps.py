"""Wrong pipelines: steps and pipelines that are mapped over lists."""

import itertools

from tests.unit.authoring.wrong.steps import (
    add,
    inner,
    judge,
    number,
    quiet,
    split,
    text,
    total,
    train,
    wrong,
)

from whence import Step, pipeline


@wrong("WH230")
def map_over_a_text():
    @pipeline
    def p():
        add.map("123")

    return p()


@wrong("WH230")
def map_over_a_dict():
    @pipeline
    def p():
        add.map({"a": 1})

    return p()


@wrong("WH230")
def map_over_a_number():
    @pipeline
    def p():
        add.map(3)

    return p()


@wrong("WH230")
def map_over_a_set():
    @pipeline
    def p():
        add.map({1, 2})

    return p()


@wrong("WH230")
def map_without_end():
    @pipeline
    def p():
        add.map([1, 2], itertools.repeat(3))

    return p()


@wrong("WH230")
def map_over_a_step():
    @pipeline
    def p():
        add.map(number)

    return p()


@wrong("WH229")
def map_over_nothing():
    @pipeline
    def p():
        number()
        add.map(left=[1, 2])

    return p()


@wrong("WH231")
def lists_of_different_lengths():
    @pipeline
    def p():
        total(add.map([1, 2, 3], [1, 2]))

    return p()


@wrong("WH228")
def spread_and_given_whole():
    @pipeline
    def p():
        add.map([1, 2], left=3)

    return p()


@wrong("WH201")
def unknown_keyword_of_a_map():
    @pipeline
    def p():
        add.map([1, 2], rigth=3)

    return p()


@wrong("WH227")
def too_many_lists():
    @pipeline
    def p():
        add.map([1], [2], [3])

    return p()


@wrong("WH215")
def output_given_to_a_map():
    @pipeline
    def p():
        train.map([1], model="here")

    return p()


@wrong("WH203")
def one_item_of_another_type():
    @pipeline
    def p():
        add.map([1, 2, "three", 4])

    return p()


@wrong("WH203")
def many_items_of_another_type():
    @pipeline
    def p():
        add.map([str(n) for n in range(1_000)])

    return p()


@wrong("WH204")
def mapped_result_for_one_number():
    @pipeline
    def p():
        add(add.map([1, 2]))

    return p()


@wrong("WH204")
def mapped_result_of_another_type():
    @pipeline
    def p():
        total(text.map(["a", "b"]))

    return p()


@wrong("WH226")
def mapped_result_of_several_outputs():
    @pipeline
    def p():
        total(split.map([0.1, 0.2]))

    return p()


@wrong("WH205")
def unknown_output_of_a_map():
    @pipeline
    def p():
        total(split.map([0.1, 0.2]).outputs.tset)

    return p()


@wrong("WH226")
def result_of_an_effect():
    @pipeline
    def p():
        total(quiet.map([1, 2]))

    return p()


@wrong("WH202")
def mapped_without_a_required_argument():
    @pipeline
    def p():
        judge.map([train(1), train(2)])

    return p()


@wrong("WH203")
def wrong_item_of_a_mapped_pipeline():
    @pipeline
    def p():
        inner.map([1, "two", 3])

    return p()


@wrong("WH217")
def outputs_of_a_mapped_slot():
    @pipeline
    def p(adder: Step[add]):
        adder.map([1, 2])
        return adder.outputs.result

    return p()


@wrong("WH217")
def slot_mapped_after_its_outputs():
    @pipeline
    def p(adder: Step[add]):
        total([adder.outputs.result])
        adder.map([1, 2])

    return p()


@wrong("WH223")
def map_outside_of_a_body():
    return add.map([1, 2])


@wrong("WH223")
def pipeline_mapped_outside_of_a_body():
    return inner.map([1, 2])


@wrong("WH213")
def setting_of_a_map_that_is_not_there():
    @pipeline
    def p():
        add.map([1, 2])

    return p.bind(**{"ad.right": 3})()


@wrong("WH214")
def setting_of_what_a_map_spreads():
    @pipeline
    def p():
        add.map([1, 2])

    return p.bind(**{"add.left": 3})()
