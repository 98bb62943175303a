"""What is shown of a lineage: a tree of artifacts, and what the steps on it depend on."""

from collections.abc import Iterable, Iterator, Sequence

from whence.caching.explain import describe_place
from whence.domain.node_names import fold_names, pattern_of
from whence.domain.records import StepRunRecord
from whence.domain.status import StepStatus
from whence.fingerprint.parts import CodePart
from whence.history.lineage.facts import LineageFacts
from whence.history.lineage.graph import LineageGraph
from whence.history.lineage.groups import LineageGroups
from whence.history.plain_values import describe_value
from whence.history.reports.lineage_tree import draw_tree
from whence.history.reports.quantities import format_count
from whence.history.reports.report import (
    Cell,
    Column,
    Passage,
    Report,
    Section,
    Table,
    Tone,
    make_row,
    make_table,
)
from whence.history.reports.why_report import describe_acceptance

_MOST_ROWS = 40
_MOST_STEPS = 200  # whose parameters and code are looked at for what is shown
_MOST_NAMED = 3
_DIGEST_SHOWN = 23  # characters, with the name of the algorithm
_WHOLE = "`.to_dict()`, or --json, has them"
_IS_CODE = ("function", "class", "module", "file", "constant")


def report_lineage(graph: LineageGraph, facts: LineageFacts, *, code: bool) -> Report:
    """Return the report of a lineage; *code* adds the source texts."""
    groups = LineageGroups(graph)
    names = [groups.name_artifacts(key) for key in groups.roots]
    what = "Made from" if graph.down else "Lineage of"
    shown = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    title = (Cell(f"{what} {shown}", Tone.STRONG),)
    sections: list[Section] = [draw_tree(groups)]
    steps = [graph.records.steps[each].step for each in graph.steps[:_MOST_STEPS]]
    sections += _tabulate(groups, facts, steps)
    if code:
        sections += _show_texts(facts, _list_code(facts, steps))
    return Report(title, _count(graph), tuple(sections))


def _count(graph: LineageGraph) -> str:
    steps = [graph.records.steps[each].step for each in graph.steps]
    runs = {each.run_id for each in steps}
    pipelines = {run.pipeline for each in runs if (run := graph.records.runs.get(each))}
    counts = [
        format_count(len(graph.ways), "artifact"),
        format_count(len(steps), "step run"),
        format_count(len(runs), "run"),
        f"of {format_count(len(pipelines), 'pipeline')}",
    ]
    return f"{', '.join(counts[:2])} in {' '.join(counts[2:])}" if steps else counts[0]


def _tabulate(
    groups: LineageGroups, facts: LineageFacts, steps: Sequence[StepRunRecord]
) -> Iterator[Section]:
    """Yield what the steps depend on beside artifacts, each thing with the nodes that it is of."""
    named = _Named(groups)
    yield from _table("Parameters", named.gather(_list_parameters(facts, steps)))
    yield from _table("Input files", named.gather(_list_files(facts, steps)))
    yield from _table("Code", named.gather(_list_places(facts, steps)))
    yield from _table("Packages", named.gather(_list_packages(facts, steps)))
    yield from _table("Environment", named.gather(_list_environment(facts, steps)))
    yield from _table("Not seen by the keys", named.gather(_list_unseen(facts, steps)))
    yield from _table("Accepted", named.gather(_list_accepted(facts, steps)))
    unknown = [
        (step, ("", "nothing is recorded of its code")) for step in _without_code(facts, steps)
    ]
    yield from _table("Not known", named.gather(unknown))


Row = tuple[StepRunRecord, tuple[str, str]]
"""A step run, and something that it depends on: its name and what it is."""


class _Named:
    """Gathers rows that are alike: one line for a thing, with the nodes that it is of."""

    def __init__(self, groups: LineageGroups) -> None:
        self._groups = groups

    def gather(self, rows: Iterable[Row]) -> list[tuple[str, str, str]]:
        found: dict[tuple[str, str], dict[str, None]] = {}
        for step, thing in rows:
            node = self._groups.name_steps(self._groups.step_key(step.id))
            found.setdefault(thing, {})[node] = None
        return [(*thing, _list_few(nodes)) for thing, nodes in found.items()]


def _list_few(nodes: Iterable[str]) -> str:
    """Return a few nodes, with the items of a map as one."""
    alike: dict[str, list[str]] = {}
    for node in nodes:
        alike.setdefault(pattern_of(node), []).append(node)
    names = [found[0] if ".." in found[0] else fold_names(found) for found in alike.values()]
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _table(title: str, rows: Sequence[tuple[str, str, str]]) -> Iterator[Table]:
    if rows:
        rest = len(rows) - _MOST_ROWS
        note = f"and {rest} more: {_WHOLE}" if rest > 0 else ""
        cells = [make_row(*row[:2], Cell(row[2], Tone.QUIET)) for row in rows[:_MOST_ROWS]]
        yield make_table(title, (Column(keep=True), Column(), Column()), cells, note)


def _list_parameters(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        for name, text in facts.parameters_of(step).items():
            yield step, (name, describe_value(text))


def _list_files(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        for part in facts.files_of(step):
            yield step, (f"{part.name} = {describe_value(part.shown)}", _shorten(part.digest))


def _shorten(digest: str) -> str:
    return f"{digest[:_DIGEST_SHOWN]}…" if len(digest) > _DIGEST_SHOWN else digest


def _list_places(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        for part in _parts(facts, step):
            if part.kind in _IS_CODE:
                value = f"= {part.shown}" if part.kind == "constant" and part.shown else ""
                place = describe_place(part) or ""
                yield step, (f"{part.kind} {part.name}", " ".join(filter(None, [value, place])))


def _list_packages(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        for part in _parts(facts, step):
            if part.kind == "package":
                yield step, (part.name, part.shown or "")


def _list_environment(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        for part in facts.environment_of(step):
            value = part.shown or ("not recorded, as it is one" if part.kind == "secret" else "")
            yield step, (f"{part.kind} {part.name}".strip(), value)


def _list_unseen(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        code = facts.code_of(step)
        for each in code.unresolved if code is not None else ():
            yield step, (f"{each.name} ({each.where})", each.reason)


def _list_accepted(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> Iterator[Row]:
    for step in steps:
        for each in facts.acceptances.get(step.id, ()):
            yield step, ("", describe_acceptance(each))


def _without_code(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> list[StepRunRecord]:
    ended = {StepStatus.COMPLETED, StepStatus.FAILED}
    return [step for step in steps if step.status in ended and facts.code_of(step) is None]


def _parts(facts: LineageFacts, step: StepRunRecord) -> Sequence[CodePart]:
    code = facts.code_of(step)
    return code.parts if code is not None else ()


def _list_code(facts: LineageFacts, steps: Iterable[StepRunRecord]) -> list[CodePart]:
    """Return the parts that have a text, each once."""
    found = {
        (part.text_digest, part.name): part
        for step in steps
        for part in _parts(facts, step)
        if part.text_digest is not None
    }
    return list(found.values())


def _show_texts(facts: LineageFacts, parts: Sequence[CodePart]) -> Iterator[Passage]:
    texts = facts.texts_of(parts)
    for part in parts:
        place = describe_place(part)
        text = texts.get(part.text_digest or "", "its text is not recorded")
        yield Passage(f"{part.name}, {place}" if place else part.name, text.rstrip("\n"))
