"""The types of what `import whence` offers: what checkers and editors are told.

A step is declared as a class, so that `Step[fit]` can stand in an annotation; its instances are
never seen, for a call gives what the step returns. That is how a pipeline's body reads: a node is
typed as the value it stands for.
"""
# ruff: noqa: PYI021  # Editors show these docstrings: the module itself loads its names lazily.

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    ParamSpec,
    TypeAlias,
    TypedDict,
    TypeVar,
    Unpack,
    overload,
)

from whence import errors as errors
from whence.authoring.branching import when as when
from whence.authoring.connecting import connect as connect
from whence.authoring.markers import InputMark, OutputMark
from whence.authoring.remote_files import find_remote_file as file
from whence.domain.metrics import Metric as Metric
from whence.domain.remote_files import RemoteFile as File
from whence.domain.resources import Resources as Resources
from whence.domain.retries import Retries as Retries
from whence.domain.status import RunStatus
from whence.domain.version import __version__ as __version__
from whence.engine.checkpoints import checkpoint as checkpoint
from whence.engine.checkpoints import last_checkpoint as last_checkpoint
from whence.engine.step_context import log_artifact as log_artifact
from whence.engine.step_context import log_metadata as log_metadata
from whence.engine.step_context import log_metric as log_metric
from whence.engine.step_context import log_metrics as log_metrics
from whence.engine.step_context import progress as progress
from whence.graph.plan import Plan as Plan
from whence.history.accepted_changes import AcceptanceList
from whence.history.accepted_changes import accept as accept
from whence.history.accepted_changes import withdraw as withdraw
from whence.history.cancel_run import cancel as cancel
from whence.history.comparing.compare_runs import compare as compare
from whence.history.models.lists import list_models as models
from whence.history.models.promoting import promote as promote
from whence.history.models.promoting import rollback as rollback
from whence.history.models.versions import ModelVersion as ModelVersion
from whence.history.models.versions import find_model as model
from whence.history.references.earlier_results import find_artifact as artifact
from whence.history.runs import Run as Run
from whence.history.searching.moments import Moment as _Moment
from whence.history.searching.run_list import RunList
from whence.history.step_reasons import Why
from whence.history.sweeps import Sweep as Sweep
from whence.running.debugging import debug as debug
from whence.running.replay import Replay as Replay
from whence.running.resume_run import resume as resume
from whence.running.sweep_plan import SweepPlan as SweepPlan
from whence.running.sweeping import sweep as sweep

__all__ = [
    "File",
    "Input",
    "Metric",
    "ModelVersion",
    "Output",
    "Plan",
    "Replay",
    "Resources",
    "Retries",
    "Run",
    "Step",
    "Sweep",
    "SweepPlan",
    "__version__",
    "accept",
    "acceptances",
    "artifact",
    "cancel",
    "checkpoint",
    "compare",
    "connect",
    "debug",
    "errors",
    "file",
    "last_checkpoint",
    "log_artifact",
    "log_metadata",
    "log_metric",
    "log_metrics",
    "model",
    "models",
    "pipeline",
    "progress",
    "promote",
    "resume",
    "rollback",
    "run",
    "runs",
    "step",
    "sweep",
    "when",
    "why",
    "withdraw",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)
_S = TypeVar("_S", bound=_ValueStep[..., Any] | _EffectStep[...])
_T = TypeVar("_T")

_Names: TypeAlias = list[str] | tuple[str, ...]  # Not Sequence: a `str` would be one.

_Allowance: TypeAlias = bool | float  # of failed items: all, a largest count, or a share

class _StepOptions(TypedDict, total=False):
    name: str
    register: str
    retries: int | Retries
    timeout: float | str
    cache: bool | str
    resources: Resources | Mapping[str, Any]
    env: _Names
    secrets: _Names

class _PipelineOptions(TypedDict, total=False):
    name: str
    tags: _Names
    cache: bool
    refresh: _Names
    resume: Run[Any] | str
    steps: Mapping[str, _StepOptions]
    workers: int

class _Mapped(list[_R]):
    """The results of a map: a list of what stands for them."""

    @property
    def outputs(self) -> _Outputs:
        """The results by output: a list for each."""

class _ValueStep(Generic[_P, _R_co]):
    """A step that returns a value: a call has its own signature, and its result's type."""

    def __new__(cls, *args: _P.args, **kwargs: _P.kwargs) -> _R_co:
        """Place a node in the body of a pipeline; elsewhere return a configured step."""

    @classmethod
    def map(cls, first: Iterable[Any], /, *lists: Iterable[Any], **whole: Any) -> _Mapped[_R_co]:
        """Place a node for each item of the lists; what goes by keyword is given to all."""

    @classmethod
    def bind(cls, *args: Any, **kwargs: Any) -> type[_ValueStep[..., _R_co]]:
        """Return this step with some arguments bound; it does not run."""

    @overload
    @classmethod
    def with_options(
        cls, *, allow_failures: _Allowance, **options: Unpack[_StepOptions]
    ) -> type[_TolerantStep[_P, _R_co]]: ...
    @overload
    @classmethod
    def with_options(cls, **options: Unpack[_StepOptions]) -> type[_ValueStep[_P, _R_co]]:
        """Return this step with other options."""

    @classmethod
    def run(cls, *args: _P.args, **kwargs: _P.kwargs) -> Run[_R_co]:
        """Run this step by itself, recorded like any run, and return the run."""

    @staticmethod
    def fn(*args: _P.args, **kwargs: _P.kwargs) -> _R_co:
        """Call the bare function: nothing is recorded."""

    @classmethod
    def describe(cls) -> str:
        """Return what the step takes and gives, and how each output is stored."""

