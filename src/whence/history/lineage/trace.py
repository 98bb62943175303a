"""What an artifact was made from, and what was made from it, across runs and pipelines."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

from whence.domain.ids import ArtifactId, RunId, StepRunId
from whence.domain.records import ArtifactRecord, StepRunRecord
from whence.errors import InvalidSettingError, suggest
from whence.history.lineage.documents import describe_lineage
from whence.history.lineage.facts import LineageFacts
from whence.history.lineage.graph import LineageGraph, reach
from whence.history.reports.lineage_mermaid import draw_mermaid
from whence.history.reports.lineage_report import report_lineage
from whence.history.reports.report import Report
from whence.history.reports.shown import Shown
from whence.interfaces.metadata_store import MetadataStore

Direction = Literal["up", "down"]
_DIRECTIONS = ("up", "down")


class Lineage(Shown):
    """What some artifacts were made from, or what was made from them.

    `print(lineage)` shows it as a tree, with the parameters, code, packages and files behind it; a
    notebook shows the same. `to_mermaid` draws it, `to_dict` gives all of it as data.
    """

    def __init__(self, graph: LineageGraph, facts: LineageFacts, *, code: bool) -> None:
        self._graph = graph
        self._facts = facts
        self._code = code

    @property
    def direction(self) -> Direction:
        """`up`, to what they were made from, or `down`."""
        return "down" if self._graph.down else "up"

    @cached_property
    def artifacts(self) -> Mapping[ArtifactId, ArtifactRecord]:
        """All artifacts on the way, the nearest first; those whose records are lost are absent."""
        known = self._graph.records.artifacts
        return {each: known[each] for each in self._graph.ways if each in known}

    @cached_property
    def steps(self) -> Mapping[StepRunId, StepRunRecord]:
        """All step runs on the way, the nearest first."""
        return {each: self._graph.records.steps[each].step for each in self._graph.steps}

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as what JSON has: artifacts and step runs, by their ids."""
        return describe_lineage(self._graph, self._facts, code=self._code)

    def to_mermaid(self) -> str:
        """Return it as a Mermaid flowchart; of a long one, its first part."""
        return draw_mermaid(self._graph)

    def __repr__(self) -> str:
        return str(self)

    def _report(self) -> Report:
        return report_lineage(self._graph, self._facts, code=self._code)


def trace_lineage(  # noqa: PLR0913  # from where, which way, how far, and what is shown
    store: MetadataStore,
    artifact_ids: Sequence[ArtifactId],
    direction: str = "up",
    depth: int | None = None,
    *,
    code: bool = False,
    met_in: RunId | None = None,
) -> Lineage:
    """Return the lineage of artifacts: a few queries, whatever lies on the way.

    What was reused is shown with the step run that computed it; where that was only because a
    change of code was accepted, in the run *met_in* or on the way, it is told who did so.
    """
    down = _parse_direction(direction) == "down"
    if depth is not None and depth < 1:
        raise InvalidSettingError(
            setting="depth",
            value=depth,
            reason="It counts step runs.",
            cure="Give 1 or more, or leave it out for all of them.",
        )
    further = None if depth is None else depth + 1  # so that the ends have their producers' names
    records = store.trace_lineage(artifact_ids, down=down, depth=further)
    graph = reach(artifact_ids, records, down=down, depth=depth)
    return Lineage(graph, LineageFacts(graph, store, met_in), code=code)


def _parse_direction(direction: str) -> str:
    if direction not in _DIRECTIONS:
        raise InvalidSettingError(
            setting="direction",
            value=direction,
            reason="A lineage goes up, to what an artifact was made from, or down.",
            cure=suggest(str(direction), _DIRECTIONS),
        )
    return direction
