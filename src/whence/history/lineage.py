"""What an artifact was made from, back to the first inputs."""

from collections.abc import Iterator, Mapping

from whence.caching.past_runs import find_acceptances_used
from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, RunId, StepRunId, short_id
from whence.domain.records import (
    AcceptanceRecord,
    ArtifactRecord,
    StepArtifacts,
    StepRunRecord,
)
from whence.history.reports.quantities import format_size
from whence.history.reports.why_report import describe_acceptance
from whence.interfaces.metadata_store import MetadataStore

MOST_ARTIFACTS = 200
"""How many artifacts one lineage shows at most."""


@frozen
class LineageInput:
    """An artifact as an argument of the step run that took it."""

    argument: str
    lineage: "Lineage"


@frozen
class Lineage:
    """An artifact, the step run that made it, and the same of each of that one's inputs.

    `print(lineage)` shows the tree. An artifact that is used twice is taken further only once.
    """

    artifact: ArtifactRecord
    step: StepRunRecord | None = None  # None for a value that was handed to a run
    inputs: tuple[LineageInput, ...] = ()
    shown_above: bool = False  # its inputs stand elsewhere in the tree
    cut: bool = False  # it has inputs that are not shown, for there are too many artifacts
    acceptances: tuple[AcceptanceRecord, ...] = ()  # by which it was reused where it was met

    def __str__(self) -> str:
        return "\n".join(_draw(self, "", "", ""))

    __repr__ = __str__


def trace_lineage(
    store: MetadataStore, artifact: ArtifactRecord, run_id: RunId | None = None
) -> Lineage:
    """Return the lineage of an artifact as *run_id* met it; each run on the way is read once.

    Where a run reused an artifact because a change of code was accepted, it is told who did so.
    """
    return _Tracer(store).trace(artifact, run_id or artifact.run_id)


class _Tracer:
    def __init__(self, store: MetadataStore) -> None:
        self._store = store
        self._order: list[ArtifactRecord] = []  # each before its inputs
        self._parents: dict[ArtifactId, ArtifactId] = {}  # under which each is shown in full
        self._made: dict[ArtifactId, Lineage] = {}
        self._met_in: dict[ArtifactId, RunId] = {}  # which may have reused it from another run
        self._steps: dict[str, dict[StepRunId, StepRunRecord]] = {}
        self._artifacts: dict[str, Mapping[StepRunId, StepArtifacts]] = {}

    def trace(self, artifact: ArtifactRecord, run_id: RunId) -> Lineage:
        """Follow the inputs; no recursion, since a lineage may be very long."""
        self._met_in[artifact.id] = run_id
        self._walk(artifact)
        for each in reversed(self._order):
            inputs = [
                LineageInput(argument, self._refer(source, each))
                for argument, source in self._inputs_of(each)
            ]
            self._made[each.id] = Lineage(
                each, self._step_of(each), tuple(inputs), acceptances=self._acceptances_of(each)
            )
        return self._made[artifact.id]

    def _walk(self, artifact: ArtifactRecord) -> None:
        met: set[ArtifactId] = set()
        waiting = [artifact]
        while waiting and len(self._order) < MOST_ARTIFACTS:
            current = waiting.pop()
            if current.id in met:
                continue
            met.add(current.id)
            self._order.append(current)
            run_id = self._met_in[current.id] if self._reusing(current) else current.run_id
            for _, source in reversed(list(self._inputs_of(current))):
                if source.id not in met:
                    self._parents[source.id] = current.id
                    self._met_in[source.id] = run_id
                    waiting.append(source)

    def _refer(self, source: ArtifactRecord, taker: ArtifactRecord) -> Lineage:
        """Return the lineage of an input: in full at one place, elsewhere by its name."""
        made = self._made.get(source.id)
        if made is not None and self._parents.get(source.id) == taker.id:
            del self._parents[source.id]
            return made
        has_inputs = any(True for _ in self._inputs_of(source))
        was_met = any(source.id == each.id for each in self._order)
        return Lineage(
            source,
            self._step_of(source),
            shown_above=has_inputs and was_met,
            cut=has_inputs and not was_met,
        )

    def _reusing(self, artifact: ArtifactRecord) -> StepRunRecord | None:
        """Return the step run that reused an artifact where it was met, if one did."""
        run_id = self._met_in[artifact.id]
        if artifact.step_run_id is None or run_id == artifact.run_id:
            return None
        steps = self._steps_of(run_id).values()
        return next((step for step in steps if step.reused_from == artifact.step_run_id), None)

    def _acceptances_of(self, artifact: ArtifactRecord) -> tuple[AcceptanceRecord, ...]:
        reusing = self._reusing(artifact)
        return find_acceptances_used(reusing, self._store) if reusing is not None else ()

    def _step_of(self, artifact: ArtifactRecord) -> StepRunRecord | None:
        if artifact.step_run_id is None:
            return None
        return self._steps_of(artifact.run_id).get(artifact.step_run_id)

    def _steps_of(self, run_id: RunId) -> dict[StepRunId, StepRunRecord]:
        if run_id not in self._steps:
            found = self._store.list_steps(run_id)
            self._steps[run_id] = {step.id: step for step in found}
        return self._steps[run_id]

    def _inputs_of(self, artifact: ArtifactRecord) -> Iterator[tuple[str, ArtifactRecord]]:
        if artifact.step_run_id is None:
            return
        if artifact.run_id not in self._artifacts:
            found = self._store.list_artifacts_of_steps(artifact.run_id)
            self._artifacts[artifact.run_id] = found
        around = self._artifacts[artifact.run_id].get(artifact.step_run_id)
        for record, source in around.inputs if around is not None else ():
            yield record.argument + record.path, source


def _draw(lineage: Lineage, argument: str, first: str, rest: str) -> Iterator[str]:
    """Yield the lines of the tree; *first* stands before the first, *rest* before the others."""
    label = f"{argument} = " if argument else ""
    yield f"{first}{label}{_describe(lineage)}"
    for acceptance in lineage.acceptances:
        trunk = "│  " if lineage.inputs else "   "
        yield f"{rest}{trunk}accepted: {describe_acceptance(acceptance)}"
    last = len(lineage.inputs) - 1
    for index, each in enumerate(lineage.inputs):
        branch, trunk = ("└─ ", "   ") if index == last else ("├─ ", "│  ")
        yield from _draw(each.lineage, each.argument, rest + branch, rest + trunk)


def _describe(lineage: Lineage) -> str:
    artifact, step = lineage.artifact, lineage.step
    kind = artifact.value_type or artifact.type.rpartition(".")[2]
    what = f"{kind}, {format_size(artifact.size)}"
    if step is None:
        return f"{artifact.name} ({what}), given to run {short_id(artifact.run_id)}"
    more = " (inputs: see there)" if lineage.shown_above else " …" if lineage.cut else ""
    run = short_id(artifact.run_id)
    return f"{step.node}.{artifact.name} ({what}), by step {step.step} of run {run}{more}"
