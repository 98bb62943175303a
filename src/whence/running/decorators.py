"""`step` and `pipeline`: definitions that can also run."""

from collections.abc import Callable, Mapping
from typing import Any

from whence.authoring.annotations import names_around_caller
from whence.authoring.build_pipeline import build_plan
from whence.authoring.builder import current_builder
from whence.authoring.earlier_inputs import EarlierInputs
from whence.authoring.options import PipelineOptions, make_pipeline_options, make_step_options
from whence.authoring.pipeline_definition import PipelineDefinition, read_pipeline
from whence.authoring.pipeline_interface import PipelineSpec
from whence.authoring.places import calling_place
from whence.authoring.signature import read_step
from whence.authoring.step_definition import StepDefinition, refuse_inside_step
from whence.domain.ambient import Ambient
from whence.errors import CalledInBodyError, CalledWhileLoadingError
from whence.graph.interface import StepOptions
from whence.graph.plan import Plan

loading_file: Ambient[str] = Ambient("whence_loading_file")
"""The file that the command line is loading here: its definitions are wanted, not its runs."""


class RunnableStep(StepDefinition):
    """A step that can run by itself, as a pipeline of one."""

    def run(self, /, *args: Any, **kwargs: Any) -> Any:
        """Run this step with these arguments, recorded like any run, and return the run."""
        refuse_inside_step(self.spec.name, f"Use the bare function: `{self.spec.name}.fn(...)`.")
        if current_builder() is not None:
            raise CalledInBodyError(where=calling_place(), name=f"{self.spec.name}.run")
        spec = PipelineSpec(self.spec.name, lambda: self(*args, **kwargs), {}, calling_place())
        return _run(build_plan(spec, {}, (), {}), PipelineOptions())


class RunnablePipeline(PipelineDefinition):
    """A pipeline whose call runs it."""

    def plan(self, /, *args: Any, **kwargs: Any) -> Plan:
        """Return what a call would do: checked, and what of it would be reused; nothing runs."""
        from whence.running.forecast import forecast_plan  # noqa: PLC0415  # as heavy as running

        return forecast_plan(super().plan(*args, **kwargs), self.spec.options)

    def recall(self) -> EarlierInputs:
        """Return the earlier results that the run took from which this one is to go on."""
        if self.spec.options.resume is None:
            return EarlierInputs()
        from whence.history.references.earlier_results import recall_earlier_results  # noqa: PLC0415  # as above

        return recall_earlier_results(self.spec.options.resume)

    def start(self, plan: Plan) -> Any:
        """Run a plan of this pipeline and return the finished run."""
        return _run(plan, self.spec.options, self.spec)


def _run(plan: Plan, options: PipelineOptions, spec: PipelineSpec | None = None) -> Any:
    """Run a plan on the current stack; raise what its steps raised."""
    from whence.running.run_plan import run_plan  # noqa: PLC0415  # the means to run are heavier than definitions

    if loading_file.get() is not None:
        raise CalledWhileLoadingError(where=calling_place(), pipeline=plan.pipeline)
    return run_plan(plan, options, spec)


def step(fn: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a step of a typed function: `@step`, or `@step(register="delay")` with options.

    Raises a `DefinitionError` for a function that cannot be a step.
    """
    around = names_around_caller()

    def decorate(function: Callable[..., Any]) -> RunnableStep:
        name = getattr(function, "__name__", repr(function))
        return RunnableStep(
            read_step(function, make_step_options(StepOptions(), options, name), around)
        )

    return decorate if fn is None else decorate(fn)


def pipeline(fn: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Make a pipeline of a function whose body connects steps: `@pipeline`, or with options.

    Raises a `DefinitionError` for a function that cannot be a pipeline.
    """
    around: Mapping[str, Any] = names_around_caller()

    def decorate(function: Callable[..., Any]) -> RunnablePipeline:
        made = RunnablePipeline(read_pipeline(function, around))
        if not options:
            return made
        make_pipeline_options(PipelineOptions(), options, made.spec.name)
        return made.with_options(**options)

    return decorate if fn is None else decorate(fn)
