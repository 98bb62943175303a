"""The artifacts of a lineage as a tree; what is met twice is shown once."""

from collections import deque
from collections.abc import Iterator

from whence.domain.frozen import frozen
from whence.domain.ids import short_id
from whence.domain.node_names import without_items
from whence.domain.records import ArtifactRecord, StepRunRecord
from whence.domain.status import StepStatus
from whence.history.lineage.groups import Branch, Key, LineageGroups, fold_arguments
from whence.history.reports.artifact_tables import artifact_kind
from whence.history.reports.quantities import format_count, format_size
from whence.history.reports.report import Cell, Column, Table, Tone, make_row, make_table

MOST_ROWS = 200
"""Lines of one tree."""

MOST_DEEP = 10
"""How far to the right a tree goes before it is taken further at its end, from the left again."""

_SEEN = "see above"
_COLUMNS = (
    Column("artifact", keep=True, even=True),
    Column("what"),
    Column("run", keep=True),
    Column(),
)


@frozen
class _Place:
    """Something to be drawn, and what stands before it."""

    first: str  # before its own line
    rest: str  # before the lines below it
    branch: Branch
    depth: int


def draw_tree(groups: LineageGroups) -> Table:
    """Return the tree of a lineage, as far as it can be read."""
    tree = _Tree(groups)
    rows = [tree.write(each) for each in tree.walk()]
    rest = len(groups.members) - len(tree.shown)
    note = f"and {format_count(rest, 'more artifact')}: `.to_dict()`, or --json, has them"
    return make_table("", _COLUMNS, rows, note if rest > 0 else "")


class _Tree:
    def __init__(self, groups: LineageGroups) -> None:
        self._groups = groups
        self._graph = groups.graph
        self.shown: set[Key] = set()  # groups that have their line
        self._marks: dict[int, str] = {}  # by place

    def walk(self) -> Iterator[_Place]:
        """Yield the lines of the tree, top down."""
        roots = deque(self._groups.roots)
        waiting: list[_Place] = []
        for _ in range(MOST_ROWS):
            if not waiting:
                root = self._find_next(roots)
                if root is None:
                    return
                waiting = [_Place("", "", Branch((), None, root, ()), 0)]
            place = waiting.pop()
            waiting += reversed(_indent(place, self._enter(place, roots)))
            yield place

    def _find_next(self, roots: "deque[Key]") -> Key | None:
        """Return the next group that has to be taken further by itself."""
        while roots:
            root = roots.popleft()
            if root not in self.shown:
                return root
        return None

    def _enter(self, place: _Place, roots: "deque[Key]") -> list[Branch]:
        """Return the branches to be drawn below a place, and note why there are none."""
        key = place.branch.artifact
        if key is None:
            return []
        branches = self._groups.branches(key)
        if key in self.shown:
            self._marks[id(place)] = _SEEN if branches else ""
            return []
        if branches and place.depth >= MOST_DEEP:
            self._marks[id(place)] = "see below"
            roots.append(key)
            return []
        if not self._graph.cut.isdisjoint(self._groups.members[key]):
            self._marks[id(place)] = "…"
        self.shown.add(key)
        return branches

    def write(self, place: _Place) -> tuple[Cell, ...]:
        """Return the line of a place."""
        mark = self._marks.pop(id(place), "")
        branch = place.branch
        name = f"{place.first}{self._label(branch)}"
        more = [self._tell_reuse(branch), mark]
        if mark == _SEEN:  # what it is stands there; here it would take the room of the names
            cells = (Cell(name), Cell(mark, Tone.QUIET), Cell(""))
            more.pop()
        elif branch.artifact is None:
            step = self._find_step(branch)
            what = "made nothing" if step is None or step.status is StepStatus.COMPLETED else ""
            status = "" if step is None or what else step.status.value
            cells = (Cell(name), Cell(what or status, Tone.QUIET), self._run_cell(step))
        else:
            cells = self._describe(name, branch.artifact)
            if self._graph.lost_producer(self._groups.members[branch.artifact][0]):
                more.append("its step is lost")
        return make_row(*cells, Cell(", ".join(filter(None, more)), Tone.QUIET))

    def _label(self, branch: Branch) -> str:
        argument = fold_arguments(branch.arguments)
        if branch.artifact is None:
            name = "?" if branch.step is None else self._groups.name_steps(branch.step)
            return f"{argument} → {name}" if argument else name
        name = self._groups.name_artifacts(branch.artifact)
        sign = "→" if self._graph.down else "="
        return f"{argument} {sign} {name}" if argument else name

    def _describe(self, name: str, key: Key) -> tuple[Cell, ...]:
        members = self._groups.members[key]
        record = self._graph.records.artifacts.get(members[0])
        if record is None:
            return Cell(name), Cell("its record is lost", Tone.BAD), Cell("")
        known = filter(None, map(self._graph.records.artifacts.get, members))
        what = f"{artifact_kind(record)}, {format_size(sum(each.size for each in known))}"
        if len(members) > 1:
            what = f"{format_count(len(members), 'artifact')}: {what}"
        return Cell(name), Cell(what + self._tell_model(record)), self._run_of(record)

    def _tell_model(self, record: ArtifactRecord) -> str:
        version = self._graph.records.models.get(record.id)
        if version is not None:
            return f", model {version.model} version {version.number}"
        if record.family != "model":
            return ""
        return f", model {record.model}" if record.model else ", a model"

    def _run_of(self, record: ArtifactRecord) -> Cell:
        producer = self._graph.find_producer(record.id)
        if producer is not None:
            return self._run_cell(producer.step)
        run = self._graph.records.runs.get(record.run_id)
        of = f" of {run.pipeline}" if run is not None else ""
        given = "given to " if record.step_run_id is None else ""
        return Cell(f"{given}{short_id(record.run_id)}{of}", Tone.QUIET)

    def _run_cell(self, step: StepRunRecord | None) -> Cell:
        if step is None:
            return Cell("")
        run = self._graph.records.runs.get(step.run_id)
        of = f" of {run.pipeline}" if run is not None else ""
        by = "" if _is_named_after(step) else f", by step {step.step}"
        return Cell(f"{short_id(step.run_id)}{of}{by}", Tone.QUIET)

    def _find_step(self, branch: Branch) -> StepRunRecord | None:
        found = self._groups.steps.get(branch.step, ())
        return self._graph.records.steps[found[0]].step if found else None

    def _tell_reuse(self, branch: Branch) -> str:
        if not branch.reuses:
            return ""
        last = max(each.last_run for each in branch.reuses)
        count = max(each.count for each in branch.reuses)
        more = f" and {count - 1} more" if count > 1 else ""
        return f"reused by run {short_id(last)}{more}"


def _is_named_after(step: StepRunRecord) -> bool:
    """Return whether a node's name tells its step: `fit`, `inner.fit`, `fit_2`, `fit[3]`."""
    name = without_items(step.node).rpartition(".")[2]
    base, _, number = name.rpartition("_")
    return step.step in {name, base if number.isdecimal() else name}


def _indent(place: _Place, branches: list[Branch]) -> list[_Place]:
    """Return the places below a place."""
    last = len(branches) - 1
    is_root = place.depth == 0
    return [
        _Place(
            ("" if is_root else place.rest) + ("└─ " if index == last else "├─ "),
            ("" if is_root else place.rest) + ("   " if index == last else "│  "),
            each,
            place.depth + 1,
        )
        for index, each in enumerate(branches)
    ]
