"""What a pipeline takes, decided once when it is defined."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from whence.authoring.options import PipelineOptions
from whence.domain.frozen import frozen
from whence.graph.interface import MISSING


@frozen
class PipelineArgument:
    """One argument of a pipeline: a plain value, or a slot."""

    name: str
    annotation: Any
    default: Any = MISSING
    slot: Any = None  # the step definition that states a slot's interface

    @property
    def default_filler(self) -> Any:
        """What fills a slot that a call leaves out: its default, else its own step."""
        return self.slot if self.default is MISSING else self.default

    @property
    def required(self) -> bool:
        """Whether a call must give it; a slot left out is filled by its own step."""
        return self.default is MISSING and self.slot is None


@frozen
class PipelineSpec:
    """A pipeline: a function and its arguments."""

    name: str
    fn: Callable[..., Any]
    arguments: Mapping[str, PipelineArgument]
    place: str
    options: PipelineOptions = field(default_factory=PipelineOptions)
