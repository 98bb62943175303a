"""The artifacts and step runs of a lineage, as far as it is asked for, and how they hang together.

A graph, not a tree: what is used twice is there once. Nothing here recurses, however long the way.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, StepRunId
from whence.domain.lineage_records import LineageRecords, LinkedStep, Reuse


@frozen
class Way:
    """One way on from an artifact.

    Behind it lies what its producer took; ahead of it what step runs that took it have made, or, of
    a list, its items.
    """

    step_run_id: StepRunId | None  # None from a list to an item of it
    argument: str  # of the step run: which took what is behind, or this artifact
    artifact_id: ArtifactId | None  # None where a step run made nothing
    reuse: Reuse | None = None  # of one that did not take it itself, but served who did


@dataclass(slots=True)
class LineageGraph:
    """What was reached from *roots*: each artifact once, with the ways on from it."""

    roots: tuple[ArtifactId, ...]
    down: bool
    records: LineageRecords
    ways: dict[ArtifactId, tuple[Way, ...]] = field(
        default_factory=dict[ArtifactId, tuple[Way, ...]]
    )  # in the order of reaching them
    ends: set[ArtifactId] = field(default_factory=set[ArtifactId])  # as far as it was asked for
    cut: set[ArtifactId] = field(default_factory=set[ArtifactId])  # ends from which it goes on

    @property
    def steps(self) -> list[StepRunId]:
        """The step runs on the way that are recorded, in the order of reaching them."""
        found: dict[StepRunId, None] = {}
        for artifact_id, ways in self.ways.items():
            producer = None if self.down else self.find_producer(artifact_id)
            if producer is not None and artifact_id not in self.ends:
                found[producer.step.id] = None
            found.update(dict.fromkeys(way.step_run_id for way in ways if way.step_run_id))
        return [each for each in found if each in self.records.steps]

    def find_producer(self, artifact_id: ArtifactId) -> LinkedStep | None:
        """Return the step run that made an artifact, where both are recorded."""
        record = self.records.artifacts.get(artifact_id)
        made_by = record.step_run_id if record is not None else None
        return self.records.steps.get(made_by) if made_by is not None else None

    def lost_producer(self, artifact_id: ArtifactId) -> bool:
        """Return whether the record of the step run that made an artifact is not there."""
        record = self.records.artifacts.get(artifact_id)
        return record is not None and record.step_run_id not in {None, *self.records.steps}


def reach(
    roots: Sequence[ArtifactId], records: LineageRecords, *, down: bool, depth: int | None
) -> LineageGraph:
    """Return what is reached from *roots*, *depth* step runs far, the nearest first."""
    graph = LineageGraph(tuple(dict.fromkeys(roots)), down, records)
    find_ways = _Ahead(records).find if down else _Behind(graph).find
    level, waiting = 0, list(graph.roots)
    while waiting:
        waiting = _go_on(graph, waiting, find_ways, is_end=depth is not None and level >= depth)
        level += 1
    return graph


def _go_on(
    graph: LineageGraph,
    waiting: list[ArtifactId],
    find_ways: Callable[[ArtifactId], Iterator[Way]],
    *,
    is_end: bool,
) -> list[ArtifactId]:
    """Note the ways on from artifacts; return those at their ends, one step run further."""
    following: dict[ArtifactId, None] = {}
    for current in waiting:  # grows by the items of lists, which are no further away
        if current in graph.ways:
            continue
        ways = list(find_ways(current))
        kept = [way for way in ways if way.step_run_id is None or not is_end]
        graph.ways[current] = tuple(kept)
        if is_end:
            graph.ends.add(current)
        if len(kept) < len(ways):
            graph.cut.add(current)
        for way in kept:
            if way.artifact_id is not None and way.artifact_id not in graph.ways:
                if way.step_run_id is None:
                    waiting.append(way.artifact_id)
                else:
                    following[way.artifact_id] = None
    return list(following)


class _Behind:
    def __init__(self, graph: LineageGraph) -> None:
        self._graph = graph

    def find(self, artifact_id: ArtifactId) -> Iterator[Way]:
        producer = self._graph.find_producer(artifact_id)
        if producer is not None:
            for each in producer.inputs:
                yield Way(producer.step.id, _place(each.argument, each.path), each.artifact_id)


class _Ahead:
    def __init__(self, records: LineageRecords) -> None:
        self._records = records
        self._takers: dict[ArtifactId, dict[StepRunId, str]] = {}
        self._reuses: dict[ArtifactId, list[Reuse]] = {}
        self._items: dict[tuple[StepRunId, str], list[ArtifactId]] = {}
        for linked in records.steps.values():
            for each in linked.inputs:
                taken = self._takers.setdefault(each.artifact_id, {})
                taken.setdefault(linked.step.id, _place(each.argument, each.path))
        for reuse in records.reuses:
            self._reuses.setdefault(reuse.artifact_id, []).append(reuse)
        for each in records.artifacts.values():
            whole, bracket, _ = each.name.rpartition("[")
            if bracket and each.step_run_id is not None:
                self._items.setdefault((each.step_run_id, whole), []).append(each.id)

    def find(self, artifact_id: ArtifactId) -> Iterator[Way]:
        yield from (Way(None, "", item) for item in self._list_items(artifact_id))
        reuses = {each.step_run_id: each for each in self._reuses.get(artifact_id, ())}
        takers = self._takers.get(artifact_id, {})
        for step_run_id in dict.fromkeys([*takers, *reuses]):
            linked = self._records.steps.get(step_run_id)
            made = linked.made if linked is not None else ()
            for each in made or (None,):
                argument, reuse = takers.get(step_run_id, ""), reuses.get(step_run_id)
                yield Way(step_run_id, argument, each, reuse)

    def _list_items(self, artifact_id: ArtifactId) -> list[ArtifactId]:
        record = self._records.artifacts.get(artifact_id)
        if record is None or record.step_run_id is None:
            return []
        return self._items.get((record.step_run_id, record.name), [])


def _place(argument: str, path: str) -> str:
    """Return where in a step's arguments an artifact went: `models[3]`, `parts[train]`."""
    return argument + "".join(f"[{key}]" for key in path.split("/")[1:])
