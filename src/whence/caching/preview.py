"""A plan's decisions before it runs: what will be reused, what will run, and why."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from whence.caching.accepted_changes import AcceptedChanges
from whence.caching.explain import explain_key, load_fingerprint
from whence.caching.input_contents import (
    InputContent,
    describe_artifact,
    describe_collection,
    describe_output,
    describe_value,
)
from whence.caching.lookup import CacheLookup
from whence.caching.step_keys import StepKey, compute_step_key, fingerprint_node
from whence.domain.artifacts import FreeSource
from whence.domain.contents import Content
from whence.domain.node_names import list_folded, pattern_of
from whence.domain.records import StepRunRecord
from whence.domain.status import StepStatus
from whence.graph.bindings import Binding, Collection, Constant, Given, Reference
from whence.graph.decisions import Decision, Verdict
from whence.graph.interface import Argument
from whence.graph.items import item_types
from whence.graph.plan import Plan, PlannedNode
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.metadata_store import MetadataStore

StoreValue = Callable[[Any, Any], tuple[Content, str]]
"""Stores a value by its annotation; gives its content and format."""


_MOST_EXPLAINED = 20
"""Of how many items of one map it is looked up why they are not stored."""


class _NotKnownYetError(Exception):
    """An input comes from a step that has to run first."""


@dataclass(slots=True)
class _Preview:
    plan: Plan
    store: MetadataStore
    lookup: CacheLookup
    accepted: AcceptedChanges
    artifacts: ArtifactStore
    store_value: StoreValue
    outputs: dict[tuple[str, str], Content]  # of the hits
    past: dict[str, Sequence[StepRunRecord]] = field(
        default_factory=dict[str, Sequence[StepRunRecord]]
    )
    explained: Counter[str] = field(default_factory=Counter[str])  # items, by their map

    def decide(self, node: PlannedNode) -> Decision:
        if node.conditions or node.template is not None:
            return Decision(Verdict.OPEN)
        try:
            inputs = list(self._inputs(node))
        except _NotKnownYetError:
            return Decision(Verdict.OPEN)
        try:
            step_key = compute_step_key(node, inputs, self.accepted.find_older_code)
        except OSError as error:
            return Decision(Verdict.MISS, (f"a file cannot be read: {error}",))
        decision = self.lookup.decide(node, step_key)
        if decision.entry is not None:
            for output in decision.entry.outputs:
                self.outputs[node.name, output.name] = decision.entry.contents[output.digest]
            return decision
        return self._explain(node, step_key, decision)

    def _explain(self, node: PlannedNode, step_key: StepKey, decision: Decision) -> Decision:
        if self.lookup.find_objection(node, step_key) is not None:
            return decision
        pattern = pattern_of(node.name)
        if self.explained[pattern] == _MOST_EXPLAINED:
            return decision
        self.explained[pattern] += 1
        known = self._list_step_runs(node.step.name)
        candidates = [each for each in known if each.status is StepStatus.COMPLETED]
        keys = {step_key.digest, *(each.key.digest for each in step_key.accepted)}
        if any(each.cache_key in keys for each in candidates):
            return decision  # it is the same key: the stored result is too old, or damaged
        explanation = explain_key(
            step_key.key,
            step_key.fingerprint,
            candidates,
            self.store,
            [each.key for each in step_key.accepted],
        )
        if explanation.earlier is None:
            never = "no earlier run of it has completed" if known else "it has not run before"
            return replace(decision, reasons=(never,))
        return replace(decision, reasons=tuple(str(each) for each in explanation.changes))

    def _list_step_runs(self, step: str) -> Sequence[StepRunRecord]:
        if step not in self.past:
            self.past[step] = self.store.list_step_runs(step=step)
        return self.past[step]

    def _inputs(self, node: PlannedNode) -> Iterator[InputContent]:
        for name, binding in node.inputs.items():
            argument = node.step.arguments[name]
            yield from self._describe(argument, "", binding, argument.annotation)

    def _describe(
        self, argument: Argument, path: str, binding: Binding, annotation: Any
    ) -> Iterator[InputContent]:
        if isinstance(binding, Reference):
            yield self._describe_output(argument, path, binding)
        elif isinstance(binding, Constant):
            content, format_name = self.store_value(binding.value, annotation)
            yield describe_value(argument, path, content, format_name, self.artifacts)
        elif isinstance(binding, Given):
            if isinstance(binding.artifact.source, FreeSource):
                raise _NotKnownYetError  # its files are looked at when they are copied
            shown = str(binding.named or binding.artifact.uri)
            yield describe_artifact(argument, path, binding.artifact, shown)
        elif isinstance(binding, Collection):
            types = item_types(annotation, binding.kind, [key for key, _ in binding.items])
            yield describe_collection(argument, path, binding.kind, len(binding.items))
            for (key, item), wanted in zip(binding.items, types or [], strict=True):
                yield from self._describe(argument, f"{path}[{key!r}]", item, wanted)

    def _describe_output(self, argument: Argument, path: str, reference: Reference) -> InputContent:
        content = self.outputs.get((reference.node, reference.output))
        if content is None:
            raise _NotKnownYetError
        output = self.plan.nodes[reference.node].step.outputs[reference.output]
        return describe_output(argument, path, reference.node, output, content, self.artifacts)


def preview_plan(
    plan: Plan,
    store: MetadataStore,
    artifacts: ArtifactStore,
    lookup: CacheLookup,
    store_value: StoreValue,
) -> dict[str, Decision]:
    """Return what is decided of each node: hit, miss with its reasons, or open until others ran.

    What is behind a miss is open: the miss may yield what it yielded before.
    """
    accepted = AcceptedChanges(store.list_acceptances(), functools.partial(load_fingerprint, store))
    preview = _Preview(plan, store, lookup, accepted, artifacts, store_value, {})
    every = plan.every_node
    lookup.prefetch([node.step for node in every.values()], len(every))
    decisions: dict[str, Decision] = {}
    for name, node in plan.nodes.items():
        decision = preview.decide(node)
        if decision.verdict is Verdict.OPEN:
            decision = replace(decision, reasons=(_waits_for(node, decisions),))
        decisions[name] = replace(decision, warnings=tuple(_warnings(node)))
    return _with_times(plan, store, decisions)


def _waits_for(node: PlannedNode, decisions: Mapping[str, Decision]) -> str:
    awaited = (*node.depends_on, *node.follows_items_of)
    behind = [name for name in awaited if decisions[name].verdict is not Verdict.HIT]
    return f"decided once {list_folded(behind)} has run" if behind else "decided when it runs"


def _warnings(node: PlannedNode) -> Iterator[str]:
    """Yield what the key of a step does not see, as far as that is known."""
    if node.template is not None:
        for each in node.template.nodes.values():
            yield from _warnings(each)
        return
    for each in fingerprint_node(node).unresolved:
        yield f"{each.name} ({each.where}) is not seen: {each.reason}"
    for name, value in node.parameters.items():
        if isinstance(value, str) and _names_file(value):
            yield (
                f"parameter {name} names a file, {value!r}, whose content is not seen: "
                "declare it as a `Path`"
            )


def _names_file(value: str) -> bool:
    try:
        return Path(value).is_file()
    except (OSError, ValueError):  # too long for a path, or holds what none can
        return False


def _with_times(
    plan: Plan, store: MetadataStore, decisions: Mapping[str, Decision]
) -> dict[str, Decision]:
    running = {name for name, each in decisions.items() if each.verdict is not Verdict.HIT}
    steps: Sequence[str] = sorted({plan.nodes[name].step.name for name in running})
    durations: Mapping[str, Sequence[float]] = store.list_durations(steps)
    return {
        name: replace(decision, expected_seconds=_expect(durations.get(plan.nodes[name].step.name)))
        if name in running
        else decision
        for name, decision in decisions.items()
    }


def _expect(durations: Sequence[float] | None) -> float | None:
    return median(durations) if durations else None
