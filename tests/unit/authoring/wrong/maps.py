"""Wrong pipelines: steps and pipelines that are mapped over lists."""

import itertools
from pathlib import Path

from tests.unit.authoring.wrong.steps import (
    add,
    colours,
    evaluate,
    inner,
    judge,
    load,
    number,
    paint,
    quiet,
    split,
    text,
    texts,
    total,
    train,
    wrong,
)

from whence import Step, connect, pipeline


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


@wrong("WH230")
def map_over_an_output_that_is_no_list():
    @pipeline
    def p():
        add.map(number())

    return p()


@wrong("WH204")
def map_over_a_list_of_another_type():
    @pipeline
    def p():
        add.map(texts())

    return p()


@wrong("WH204")
def nested_body_that_takes_another_item():
    @pipeline
    def p():
        inner.map(texts())

    return p()


@wrong("WH203")
def known_list_beside_an_open_one():
    @pipeline
    def p():
        add.map(load(Path(__file__)), ["one", 2])

    return p()


@wrong("WH232")
def length_of_an_open_map():
    @pipeline
    def p():
        len(add.map(load(Path(__file__))))

    return p()


@wrong("WH232")
def loop_over_an_open_map():
    @pipeline
    def p():
        for each in add.map(load(Path(__file__))):
            add(each)

    return p()


@wrong("WH232")
def item_of_an_open_map():
    @pipeline
    def p():
        add(add.map(load(Path(__file__)))[0])

    return p()


@wrong("WH206")
def item_of_a_nested_body_as_a_value():
    @pipeline
    def judged(n: int):
        return add(n) if n > 3 else add(n, 1)

    @pipeline
    def p():
        judged.map(load(Path(__file__)))

    return p()


@wrong("WH204")
def open_results_for_one_number():
    @pipeline
    def p():
        add(add.map(load(Path(__file__))))

    return p()


@wrong("WH204")
def open_results_of_another_type():
    @pipeline
    def p():
        total(paint.map(colours()))

    return p()


@wrong("WH207")
def open_map_in_a_circle():
    @pipeline
    def p(summer: Step[total]):
        items = add.map(load(Path(__file__)), right=summer.outputs.result)
        summer(items)

    return p()


@wrong("WH204")
def results_of_which_some_may_be_missing():
    @pipeline
    def p():
        total(add.with_options(allow_failures=1).map([1, 2]))

    return p()


@wrong("WH106")
def failures_allowed_where_nothing_is_mapped():
    @pipeline
    def p():
        add.with_options(allow_failures=True)(1)

    return p()


@wrong("WH106")
def share_of_failures_above_one():
    return add.with_options(allow_failures=1.5)


@wrong("WH225", "WH210")
def map_to_be_connected():
    @pipeline
    def p():
        connect(train.map(load(Path(__file__))), evaluate)

    return p()
