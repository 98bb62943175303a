"""What an argument's annotation may say: `Input[T]`, `Output[A]`, `Step[X]`."""

from typing import Annotated, Any

from whence.authoring.places import calling_place
from whence.domain.frozen import frozen
from whence.errors import InvalidAnnotationError


@frozen
class InputMark:
    """An argument that must be connected to an artifact."""


@frozen
class OutputMark:
    """An argument that Whence hands in, to be written to."""


@frozen
class SlotAnnotation:
    """A pipeline's argument that any step with the interface of *step* can fill."""

    step: Any  # a StepDefinition

    def __call__(self) -> None:
        """Be callable: `typing` takes only callables for types."""


class Input:
    """`Input[T]`: an argument connected to an output, or to an artifact of an earlier run."""

    def __class_getitem__(cls, item: Any) -> Any:
        return Annotated[item, InputMark()]


class Output:
    """`Output[A]`: an artifact of type A, handed to the step to be written."""

    def __class_getitem__(cls, item: Any) -> Any:
        return Annotated[item, OutputMark()]


class Step:
    """`Step[X]`: a slot of a pipeline that any step with the interface of X can fill."""

    def __class_getitem__(cls, item: Any) -> Any:
        if not hasattr(item, "spec"):
            raise InvalidAnnotationError(
                where=calling_place(),
                subject=f"`Step[{getattr(item, '__name__', item)}]`",
                reason="`Step[...]` names a step, whose interface the slot has.",
                cure="Name a function decorated with `@step`, as in `Step[fit]`.",
            )
        return SlotAnnotation(item)
