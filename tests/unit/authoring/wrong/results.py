"""Wrong steps whose fault only a run shows: what they return, leave unwritten or call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from tests.unit.authoring.wrong.steps import inner, number

from whence import Output, pipeline, step
from whence.artifacts import ModelArtifact


@dataclass(frozen=True)
class RunCase:
    """A pipeline that only a run shows to be wrong: the code, and the step that fails."""

    code: str
    step: str
    run: Callable[[], Any]


RUN_CASES: list[RunCase] = []


def fails(code: str) -> Callable[[Any], Any]:
    """Enter a step that must fail, after one that must not."""

    def enter(wrong_step: Any) -> Any:
        @pipeline
        def p():
            number(1)
            wrong_step()

        RUN_CASES.append(RunCase(code, wrong_step.spec.name, p))
        return wrong_step

    return enter


@fails("WH301")
@step
def writes_nothing(model: Output[ModelArtifact]):
    pass


@fails("WH302")
@step
def text_for_number() -> int:
    return "three"


@fails("WH302")
@step
def truth_for_number() -> int:
    return True


@fails("WH302")
@step
def wrong_item() -> list[int]:
    return [1, "two"]


@fails("WH302")
@step
def too_few_outputs() -> tuple[Annotated[int, "first"], Annotated[int, "second"]]:
    return (1,)


@fails("WH302")
@step
def nothing_for_number() -> int:
    pass


@fails("WH303")
@step
def value_without_annotation():
    return 3


@fails("WH216")
@step
def calls_a_step() -> int:
    return number(3)


@fails("WH216")
@step
def calls_a_pipeline() -> int:
    return inner(3)


@fails("WH216")
@step
def runs_a_step() -> int:
    return number.run(3)
