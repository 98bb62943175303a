"""Orchestrators: where attempts of steps are made."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from whence.domain.attempts import AttemptId
from whence.domain.frozen import frozen
from whence.domain.resources import Capacity, Resources

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")
ResultT_co = TypeVar("ResultT_co", covariant=True)
JobT_contra = TypeVar("JobT_contra", contravariant=True)

LOG_LIMIT = 64 * 1024 * 1024
"""Bytes kept of what one attempt prints and logs; the rest is dropped, and the writer goes on."""

ReportProgress = Callable[[int, int | None], None]
"""Is told how many items of a step are done, and of how many if that is known."""


class Job(Protocol):
    """What one attempt works on; it can be pickled, and means the same in another process."""

    @property
    def can_be_stopped(self) -> bool:
        """Whether `stop` must be able to end the attempt while it runs."""
        ...

    @property
    def resources(self) -> Resources:
        """What the attempt needs of a machine."""
        ...

    @property
    def shared(self) -> Sequence[tuple[object, ...]]:
        """What many jobs have in common, in groups: each group is sent to a worker process once.

        The same object first in a group means the same group. Where a result holds a member of a
        group, it is again the very object that the job held.
        """
        ...


@frozen
class CodeRules:
    """What is to be known of code; *digest_of* is a function of a module, for workers call it."""

    is_own: Callable[[str], bool]  # whether a module is the user's own code
    digest_of: Callable[[tuple[object, ...]], str | None]  # of the code of a group of objects


class Execute(Protocol[JobT_contra, ResultT_co]):
    """What an orchestrator calls: a function of a module, which never raises an `Exception`."""

    def __call__(
        self, job: JobT_contra, report_progress: ReportProgress | None = None, /
    ) -> ResultT_co:
        """Make one attempt and return how it ended."""
        ...


@frozen
class Began:
    """An attempt is under way, in the process *pid* where that is another one."""

    attempt: AttemptId
    pid: int | None


@frozen
class Progressed:
    """An attempt said how far it is."""

    attempt: AttemptId
    done: int
    total: int | None


@frozen
class Printed:
    """An attempt wrote something, in a process whose words reach no terminal by themselves."""

    attempt: AttemptId
    text: str


@frozen
class Ended(Generic[ResultT]):
    """An attempt gave its result."""

    attempt: AttemptId
    result: ResultT


@frozen
class Lost:
    """An attempt gave no result: it was stopped, its process died, or it could not travel.

    *error* is what to raise for it, where more is known than the reason. *printed* is a file with
    what it wrote until then; who is told of it removes it.
    """

    attempt: AttemptId
    reason: str  # one or more sentences
    error: BaseException | None = None
    was_stopped: bool = False
    printed: Path | None = None


Notice = Began | Progressed | Printed | Ended[ResultT] | Lost


class Orchestrator(Protocol[JobT_contra, ResultT]):
    """Makes attempts somewhere: calls one function on each job, and hands back what happened.

    Every attempt that was started has exactly one end, `Ended` or `Lost`, and nothing is heard of
    it afterwards. One thread starts, waits and stops; `wake` may be called from anywhere.
    """

    @property
    def capacity(self) -> Capacity:
        """What attempts may use together."""
        ...

    def start(self, attempt: AttemptId, job: JobT_contra) -> None:
        """Accept an attempt, which may begin at once. Raises only where no attempt can be made."""
        ...

    def wait(self, timeout: float | None) -> Sequence[Notice[ResultT]]:
        """Return what has happened, as soon as something has; nothing after *timeout* seconds."""
        ...

    def stop(self, attempt: AttemptId) -> None:
        """End an attempt now, with all its processes; how it ended comes as a notice.

        An attempt that is over, or that was never started, is none to be stopped.
        """
        ...

    def wake(self) -> None:
        """Let `wait` return early, now or the next time; safe in signal handlers and threads."""
        ...

    def close(self) -> None:
        """Kill what runs, and leave nothing behind: no process, no file, no descriptor."""
        ...


@frozen
class Means(Generic[JobT, ResultT]):
    """What a run hands to the orchestrator that a URL names."""

    execute: Execute[JobT, ResultT]
    code: CodeRules
    folder: Path  # local; for what attempts write while they run
    observe: Callable[[Began | Progressed], None] | None = None  # of attempts in this very thread


class OpenOrchestrator(Protocol):
    """What the entry-point group `whence.orchestrators` maps a URL scheme to."""

    def __call__(self, url: str, means: Means[Any, Any], /) -> Orchestrator[Any, Any]:
        """Return the orchestrator at *url*. Raises a `StackError` for one that cannot be."""
        ...
