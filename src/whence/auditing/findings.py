"""What an audit finds, in words: what it is, where it happened and what to do about it."""

from dataclasses import dataclass, field
from enum import StrEnum

from whence.domain.frozen import frozen


class FindingKind(StrEnum):
    """What makes a stored result doubtful."""

    OUTPUT = "output"  # two runs gave different contents
    PARAMETER = "parameter"  # the pipeline's body gave the step different values
    FILE = "file"
    FOLDER = "folder"
    ENVIRONMENT = "environment"
    CLOCK = "clock"
    RANDOMNESS = "randomness"
    NETWORK = "network"
    PROCESS = "process"
    FAILURE = "failure"  # the step failed, so that it could not be audited to the end


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that was found of a step; *subject* is what differed, was read or was raised."""

    kind: FindingKind
    subject: str
    place: str | None = None  # `file:line` in the user's own code
    fix: str = ""

    @property
    def sentence(self) -> str:
        """What was found, to stand behind the name of the step."""
        where = f" ({self.place})" if self.place else ""
        return _SENTENCES[self.kind].format(subject=self.subject, where=where)


@frozen
class StepAudit:
    """What was found of one step."""

    node: str
    step: str
    findings: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()  # what the step itself declares by not being reused
    excuse: str | None = None  # what it declares
    not_audited: str | None = None  # why not


@frozen
class Audit:
    """What was found of a pipeline."""

    pipeline: str
    steps: tuple[StepAudit, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many things were found."""
        return sum(len(step.findings) for step in self.steps)

    @property
    def is_clean(self) -> bool:
        """Whether every step was audited and nothing was found."""
        return not self.count and all(step.not_audited is None for step in self.steps)


_SENTENCES = {
    FindingKind.OUTPUT: "output {subject} differs between two runs",
    FindingKind.PARAMETER: "parameter {subject} differs between two runs",
    FindingKind.FILE: "reads {subject}{where}, which no key covers",
    FindingKind.FOLDER: "lists the folder {subject}{where}, which no key covers",
    FindingKind.ENVIRONMENT: "reads {subject} from the environment{where}, which no key covers",
    FindingKind.CLOCK: "reads the clock by {subject}{where}, which no key covers",
    FindingKind.RANDOMNESS: "draws random numbers by {subject}{where}, which no key covers",
    FindingKind.NETWORK: "reaches {subject} over the network{where}, which no key covers",
    FindingKind.PROCESS: "starts {subject}{where}; what that reads cannot be seen",
    FindingKind.FAILURE: "{subject}{where}",
}

FIXES = {
    FindingKind.OUTPUT: "look for the order of a set, a draw without a seed, the clock, or what "
    "one step leaves in memory for another; if it is meant to differ, say cache=False",
    FindingKind.PARAMETER: "let the body of the pipeline compute the same value in every process",
    FindingKind.FILE: "take it as a Path parameter",
    FindingKind.FOLDER: "take it as a Path parameter",
    FindingKind.ENVIRONMENT: "declare it: @step(env=[{subject!r}]), or secrets=[{subject!r}]; or "
    "take it as a parameter",
    FindingKind.CLOCK: "take the moment as a parameter; measure durations by time.perf_counter",
    FindingKind.RANDOMNESS: "take a seed as a parameter: random.Random(seed), "
    "numpy.random.default_rng(seed), random_state=seed",
    FindingKind.NETWORK: 'say cache=False, or cache="1d" where a day old is good enough',
    FindingKind.PROCESS: "take what it tells as a parameter or input, or say cache=False",
    FindingKind.FAILURE: "make the step run, then audit again",
}
"""What to do about each kind; `{subject}` is filled in."""


def make_finding(
    kind: FindingKind, subject: str, place: str | None = None, fix: str | None = None
) -> Finding:
    """Return a finding with the fix of its kind, unless a better one is known."""
    return Finding(kind, subject, place, fix or FIXES[kind].format(subject=subject))
