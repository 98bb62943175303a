"""Steps as values: a definition, and a definition with some arguments bound."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn, Self

from whence.authoring.arguments import name_arguments, unknown_argument
from whence.authoring.builder import current_builder
from whence.authoring.options import make_step_options
from whence.authoring.places import calling_place
from whence.domain.ambient import running_step
from whence.domain.artifacts import Artifact
from whence.errors import (
    CalledInsideStepError,
    DefinitionError,
    InvalidParameterError,
    InvalidPipelineError,
    OutsideBodyError,
    UnplacedStepError,
)
from whence.graph.interface import Argument, StepSpec
from whence.values.validation import InvalidValueError, describe_value, validate_parameter

HOW_TO_RUN = "run it with .run(...), or place it in a pipeline"


class StepDefinition:
    """A step: a typed function that Whence can place, run and record.

    Calling it never runs it. In the body of a pipeline a call places a node and returns it;
    elsewhere it returns a configured step. The bare function is `fn`.
    """

    _whence_definition = True

    def __init__(self, spec: StepSpec, bound: Mapping[str, Any] | None = None) -> None:
        self.spec = spec
        self.bound: dict[str, Any] = dict(bound or {})
        self.__name__ = spec.name
        self.__doc__ = spec.fn.__doc__
        self.__module__ = spec.fn.__module__
        self.__qualname__ = spec.fn.__qualname__
        self.__wrapped__ = spec.fn

    @property
    def fn(self) -> Callable[..., Any]:
        """The bare function, for tests and for use inside other steps."""
        return self.spec.fn

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Place a node in the body of a pipeline; elsewhere return a configured step."""
        if running_step.get_here() is not None:
            refuse_inside_step(
                self.spec.name, f"Use the bare function: `{self.spec.name}.fn(...)`."
            )
        builder = current_builder()
        if builder is not None:
            return builder.place(self, args, kwargs)
        return self.bind(*args, **kwargs)

    def map(self, /, *lists: Any, **whole: Any) -> Any:
        """Place a node for each item of the lists, taken side by side as by Python's `map`.

        What is given by keyword goes whole to every item. The result is the list of results.
        """
        refuse_inside_step(self.spec.name, f"Call the bare function: `{self.spec.name}.fn(...)`.")
        builder = current_builder()
        if builder is None:
            raise OutsideBodyError(where=calling_place(), name=f"{self.spec.name}.map")
        return builder.map(self, lists, whole)

    def bind(self, /, *args: Any, **kwargs: Any) -> Self:
        """Return this step with some arguments bound; it does not run.

        Raises `InvalidPipelineError` with every fault of what was given.
        """
        given, faults = name_arguments(self.spec, args, kwargs)
        faults += _find_faults(self.spec, given)
        builder = current_builder()
        if builder is not None:
            builder.faults += faults  # so that the body goes on, and shows its other faults
        elif faults:
            subject = f"The call of step '{self.spec.name}'"
            raise InvalidPipelineError(subject=subject, where=calling_place(), faults=faults)
        known = {name: value for name, value in given.items() if name in self.spec.arguments}
        return self._copy(self.spec, {**self.bound, **known})

    def with_options(self, **options: Any) -> Self:
        """Return this step with other options: `name`, `register`, `cache`, `resources`, ...

        Raises `InvalidOptionError` or `UnknownOptionError`.
        """
        changed = make_step_options(self.spec.options, options, self.spec.name)
        return self._copy(replace(self.spec, options=changed), self.bound)

    def describe(self) -> str:
        """Return what the step takes and gives, and how each output is stored."""
        return self.spec.describe()

    def _copy(self, spec: StepSpec, bound: Mapping[str, Any]) -> Self:
        return type(self)(spec, bound)

    def __repr__(self) -> str:
        if not self.bound:
            return f"<step {self.spec.name} ({self.spec.place}), not run: {HOW_TO_RUN}>"
        bound = ", ".join(f"{name}={describe_plainly(value)}" for name, value in self.bound.items())
        return f"{self.spec.name}({bound})  # configured, not run: {HOW_TO_RUN}"

    def _refuse(self, use: str) -> NoReturn:
        raise UnplacedStepError(where=calling_place(), use=use, kind="Step", name=self.spec.name)

    @property
    def outputs(self) -> NoReturn:
        """Refuse: only a node, placed in a body, has outputs."""
        self._refuse("for its `.outputs`")

    def __iter__(self) -> NoReturn:
        self._refuse("in an unpacking or a loop")

    def __bool__(self) -> bool:
        return True


def describe_plainly(value: Any) -> str:
    """Return a value for a repr, without its type."""
    return describe_value(value).rpartition(" (")[0] or repr(value)


def refuse_inside_step(name: str, cure: str) -> None:
    """Raise `CalledInsideStepError` if a step is running."""
    running = running_step.get_here()
    if running is not None:
        raise CalledInsideStepError(where=calling_place(), name=name, running=running, cure=cure)


def _find_faults(spec: StepSpec, given: Mapping[str, Any]) -> list[DefinitionError]:
    """Return the faults of what was bound, as far as they can be seen without a pipeline."""
    place = calling_place()
    faults: list[DefinitionError] = []
    for name in given:
        argument = spec.arguments.get(name)
        if argument is None:
            known = [each.name for each in spec.callable_arguments]
            faults.append(unknown_argument("Step", spec.name, name, known, place))
        elif (fault := _value_fault(spec, argument, given[name], place)) is not None:
            faults.append(fault)
    return faults


def _value_fault(
    spec: StepSpec, argument: Argument, value: Any, place: str
) -> DefinitionError | None:
    if current_builder() is not None:
        return None  # checked with the pipeline, where the step is placed
    if isinstance(value, StepDefinition):
        use = f"as argument '{argument.name}' of '{spec.name}'"
        return UnplacedStepError(where=place, use=use, kind="Step", name=value.spec.name)
    if argument.artifact_type is not None or isinstance(value, Artifact):
        return None  # checked with the pipeline
    try:
        validate_parameter(value, argument.annotation)
    except InvalidValueError as error:
        return InvalidParameterError(
            where=place,
            argument=argument.name,
            name=spec.name,
            value=describe_value(value),
            reason=error.reason,
            cure=f"Pass a value that fits `{argument}`.",
        )
    return None
