"""Wrong pipelines: values of parameters, nodes taken for values, settings and options."""

import re
from pathlib import Path

from tests.unit.authoring.wrong.steps import (
    add,
    inner,
    load,
    number,
    paint,
    quiet,
    split,
    takes_all,
    text,
    total,
    train,
    wrong,
)

from whence import pipeline, step


def refused(use):
    """Return a pipeline whose body does something with a node."""

    @pipeline
    def p():
        use(number())

    return p


@wrong("WH203")
def bool_for_int():
    return add.bind(left=True)


@wrong("WH203")
def float_for_int():
    @pipeline
    def p():
        add(1.5)

    return p()


@wrong("WH203")
def digits_for_int():
    @pipeline
    def p():
        add("3")

    return p()


@wrong("WH203")
def int_for_text():
    @pipeline
    def p():
        text(3)

    return p()


@wrong("WH203", "WH203", "WH203", "WH203")
def four_wrong_values():
    @pipeline
    def p():
        takes_all(flag=1, share=True, names=["a", 2], text=None)

    return p()


@wrong("WH203")
def unknown_member():
    @pipeline
    def p():
        paint("rde")

    return p()


@wrong("WH203")
def missing_file():
    @pipeline
    def p():
        load("no/such/file.csv")

    return p()


@wrong("WH203")
def missing_default_file():
    @step
    def read(path: Path = Path("no/such/default.csv")) -> int:
        return 1

    @pipeline
    def p():
        read()

    return p()


@wrong("WH203")
def wrong_pipeline_parameter():
    return inner("one")


@wrong("WH221")
def value_without_materializer():
    @step
    def search(pattern: object) -> int:
        return 1

    @pipeline
    def p():
        search(re.compile("a"))

    return p()


@wrong("WH206")
def node_as_condition():
    @pipeline
    def p():
        if number():
            quiet()

    return p()


@wrong("WH206")
def node_compared():
    @pipeline
    def p():
        if number() > 3:
            quiet()

    return p()


@wrong("WH206")
def node_equal():
    return refused(lambda node: node == 3)()


@wrong("WH206")
def node_measured():
    return refused(len)()


@wrong("WH206")
def node_added():
    return refused(lambda node: node + 1)()


@wrong("WH206")
def node_added_from_the_right():
    return refused(lambda node: 1 - node)()


@wrong("WH206")
def node_shifted():
    return refused(lambda node: node << 1)()


@wrong("WH206")
def node_negated():
    return refused(lambda node: -node)()


@wrong("WH206")
def node_indexed():
    return refused(lambda node: node[0])()


@wrong("WH206")
def node_item_set():
    def use(node):
        node["a"] = 1

    return refused(use)()


@wrong("WH206")
def node_attribute():
    return refused(lambda node: node.shape)()


@wrong("WH206")
def node_iterated():
    return refused(list)()


@wrong("WH206")
def node_unpacked():
    def use(node):
        a, b = node
        return a, b

    return refused(use)()


@wrong("WH206")
def node_formatted():
    return refused(lambda node: f"{node}")()


@wrong("WH206")
def node_called():
    return refused(lambda node: node())()


@wrong("WH206")
def node_searched():
    return refused(lambda node: 3 in node)()


@wrong("WH206")
def node_entered():
    def use(node):
        with node:
            pass

    return refused(use)()


@wrong("WH206")
def node_as_float():
    return refused(float)()


@wrong("WH206")
def node_as_index():
    return refused(lambda node: [1, 2][node])()


@wrong("WH206")
def node_rounded():
    return refused(round)()


@wrong("WH206")
def output_as_value():
    @pipeline
    def p():
        if split().train[0]:
            quiet()

    return p()


@wrong("WH206")
def node_of_several_out_of_range():
    @pipeline
    def p():
        total(split()[2])

    return p()


@wrong("WH219")
def no_steps():
    @pipeline
    def p(n: int):
        pass

    return p(3)


@wrong("WH220")
def plain_value_returned():
    @pipeline
    def p():
        number()
        return 3

    return p()


@wrong("WH220")
def plain_value_among_outputs():
    @pipeline
    def p():
        return {"number": number(), "answer": 42}

    return p()


@wrong("WH213")
def setting_of_an_unknown_node():
    @pipeline
    def p():
        split()

    return p(**{"splti.share": 0.1})


@wrong("WH201")
def setting_of_an_unknown_argument():
    @pipeline
    def p():
        split()

    return p.bind(**{"split.shaer": 0.1})()


@wrong("WH214")
def setting_of_a_bound_argument():
    @pipeline
    def p():
        split(share=0.2)

    return p(**{"split.share": 0.1})


@wrong("WH215")
def setting_of_an_output():
    @pipeline
    def p():
        train(number())

    return p(**{"train.model": 1})


@wrong("WH203")
def setting_of_the_wrong_type():
    @pipeline
    def p():
        split()

    return p(**{"split.share": "much"})


@wrong("WH213", "WH108")
def options_of_unknown_nodes():
    @pipeline
    def p():
        number()

    return p.with_options(steps={"numbr": {"cache": False}, "number": {"cahce": False}})()


@wrong("WH108")
def unknown_option():
    return number.with_options(nmae="one")


@wrong("WH106")
def wrong_option():
    return number.with_options(cache="sometimes")


@wrong("WH106", "WH106")
def two_wrong_options():
    return number.with_options(retries=-3, name="a.b")


@wrong("WH212")
def two_nodes_of_one_name():
    @pipeline
    def p():
        number.with_options(name="source")()
        number.with_options(name="source")()

    return p()


@wrong("WH224")
def run_in_a_body():
    @pipeline
    def p():
        number.run()

    return p()


@wrong("WH227", "WH203", "WH201")
def three_faults_of_binding():
    return add.bind(1.5, 2, 3, middle=4)


@wrong("WH206", "WH203")
def wrong_parameter_and_node_as_value():
    @pipeline
    def p(n: int):
        if number(n) > 3:
            quiet()

    return p("three")


@wrong("WH204", "WH203", "WH214", "WH213")
def values_and_settings():
    @pipeline
    def p():
        total([split().train, 3])
        load("no/such/file.csv")
        split(share=0.1)

    return p(**{"split_2.share": 0.2, "split_3.share": 0.3})


@wrong("WH201", "WH203")
def wrong_binding_in_a_body():
    @pipeline
    def p():
        configured = add.bind(left="one", middle=2)
        configured()

    return p()
