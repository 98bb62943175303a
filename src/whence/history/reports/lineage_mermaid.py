"""A lineage as a Mermaid flowchart: artifacts rounded, step runs as boxes."""

from collections.abc import Iterator

from whence.domain.ids import short_id
from whence.history.lineage.graph import LineageGraph
from whence.history.lineage.groups import Branch, Key, LineageGroups, fold_arguments
from whence.history.reports.harmless_text import make_harmless
from whence.history.reports.quantities import format_count

MOST_DRAWN = 150
"""Artifacts of one flowchart; Mermaid itself refuses charts of more than 500 lines between them."""

_MOST_LINES = 400
_LONGEST = 60  # characters of one line of a label


def draw_mermaid(graph: LineageGraph) -> str:
    """Return the text of a flowchart; data flows from left to right, whichever way was asked."""
    return "\n".join(["flowchart LR", *_Chart(LineageGroups(graph)).lines()]) + "\n"


class _Chart:
    def __init__(self, groups: LineageGroups) -> None:
        self._groups = groups
        self._shown = list(groups.members)[:MOST_DRAWN]  # the nearest first
        self._names: dict[Key, str] = {}
        self._links: dict[str, None] = {}

    def lines(self) -> Iterator[str]:
        for key in self._shown:
            yield f'    {self._name("a", key)}(["{self._label_artifacts(key)}"])'
        shown = set(self._shown)
        for key in self._shown:
            for branch in self._branches(key):
                if branch.artifact is None or branch.artifact in shown:
                    yield from self._draw(key, branch)
        yield from [f"    {each}" for each in list(self._links)[:_MOST_LINES]]
        left_out = len(self._groups.members) - len(shown)
        if left_out > 0:
            yield f'    rest["and {format_count(left_out, "more artifact")}"]'
        for key in self._groups.roots:
            yield f"    style {self._name('a', key)} stroke-width:3px"

    def _branches(self, key: Key) -> list[Branch]:
        found = self._groups.branches(key)
        graph = self._groups.graph
        producer = graph.find_producer(self._groups.members[key][0])
        if (
            found
            or graph.down
            or producer is None
            or not graph.ends.isdisjoint(self._groups.members[key])
        ):
            return found
        return [Branch((), self._groups.step_key(producer.step.id), None, ())]  # it takes nothing

    def _draw(self, key: Key, branch: Branch) -> Iterator[str]:
        """Yield the box of a step run that is met for the first time; note its lines."""
        near, far = self._name("a", key), branch.artifact
        if branch.step is None:
            self._links[f"{near} -.->|item| {self._name('a', far)}"] = None
            return
        is_new = branch.step not in self._names
        step = self._name("s", branch.step)
        if is_new:
            yield f'    {step}["{self._label_steps(branch.step)}"]'
        label = _escape(fold_arguments(branch.arguments))
        into = f'-->|"{label}"|' if label else "-->"
        other = None if far is None else self._name("a", far)
        before, after = (near, other) if self._groups.graph.down else (other, near)
        if before is not None:
            self._links[f"{before} {into} {step}"] = None
        if after is not None:
            self._links[f"{step} --> {after}"] = None

    def _name(self, letter: str, key: Key) -> str:
        return self._names.setdefault(key, f"{letter}{len(self._names)}")

    def _label_artifacts(self, key: Key) -> str:
        members = self._groups.members[key]
        record = self._groups.graph.records.artifacts.get(members[0])
        lines = [self._groups.name_artifacts(key)]
        if record is None:
            lines.append("its record is lost")
        else:
            lines.append(record.value_type or record.type.rpartition(".")[2])
            version = self._groups.graph.records.models.get(members[0])
            if version is not None:
                lines.append(f"model {version.model}, version {version.number}")
        return "<br/>".join(map(_escape, lines))

    def _label_steps(self, key: Key) -> str:
        found = self._groups.steps.get(key, ())
        if not found:
            return _escape("a step run whose record is lost")
        step = self._groups.graph.records.steps[found[0]].step
        run = self._groups.graph.records.runs.get(step.run_id)
        pipeline = f" of {run.pipeline}" if run is not None else ""
        lines = [self._groups.name_steps(key), f"run {short_id(step.run_id)}{pipeline}"]
        return "<br/>".join(map(_escape, lines))


def _escape(text: str) -> str:
    """Return a text as part of a quoted label: nothing in it ends the label or is markup."""
    plain = " ".join(make_harmless(text).split())
    short = plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
    return "".join(f"#{ord(each)};" if each in _SPECIAL else each for each in short)


_SPECIAL = frozenset('"#&<>`\\%')
