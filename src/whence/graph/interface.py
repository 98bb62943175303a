"""What a step takes and gives, decided once when it is defined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final

from whence.domain.artifacts import Artifact
from whence.domain.frozen import frozen
from whence.domain.metrics import Metric
from whence.domain.resources import Resources
from whence.domain.retries import NO_RETRIES, Retries
from whence.interfaces.materializer import Materializer
from whence.values.type_forms import runtime_class, type_name


def artifact_class(annotation: Any) -> type[Artifact] | None:
    """Return the type of artifact that an annotation names, if it names one."""
    cls = runtime_class(annotation)
    return cls if cls is not None and issubclass(cls, Artifact) else None


class Missing:
    """The default of an argument that has none; there is one in each process."""

    def __reduce__(self) -> str:
        return "MISSING"

    def __repr__(self) -> str:
        return "required"


MISSING: Final = Missing()


class ArgumentKind(StrEnum):
    """How an argument of a step comes by its value."""

    PLAIN = "plain"  # bound to a value it is a parameter, bound to an output it is an input
    INPUT = "input"  # `Input[T]`: always an artifact
    OUTPUT = "output"  # `Output[A]`: handed in by Whence


class ReturnForm(StrEnum):
    """How a step's return value holds its outputs."""

    NOTHING = "nothing"
    SINGLE = "single"
    SEVERAL = "several"  # a tuple or NamedTuple, one element for each output


@frozen
class Argument:
    """One argument of a step."""

    name: str
    annotation: Any
    kind: ArgumentKind
    default: Any = MISSING
    artifact_type: type[Artifact] | None = None  # where the argument is the artifact itself

    @property
    def required(self) -> bool:
        """Whether it must be bound or connected."""
        return self.kind is not ArgumentKind.OUTPUT and self.default is MISSING

    @property
    def _shown_default(self) -> str:
        return str(self.default) if isinstance(self.default, Enum) else repr(self.default)

    def __str__(self) -> str:
        shown = type_name(self.artifact_type or self.annotation)
        if self.kind is not ArgumentKind.PLAIN:
            shown = f"{self.kind.value.capitalize()}[{shown}]"
        return f"{self.name}: {shown}" + (
            "" if self.default is MISSING else f" = {self._shown_default}"
        )


@frozen
class OutputSpec:
    """One output of a step."""

    name: str
    artifact_type: type[Artifact]
    annotation: Any = (
        None  # of the value; None for an `Output[A]`, whose value is the step's own affair
    )
    materializer: Materializer | None = None
    metric: Metric | None = None
    model_name: str | None = None
    handed_in: bool = False  # an `Output[A]` argument, not a return value

    @property
    def format(self) -> str | None:
        """The format it is stored in, where that is known."""
        return self.materializer.format if self.materializer is not None else None

    @property
    def type_shown(self) -> str:
        """Its type, as a person would write it."""
        return type_name(self.artifact_type if self.handed_in else self.annotation)

    def __str__(self) -> str:
        stored = self.format or "files of its own"
        return f"{self.name}: {self.type_shown} ({self.artifact_type.__name__}, {stored})"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """How a step is to be run and recorded, apart from what it computes."""

    name: str | None = None
    register: str | None = None
    cache: bool | str | None = None
    allow_failures: bool | float = False  # of a map: all, a largest count, or as a float a share
    resources: Resources = field(default_factory=Resources)
    retries: Retries = NO_RETRIES
    timeout: float | None = None  # seconds, of each attempt
    env: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


def _may_take_none(annotation: Any) -> bool:
    return any(word in repr(annotation) for word in ("None", "Optional", "Any", "object"))


@frozen
class StepSpec:
    """A step: a function and its interface."""

    name: str
    fn: Callable[..., Any]
    arguments: Mapping[str, Argument]
    outputs: Mapping[str, OutputSpec]
    return_form: ReturnForm
    place: str  # file:line of the definition
    options: StepOptions = field(default_factory=StepOptions)
    named_tuple: Any = None  # the class that the step returns, where that is a NamedTuple
    callable_arguments: tuple[Argument, ...] = field(init=False, repr=False, compare=False)
    """The arguments that a caller may give, in order."""
    required_arguments: frozenset[str] = field(init=False, repr=False, compare=False)
    """Those of them that must be bound or connected."""
    takers_of_none: frozenset[str] = field(init=False, repr=False, compare=False)
    """The arguments that may take None, as a whole or somewhere in them; sure of all others."""

    def __post_init__(self) -> None:
        every = self.arguments.values()
        callable_arguments = tuple(each for each in every if each.kind is not ArgumentKind.OUTPUT)
        required = frozenset(each.name for each in every if each.required)
        takers = frozenset(each.name for each in every if _may_take_none(each.annotation))
        object.__setattr__(self, "callable_arguments", callable_arguments)
        object.__setattr__(self, "required_arguments", required)
        object.__setattr__(self, "takers_of_none", takers)

    def describe(self) -> str:
        """Return the interface for people: arguments, then outputs and how they are stored."""
        lines = [f"step {self.name} ({self.place})"]
        lines += [f"  takes {argument}" for argument in self.callable_arguments]
        lines += [f"  gives {output}" for output in self.outputs.values()]
        if not self.outputs:
            lines.append("  gives nothing: it runs for its effect")
        return "\n".join(lines)
