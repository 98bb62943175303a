"""The many items of a map as one: what is drawn of a lineage."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId, StepRunId
from whence.domain.lineage_records import Reuse
from whence.domain.node_names import MOST_ITEMS_SHOWN, fold_names, is_item, pattern_of
from whence.history.lineage.graph import LineageGraph, Way

Key = Hashable
Id = TypeVar("Id", ArtifactId, StepRunId)


@frozen
class Branch:
    """One way on from a group of artifacts: the ways of all of them that lead to one group."""

    arguments: tuple[str, ...]
    step: Key | None
    artifact: Key | None
    reuses: tuple[Reuse, ...]


class LineageGroups:
    """Artifacts and step runs of a lineage, with many items of a map as one group."""

    def __init__(self, graph: LineageGraph) -> None:
        self.graph = graph

    @cached_property
    def roots(self) -> list[Key]:
        """The groups that the lineage starts from."""
        return list(dict.fromkeys(self._artifact_keys[each] for each in self.graph.roots))

    @cached_property
    def members(self) -> Mapping[Key, list[ArtifactId]]:
        """The artifacts of each group."""
        return _invert(self._artifact_keys)

    @cached_property
    def steps(self) -> Mapping[Key, list[StepRunId]]:
        """The step runs of each group."""
        return _invert(self._step_keys)

    def branches(self, key: Key) -> list[Branch]:
        """Return the ways on from a group of artifacts."""
        found: dict[tuple[Key | None, Key | None], list[Way]] = {}
        for each in self.members[key]:
            for way in self.graph.ways[each]:
                found.setdefault(self._ends_of(way), []).append(way)
        return [
            Branch(
                tuple(dict.fromkeys(way.argument for way in ways)),
                *ends,
                tuple(way.reuse for way in ways if way.reuse is not None),
            )
            for ends, ways in found.items()
        ]

    def _ends_of(self, way: Way) -> tuple[Key | None, Key | None]:
        step = None if way.step_run_id is None else self.step_key(way.step_run_id)
        return step, None if way.artifact_id is None else self._artifact_keys[way.artifact_id]

    def step_key(self, step_run_id: StepRunId) -> Key:
        """Return the group of a step run."""
        return self._step_keys.get(step_run_id, step_run_id)

    def name_artifacts(self, key: Key) -> str:
        """Return what a group is called: `fit.model`, `fit[0..99].model`."""
        return fold_names([self._name_of(each) for each in self.members[key]])

    def name_steps(self, key: Key) -> str:
        """Return what a group of step runs is called: its node, or its nodes as one."""
        found = self.steps.get(key, ())
        return fold_names([self.graph.records.steps[each].step.node for each in found] or ["?"])

    def _name_of(self, artifact_id: ArtifactId) -> str:
        record = self.graph.records.artifacts.get(artifact_id)
        if record is None:
            return f"artifact {artifact_id[-8:]}"
        producer = self.graph.find_producer(artifact_id)
        return record.name if producer is None else f"{producer.step.node}.{record.name}"

    @cached_property
    def _artifact_keys(self) -> Mapping[ArtifactId, Key]:
        return _group((each, self._pattern(each)) for each in self.graph.ways)

    def _pattern(self, artifact_id: ArtifactId) -> Key:
        record = self.graph.records.artifacts.get(artifact_id)
        if record is None:
            return None
        producer = self.graph.find_producer(artifact_id)
        if producer is None:
            return record.run_id, record.step_run_id, pattern_of(record.name)
        if is_item(record.name):  # of a list, which each run that reuses it takes apart anew
            return record.step_run_id, pattern_of(record.name)
        return record.run_id, pattern_of(f"{producer.step.node}.{record.name}")

    @cached_property
    def _step_keys(self) -> Mapping[StepRunId, Key]:
        known = (self.graph.records.steps[each].step for each in self.graph.steps)
        return _group((each.id, (each.run_id, pattern_of(each.node))) for each in known)


def _group(named: Iterable[tuple[Id, Key]]) -> dict[Id, Key]:
    """Return the group of each: its pattern where many share it, else itself."""
    patterns = dict(named)
    counts = Counter(patterns.values())
    return {
        each: pattern if pattern is not None and counts[pattern] > MOST_ITEMS_SHOWN else each
        for each, pattern in patterns.items()
    }


def _invert(keys: Mapping[Id, Key]) -> dict[Key, list[Id]]:
    found: dict[Key, list[Id]] = {}
    for each, key in keys.items():
        found.setdefault(key, []).append(each)
    return found


def fold_arguments(arguments: Sequence[str]) -> str:
    """Return one word for the arguments that a group was taken as."""
    named = [each for each in arguments if each]
    if len({pattern_of(each) for each in named}) == 1:
        return fold_names(named)
    return ", ".join(dict.fromkeys(each.partition("[")[0] for each in named))
