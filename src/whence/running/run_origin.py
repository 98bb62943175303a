"""How a run was started, as far as it takes to start one like it from its record alone."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, field
from pathlib import Path
from types import FunctionType
from typing import Any

from whence.authoring.options import PipelineOptions
from whence.authoring.pipeline_interface import PipelineSpec
from whence.authoring.step_definition import StepDefinition
from whence.domain.frozen import frozen
from whence.errors import NotStorableError
from whence.graph.plan import Plan
from whence.values.typed_json import encode


@frozen
class FillerOrigin:
    """A step that filled a slot."""

    target: str  # `FILE:STEP` or `module:STEP`
    arguments: Mapping[str, str]  # what it was configured with, as typed JSON


@frozen
class RunOrigin:
    """A pipeline, and what its call gave."""

    folder: str  # the working directory, which relative paths start from
    target: str | None  # `FILE:PIPELINE` or `module:PIPELINE`; None where neither names it
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])  # typed JSON texts
    fillers: Mapping[str, FillerOrigin] = field(default_factory=dict[str, FillerOrigin])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    lost: tuple[str, ...] = ()  # arguments that no record can give again

    def to_json(self) -> str:
        """Return the origin as text; `parse_origin` gives it back."""
        return json.dumps(asdict(self), separators=(",", ":"))


def parse_origin(text: str) -> RunOrigin:
    """Return the origin that was written by `to_json`."""
    facts: dict[str, Any] = json.loads(text)
    fillers = {name: FillerOrigin(**each) for name, each in facts["fillers"].items()}
    return RunOrigin(
        facts["folder"],
        facts["target"],
        facts["arguments"],
        fillers,
        facts["options"],
        tuple(facts["lost"]),
    )


def describe_origin(plan: Plan, spec: PipelineSpec) -> RunOrigin:
    """Return how the run of a plan is started."""
    fillers = dict(_describe_fillers(plan))
    values = [name for name, value in plan.given.items() if not isinstance(value, StepDefinition)]
    arguments = {name: plan.parameters[name] for name in values if name in plan.parameters}
    return RunOrigin(
        folder=str(Path.cwd()),
        target=find_target(spec.fn),
        arguments=arguments,
        fillers=fillers,
        options=_describe_options(spec.options),
        lost=tuple(name for name in plan.given if name not in arguments and name not in fillers),
    )


def _describe_options(options: PipelineOptions) -> dict[str, Any]:
    named = {"name": options.name, "tags": list(options.tags), "refresh": list(options.refresh)}
    given = {name: value for name, value in named.items() if value}
    return given if options.cache is None else {**given, "cache": options.cache}


def _describe_fillers(plan: Plan) -> Iterator[tuple[str, FillerOrigin]]:
    for slot, filler in plan.given.items():
        if isinstance(filler, StepDefinition):
            target = find_target(filler.fn)
            arguments = _encode_all(filler.bound)
            if target is not None and arguments is not None:
                yield slot, FillerOrigin(target, arguments)


def _encode_all(values: Mapping[str, Any]) -> dict[str, str] | None:
    try:
        return {name: encode(value) for name, value in values.items()}
    except NotStorableError:
        return None


def find_target(fn: Any) -> str | None:
    """Return what names a function's definition in a later process, or None.

    One in a package goes by its module, so that its own imports hold; others by their file.
    """
    if not isinstance(fn, FunctionType) or "<locals>" in fn.__qualname__:
        return None
    module = _find_module(fn)
    if "." in module:
        return f"{module}:{fn.__name__}"
    file = Path(fn.__code__.co_filename)
    return f"{file.absolute()}:{fn.__name__}" if file.suffix == ".py" and file.is_file() else None


def _find_module(fn: FunctionType) -> str:
    if fn.__module__ != "__main__":
        return fn.__module__
    spec = getattr(sys.modules["__main__"], "__spec__", None)  # of `python -m package.module`
    return "__main__" if spec is None else str(spec.name)
