"""A sweep: one pipeline run with many sets of parameters, what they share computed once."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whence.authoring.build_pipeline import build_plan
from whence.authoring.builder import current_builder
from whence.authoring.earlier_inputs import EarlierInputs
from whence.authoring.pipeline_definition import PipelineDefinition
from whence.authoring.places import calling_place
from whence.authoring.step_definition import refuse_inside_step
from whence.domain.annotations import SWEEP_TAG
from whence.domain.frozen import frozen
from whence.errors import (
    CalledInBodyError,
    DefinitionError,
    InvalidPipelineError,
    InvalidSweepError,
)
from whence.graph.plan import Plan
from whence.history.sweeps import Sweep, SweptVariant
from whence.running.forecast import forecast_plan
from whence.running.sweep_plan import SweepPlan, VariantPlan
from whence.running.variants import Values, read_variants, show_value
from whence.values.validation import describe_value

if TYPE_CHECKING:
    from whence.history.runs import Run


@frozen
class _Variant:
    """One variant, ready to run."""

    varied: Mapping[str, str]  # what varies, as it is shown
    pipeline: PipelineDefinition
    plan: Plan


class Sweeping:
    """Runs a pipeline with many sets of parameters; `whence.sweep` is the one there is."""

    def __call__(
        self, pipeline: Any, variants: Any, *, name: str | None = None, metric: str | None = None
    ) -> Sweep:
        """Run *pipeline* once for each variant and return all runs, those that failed as well.

        *variants* is a grid, `{"regressor.depth": [4, 8]}`, or a list of parameter sets; a slot
        varies by its steps. What several variants share is computed once, what is known already
        not at all: the same call goes on where an earlier one was cut short. Each run bears the
        tag `sweep:NAME`; without a *name* it is made of the pipeline and the variants. *metric*
        ranks them; else the first one that says which way is better does.

        Raises `InvalidSweepError`, and `InvalidPipelineError` with the faults of all variants
        before any of them runs. A variant that fails stops no other; if all do, an
        `ExceptionGroup` is raised, with the sweep as its `whence_sweep`.
        """
        swept = run_sweep(pipeline, variants, name=name, metric=metric)
        if len(swept.failures) == len(swept.variants):
            raise _all_failed(swept)
        return swept

    def plan(self, pipeline: Any, variants: Any, *, name: str | None = None) -> SweepPlan:
        """Return what a sweep would do, with what its variants share; nothing runs.

        Takes what a sweep takes, and raises what it raises before it runs anything.
        """
        ready = _prepare(pipeline, read_variants(variants), name)
        return SweepPlan(
            _name_of(ready[0]),
            tuple(
                VariantPlan(each.varied, forecast_plan(each.plan, each.pipeline.spec.options))
                for each in ready
            ),
        )


def run_sweep(
    pipeline: Any,
    variants: Any,
    *,
    name: str | None = None,
    metric: str | None = None,
    tell: Callable[[int, int, SweptVariant], None] | None = None,
) -> Sweep:
    """Run a sweep as `whence.sweep` does, and return it also where all of it failed.

    *tell* hears of each variant that has ended: its position, how many there are, and what came.
    """
    given = read_variants(variants)
    ready = _prepare(pipeline, given, name)
    swept: list[SweptVariant] = []
    for position, variant in enumerate(ready):
        swept.append(_run_variant(variant))
        if tell is not None:
            tell(position, len(ready), swept[-1])
    return Sweep(
        _name_of(ready[0]),
        swept,
        metric=metric,
        plan=lambda: sweep.plan(pipeline, given, name=name),
    )


def _prepare(pipeline: Any, variants: Sequence[Values], name: str | None) -> list[_Variant]:
    _check_pipeline(pipeline)
    tag = SWEEP_TAG + (name or _make_name(pipeline, variants))
    tagged = pipeline.with_options(tags=(*pipeline.spec.options.tags, tag))
    ready: list[_Variant] = []
    faults: dict[str, DefinitionError] = {}  # each once, however many variants have it
    earlier = EarlierInputs()  # one meaning for all variants
    for values in variants:
        try:
            ready.append(_prepare_variant(tagged, values, earlier))
        except InvalidPipelineError as error:
            faults.update((str(fault), fault) for fault in error.faults)
    if faults:
        subject = f"The sweep of pipeline '{pipeline.spec.name}'"
        raise InvalidPipelineError(
            subject=subject, where=pipeline.spec.place, faults=list(faults.values())
        )
    return ready


def _prepare_variant(
    pipeline: PipelineDefinition, values: Values, earlier: EarlierInputs
) -> _Variant:
    bound = pipeline.bind(**values)
    shown = {name: show_value(value) for name, value in values.items()}
    return _Variant(
        shown, bound, build_plan(bound.spec, bound.bound, (), {}, earlier.for_another_plan())
    )


def _check_pipeline(pipeline: Any) -> None:
    if not isinstance(pipeline, PipelineDefinition):
        raise InvalidSweepError(
            where=calling_place(),
            reason=f"{describe_value(pipeline)} is no pipeline.",
            cure="Give a pipeline, with what does not vary bound: "
            "`whence.sweep(delays.bind(data=...), {...})`.",
        )
    refuse_inside_step(pipeline.spec.name, "Sweep outside of steps.")
    if current_builder() is not None:
        raise CalledInBodyError(where=calling_place(), name="whence.sweep")


def _make_name(pipeline: PipelineDefinition, variants: Iterable[Values]) -> str:
    """Return a name that is the same for the same call, in every process."""
    shown = [
        sorted((name, show_value(value)) for name, value in values.items()) for values in variants
    ]
    digest = hashlib.blake2b(repr(shown).encode(errors="backslashreplace"), digest_size=4)
    return f"{pipeline.spec.name}-{digest.hexdigest()}"


def _name_of(variant: _Variant) -> str:
    return variant.pipeline.spec.options.tags[-1].removeprefix(SWEEP_TAG)


def _run_variant(variant: _Variant) -> SweptVariant:
    """Run one variant. Raises what is no failure of its own: an interrupt, an unusable store."""
    try:
        return SweptVariant(variant.varied, variant.pipeline.start(variant.plan))
    except Exception as error:
        run: Run[Any] | None = getattr(error, "whence_run", None)
        if run is None:
            raise
        return SweptVariant(variant.varied, run, error)


def _all_failed(sweep: Sweep) -> BaseException:
    failures = list(_different(sweep.failures.values()))
    message = f"all {len(sweep.variants)} variants of sweep '{sweep.name}' failed"
    group = ExceptionGroup(message, failures)
    group.whence_sweep = sweep  # pyright: ignore[reportAttributeAccessIssue]  # the promised attribute
    return group


def _different(errors: Iterable[Exception]) -> Iterator[Exception]:
    seen: set[str] = set()
    for error in errors:
        if repr(error) not in seen:
            seen.add(repr(error))
            yield error


sweep = Sweeping()