class _CoroutineStep(_ValueStep[_P, _R_co]):
    """A step that is `async def`: as any other, but for its bare function."""

    @staticmethod
    def fn(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # to be awaited
        *args: _P.args, **kwargs: _P.kwargs
    ) -> Coroutine[Any, Any, _R_co]:
        """Call the bare function: nothing is recorded."""

class _TolerantStep(_ValueStep[_P, _R_co]):
    """A step of which items of a map may fail: the results of these are None."""

    @classmethod
    def map(  # pyright: ignore[reportIncompatibleMethodOverride]  # it says so, for its users to see
        cls, first: Iterable[Any], /, *lists: Iterable[Any], **whole: Any
    ) -> _Mapped[_R_co | None]:
        """Place a node for each item of the lists; what goes by keyword is given to all."""

class _EffectStep(Generic[_P]):
    """A step that returns nothing; loosely typed, so that a call may leave its outputs out."""

    def __new__(cls, *args: Any, **kwargs: Any) -> _Node:
        """Place a node in the body of a pipeline; elsewhere return a configured step."""

    @classmethod
    def map(cls, first: Iterable[Any], /, *lists: Iterable[Any], **whole: Any) -> _MappedNode:
        """Place a node for each item of the lists; what goes by keyword is given to all."""

    @classmethod
    def bind(cls, *args: Any, **kwargs: Any) -> type[_EffectStep[...]]:
        """Return this step with some arguments bound; it does not run."""

    @classmethod
    def with_options(
        cls, *, allow_failures: _Allowance = ..., **options: Unpack[_StepOptions]
    ) -> type[_EffectStep[_P]]:
        """Return this step with other options."""

    @classmethod
    def run(cls, *args: Any, **kwargs: Any) -> Run[Any]:
        """Run this step by itself, recorded like any run, and return the run."""

    @staticmethod
    def fn(*args: _P.args, **kwargs: _P.kwargs) -> Any:
        """Call the bare function: nothing is recorded."""
        # Any: checkers take a function that returns Any for one that returns nothing.
    @classmethod
    def describe(cls) -> str:
        """Return what the step takes and gives, and how each output is stored."""

class _Outputs:
    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, name: str) -> Any: ...

class _Node(Any):
    """A step placed in a pipeline; it stands for its only output, whose type is not known here."""

    def __iter__(self) -> Iterator[Any]: ...
    @property
    def outputs(self) -> _Outputs:
        """The node's outputs, by name."""

class _MappedNode(Any):
    """The results of a map of a step whose outputs' types are not known here."""

    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Any: ...
    @property
    def outputs(self) -> _Outputs:
        """The results by output: a list for each."""

class _Slot(Generic[_S]):
    """What the body of a pipeline sees of a slot: it is called like the step it is named after."""

    @property
    def outputs(self) -> _Outputs:
        """The outputs of the slot's node, which this reserves if it is not placed yet."""

    @overload
    def __call__(self: _Slot[_EffectStep[_P]], *args: Any, **kwargs: Any) -> _Node: ...
    @overload
    def __call__(self: _Slot[_ValueStep[_P, _R]], *args: _P.args, **kwargs: _P.kwargs) -> _R: ...
    @overload
    def map(
        self: _Slot[_EffectStep[_P]],
        first: Iterable[Any],
        /,
        *lists: Iterable[Any],
        **whole: Any,
    ) -> _MappedNode: ...
    @overload
    def map(
        self: _Slot[_ValueStep[_P, _R]],
        first: Iterable[Any],
        /,
        *lists: Iterable[Any],
        **whole: Any,
    ) -> _Mapped[_R]: ...

Input: TypeAlias = Annotated[_T, InputMark()]
Output: TypeAlias = Annotated[_T, OutputMark()]
Step: TypeAlias = _Slot[_S] | Any  # Any: a filler is checked against its slot when it is given.

class _StepDecorator:
    @overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]  # as at `step`
        self, fn: Callable[_P, None], /
    ) -> type[_EffectStep[_P]]: ...
    @overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]  # as at `step`
        self, fn: Callable[_P, Coroutine[Any, Any, None]], /
    ) -> type[_EffectStep[_P]]: ...
    @overload
    def __call__(
        self, fn: Callable[_P, Coroutine[Any, Any, _R]], /
    ) -> type[_CoroutineStep[_P, _R]]: ...
    @overload
    def __call__(self, fn: Callable[_P, _R], /) -> type[_ValueStep[_P, _R]]: ...

