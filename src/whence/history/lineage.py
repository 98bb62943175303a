"""What an artifact was made from, back to the first inputs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from whence.domain.ids import ArtifactId, StepRunId, short_id
from whence.domain.records import ArtifactRecord, StepArtifacts, StepRunRecord
from whence.history.reports.quantities import format_size
from whence.interfaces.metadata_store import MetadataStore

MOST_ARTIFACTS = 200
"""How many artifacts one lineage shows at most."""


@dataclass(frozen=True, slots=True)
class LineageInput:
    """An artifact as an argument of the step run that took it."""

    argument: str
    lineage: "Lineage"


@dataclass(frozen=True, slots=True)
class Lineage:
    """An artifact, the step run that made it, and the same of each of that one's inputs.

    `print(lineage)` shows the tree. An artifact that is used twice is taken further only once.
    """

    artifact: ArtifactRecord
    step: StepRunRecord | None = None  # None for a value that was handed to a run
    inputs: tuple[LineageInput, ...] = ()
    shown_above: bool = False  # its inputs stand elsewhere in the tree
    cut: bool = False  # it has inputs that are not shown, for there are too many artifacts

    def __str__(self) -> str:
        return "\n".join(_draw(self, "", "", ""))

    __repr__ = __str__


def trace_lineage(store: MetadataStore, artifact: ArtifactRecord) -> Lineage:
    """Return the lineage of an artifact; each run on the way is read once."""
    return _Tracer(store).trace(artifact)


class _Tracer:
    def __init__(self, store: MetadataStore) -> None:
        self._store = store
        self._order: list[ArtifactRecord] = []  # each before its inputs
        self._parents: dict[ArtifactId, ArtifactId] = {}  # under which each is shown in full
        self._made: dict[ArtifactId, Lineage] = {}
        self._steps: dict[str, dict[StepRunId, StepRunRecord]] = {}
        self._artifacts: dict[str, Mapping[StepRunId, StepArtifacts]] = {}

    def trace(self, artifact: ArtifactRecord) -> Lineage:
        """Follow the inputs; no recursion, since a lineage may be very long."""
        self._walk(artifact)
        for each in reversed(self._order):
            inputs = [
                LineageInput(argument, self._refer(source, each))
                for argument, source in self._inputs_of(each)
            ]
            self._made[each.id] = Lineage(each, self._step_of(each), tuple(inputs))
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
            for _, source in reversed(list(self._inputs_of(current))):
                if source.id not in met:
                    self._parents[source.id] = current.id
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

    def _step_of(self, artifact: ArtifactRecord) -> StepRunRecord | None:
        if artifact.step_run_id is None:
            return None
        if artifact.run_id not in self._steps:
            found = self._store.list_steps(artifact.run_id)
            self._steps[artifact.run_id] = {step.id: step for step in found}
        return self._steps[artifact.run_id].get(artifact.step_run_id)

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
