"""Wrong pipelines: what `when` is to decide by."""

from tests.unit.authoring.wrong.steps import add, is_large, maybe, number, split, wrong

from whence import pipeline, when


@wrong("WH233")
def number_as_a_condition():
    @pipeline
    def p():
        with when(number()):
            add(1)

    return p()


@wrong("WH233")
def value_as_a_condition():
    @pipeline
    def p():
        with when("yes"):
            add(1)

    return p()


@wrong("WH233")
def comparison_of_a_parameter_with_nothing():
    @pipeline
    def p(limit: int | None = None):
        with when(limit):
            add(1)

    return p()


@wrong("WH226")
def several_outputs_as_a_condition():
    @pipeline
    def p():
        with when(split()):
            add(1)

    return p()


@wrong("WH206")
def negated_output():
    @pipeline
    def p():
        with when(not is_large(1)):
            add(1)

    return p()


@wrong("WH223")
def condition_outside_of_a_body():
    with when(True):
        pass


@wrong("WH233", "WH204")
def other_faults_beside_a_wrong_condition():
    @pipeline
    def p():
        with when(number()):
            add(maybe())

    return p()