@overload
def step(  # pyright: ignore[reportOverlappingOverload]  # None comes first: it is no value to pass on
    fn: Callable[_P, None], /
) -> type[_EffectStep[_P]]:
    """Make a step of a typed function: `@step`, or `@step(register="delay")` with options."""

@overload
def step(fn: Callable[_P, Coroutine[Any, Any, None]], /) -> type[_EffectStep[_P]]:  # pyright: ignore[reportOverlappingOverload]  # as above
    """Make a step of a typed function: `@step`, or `@step(register="delay")` with options."""

@overload
def step(fn: Callable[_P, Coroutine[Any, Any, _R]], /) -> type[_CoroutineStep[_P, _R]]:
    """Make a step of a typed function: `@step`, or `@step(register="delay")` with options."""

@overload
def step(fn: Callable[_P, _R], /) -> type[_ValueStep[_P, _R]]:
    """Make a step of a typed function: `@step`, or `@step(register="delay")` with options."""

@overload
def step(**options: Unpack[_StepOptions]) -> _StepDecorator:
    """Make a step of a typed function: `@step`, or `@step(register="delay")` with options."""

class _PipelineCall(Run[_R_co], Any):
    """The finished run; in the body of another pipeline, what the nested body returned.

    Checkers cannot know which: it fits everywhere, as the value that it may stand for.
    """

    def __iter__(self) -> Iterator[Any]: ...

class _Pipeline(Generic[_P, _R_co]):
    """A pipeline: it defines how steps are connected; a run supplies the parameters."""

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _PipelineCall[_R_co]:
        """Run the pipeline and return the finished run; in another pipeline's body, nest it."""

    def map(self, first: Iterable[Any], /, *lists: Iterable[Any], **whole: Any) -> _Mapped[_R_co]:
        """Nest the pipeline for each item of the lists; what goes by keyword is given to all."""

    def plan(self, *args: _P.args, **kwargs: _P.kwargs) -> Plan:
        """Return what a call with these arguments would do, checked, without running it."""

    def bind(self, *args: Any, **kwargs: Any) -> _Pipeline[..., _R_co]:
        """Return this pipeline with some arguments bound; nothing runs."""

    @overload
    def with_options(
        self, *, allow_failures: _Allowance, **options: Unpack[_PipelineOptions]
    ) -> _TolerantPipeline[_P, _R_co]: ...
    @overload
    def with_options(self, **options: Unpack[_PipelineOptions]) -> _Pipeline[_P, _R_co]:
        """Return this pipeline with other options."""

    def fn(self, *args: _P.args, **kwargs: _P.kwargs) -> _R_co:
        """Call the bare function whose body ties the steps."""

class _TolerantPipeline(_Pipeline[_P, _R_co]):
    """A pipeline of which items of a map may fail: the results of these are None."""

    def map(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        self, first: Iterable[Any], /, *lists: Iterable[Any], **whole: Any
    ) -> _Mapped[_R_co | None]:
        """Nest the pipeline for each item of the lists; what goes by keyword is given to all."""

class _PipelineDecorator:
    def __call__(self, fn: Callable[_P, _R], /) -> _Pipeline[_P, _R]: ...

@overload
def pipeline(fn: Callable[_P, _R], /) -> _Pipeline[_P, _R]:
    """Make a pipeline of a function whose body connects steps: `@pipeline`, or with options."""

@overload
def pipeline(**options: Unpack[_PipelineOptions]) -> _PipelineDecorator:
    """Make a pipeline of a function whose body connects steps: `@pipeline`, or with options."""

_Status: TypeAlias = RunStatus | Literal["running", "completed", "failed", "cancelled", "crashed"]

def run(key: str) -> Run[Any]:
    """Return a run by its id, by the last 6 or more characters of that, or by its name.

    Of several runs of one name it is the newest.
    """

def runs(
    *,
    pipeline: str | None = None,
    status: _Status | None = None,
    tag: str | Sequence[str] = (),
    name: str | None = None,
    model: str | None = None,
    note: str | None = None,
    since: _Moment | None = None,
    until: _Moment | None = None,
    parameters: Mapping[str, Any] | None = None,
    where: str | Sequence[str] = (),
    order: str = "-started",
    before: Run[Any] | str | None = None,
    limit: int | None = 50,
) -> RunList:
    """Return runs, at most *limit* of them, that meet everything that is given.

    *where* has conditions on metrics and parameters, such as `"rmse<3.2"` or `"fit.depth>=4"`;
    *parameters* are those that have just these values. *since* and *until* are moments, dates, or
    how far back, such as `"7d"`. *tag* is a tag or several, *note* a part of a note, *model* one
    that they made: `"delay"`, or a version of it as `"delay@3"`. *order* is `started`, `duration`,
    a metric or a parameter, with `-` before it from the largest down. *before* is the last run of
    the page before this one.
    """

def acceptances(*, withdrawn: bool = False) -> AcceptanceList:
    """Return the changes that are held to be harmless, oldest first; on demand also past ones."""

def why(run: Run[Any] | str, step: str) -> Why:
    """Return why a step of a run ran, or was reused: what changed since the nearest earlier run.

    The run is given as such, or as `whence.run` finds it; the step by its node.
    """
