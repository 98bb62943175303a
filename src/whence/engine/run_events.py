"""The words between the state of a run and its driver: events go in, instructions come out."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from whence.domain.attempts import AttemptId
from whence.domain.frozen import frozen
from whence.domain.status import RunStatus, StepStatus
from whence.engine.step_rules import StepRules


class Verdict(Enum):
    """What a driver found when it was to decide a step."""

    COMPUTE = auto()  # nothing to reuse: an attempt is to be made
    REUSED = auto()  # an earlier result serves
    AWAITED = auto()  # somebody computes the same just now; it is decided again a little later
    NOT_TAKEN = auto()  # the flag of its branch is false
    FAILED = auto()  # it cannot even begin, say because a value that it takes cannot be stored


class AttemptEnd(Enum):
    """How an attempt ended."""

    COMPLETED = auto()
    FAILED = auto()
    LOST = auto()  # its process is gone
    CANCELLED = auto()  # it was interrupted where it ran


class StopCause(Enum):
    """Why an attempt is stopped."""

    TIMED_OUT = auto()
    CANCELLED = auto()


@frozen
class RunBegins:
    """The run is recorded; steps may start."""


@frozen
class StepDecided:
    """The answer to `DecideStep`; to `ExpandStep`, where the step is not taken or failed."""

    node: str
    verdict: Verdict


@frozen
class StepExpanded:
    """The answer to `ExpandStep`: the nodes of each item, by name, with their rules.

    Nodes may depend on one another, and on any node that is known, in any order but in no circle.
    """

    node: str
    items: Sequence[Mapping[str, StepRules]]


@frozen
class AttemptBegan:
    """An attempt that was started has begun to compute; its time counts from here."""

    attempt: AttemptId


@frozen
class AttemptEnded:
    """An attempt is over and holds no resources any more."""

    attempt: AttemptId
    end: AttemptEnd


@frozen
class TimePassed:
    """Nothing happened, but it is later now."""


@frozen
class CancelAsked:
    """Somebody wants the run to end early.

    What runs may finish and nothing more starts; asked a second time, or for *at_once*, what runs
    is stopped.
    """

    at_once: bool = False


Event = (
    RunBegins | StepDecided | StepExpanded | AttemptBegan | AttemptEnded | TimePassed | CancelAsked
)


@frozen
class DecideStep:
    """Find out whether this step is to be computed, and answer with `StepDecided`."""

    node: str


@frozen
class ExpandStep:
    """Make the items of this map and answer with `StepExpanded`: the list is there now."""

    node: str


@frozen
class StartAttempt:
    """Compute this step: what it needs is free, and is its own until `AttemptEnded`."""

    attempt: AttemptId


@frozen
class StopAttempt:
    """Stop this attempt; its end is still to be told."""

    attempt: AttemptId
    because: StopCause


@frozen
class RetryLater:
    """This attempt was in vain, and another is to follow at the moment *at*."""

    attempt: AttemptId
    at: float


@frozen
class EndStep:
    """This node has its end, which will not change.

    *because* names the node to which the end goes back: of a skipped step, what failed or was not
    taken; of a failed map, the first item that failed.
    """

    node: str
    status: StepStatus
    because: str | None = None


@frozen
class EndRun:
    """The run is over."""

    status: RunStatus


Instruction = DecideStep | ExpandStep | StartAttempt | StopAttempt | RetryLater | EndStep | EndRun
