"""From what two processes saw of each step to what is found of it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from whence.auditing.findings import Audit, Finding, FindingKind, StepAudit, make_finding
from whence.auditing.observation import Observation, Read
from whence.graph.plan import Plan, PlannedNode

_ONE_PER_PLACE = {FindingKind.NETWORK, FindingKind.PROCESS, FindingKind.RANDOMNESS}
"""Kinds of which one act is several events: a name is looked up, then connected to."""

_MOST_VARIABLES = 4
"""Whoever reads more variables in one line reads the whole environment."""


def weigh_plan(
    plan: Plan, first: Mapping[str, Observation], second: Mapping[str, Observation]
) -> Audit:
    """Return what is found of each step of *plan*, in its order."""
    steps = [_weigh_node(node, plan, first, second) for node in plan.nodes.values()]
    return Audit(plan.pipeline, tuple(steps))


def _weigh_node(
    node: PlannedNode,
    plan: Plan,
    first: Mapping[str, Observation],
    second: Mapping[str, Observation],
) -> StepAudit:
    one, other = first.get(node.name), second.get(node.name)
    if one is None:
        return StepAudit(node.name, node.step.name, not_audited=_say_why_not(node, plan, first))
    failures = tuple(_find_failures(node, one, other))
    found = tuple(_find_all(node, one, other))
    excuse = find_excuse(node)
    if excuse is not None:
        return StepAudit(node.name, node.step.name, failures, found, excuse)
    return StepAudit(node.name, node.step.name, (*failures, *found))


def _say_why_not(node: PlannedNode, plan: Plan, first: Mapping[str, Observation]) -> str:
    for name in plan.nodes:
        if name in node.depends_on and (name not in first or first[name].error is not None):
            return f"'{name}' did not complete"
    return "the body of the pipeline placed no such step in the other process"


def find_excuse(node: PlannedNode) -> str | None:
    """Return what a step declares by which nothing of it is reused for good."""
    cache = node.options.cache
    if cache is False:
        return "it says cache=False"
    if isinstance(cache, str):
        return f'it says cache="{cache}"'
    if not node.step.outputs and cache is not True:
        return "it has no outputs and runs in every run"
    return None


def _find_failures(
    node: PlannedNode, one: Observation, other: Observation | None
) -> Iterator[Finding]:
    if one.error is not None:
        yield make_finding(FindingKind.FAILURE, f"failed: {one.error}", node.step.place)
    elif other is None:
        said = "completed once, and was not placed in the other process"
        yield make_finding(FindingKind.FAILURE, said, node.step.place)
    elif other.error is not None:
        said = f"completed once, then failed: {other.error}"
        yield make_finding(FindingKind.FAILURE, said, node.step.place)


def _find_all(node: PlannedNode, one: Observation, other: Observation | None) -> Iterator[Finding]:
    if other is not None and one.error is None and other.error is None:
        yield from _find_differences(one, other)
    yield from _find_shared_draws(node, one, other)
    reads = dict.fromkeys([*one.reads, *(other.reads if other is not None else ())])
    yield from _find_reads(node, reads)


def _find_differences(one: Observation, other: Observation) -> Iterator[Finding]:
    for name in one.parameters:
        if one.parameters[name] != other.parameters.get(name):
            yield make_finding(FindingKind.PARAMETER, name)
    for name, content in one.outputs.items():
        again = other.outputs.get(name)
        if again is None or content.digest != again.digest:
            yield make_finding(FindingKind.OUTPUT, name)


def _find_shared_draws(
    node: PlannedNode, one: Observation, other: Observation | None
) -> Iterator[Finding]:
    """Yield the shared generators that the step left in a state that no seed decided."""
    if other is None:
        return
    states = {draw.generator: draw.state for draw in other.draws}
    for draw in one.draws:
        if draw.state != states.get(draw.generator):
            subject = f"the shared generator of {draw.generator}, not seeded"
            yield make_finding(FindingKind.RANDOMNESS, subject, draw.place or node.step.place)


def _find_reads(node: PlannedNode, reads: Iterable[Read]) -> Iterator[Finding]:
    # Sorting keeps the order of what was read in one place.
    ordered = sorted(reads, key=lambda read: (read.kind, read.place or ""))
    for (kind, place), group in groupby(ordered, key=lambda read: (read.kind, read.place)):
        subjects = [read.subject for read in group]
        if kind is FindingKind.ENVIRONMENT and len(subjects) > _MOST_VARIABLES:
            fix = 'declare the variables that count: @step(env=["NAME"])'
            yield make_finding(kind, "everything", place, fix)
            continue
        for subject in subjects[:1] if kind in _ONE_PER_PLACE else subjects:
            yield make_finding(kind, subject, place, _better_fix(node, kind, subject))


def _better_fix(node: PlannedNode, kind: FindingKind, subject: str) -> str | None:
    """Return the fix for a file whose name came as a text; None if that of the kind is best."""
    if kind not in {FindingKind.FILE, FindingKind.FOLDER}:
        return None
    named = _text_parameters(node)
    name = next((name for name, text in named.items() if text and text in subject), None)
    return f"declare the parameter {name} as Path, not str" if name is not None else None


def _text_parameters(node: PlannedNode) -> Mapping[str, str]:
    return {name: value for name, value in node.parameters.items() if isinstance(value, str)}
