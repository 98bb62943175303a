"""How the steps of runs differ: what was changed by hand, what followed, what came of it."""

from collections.abc import Iterator, Mapping, Sequence

from whence.caching.explain import Change
from whence.domain.node_names import list_folded
from whence.domain.records import ArtifactRecord, StepRunRecord
from whence.domain.status import StepStatus
from whence.history.comparing.align_steps import AlignedSteps
from whence.history.comparing.cause_words import explain_change, order_causes
from whence.history.comparing.key_differences import KeyDifferences, StepPair
from whence.history.comparing.rows import (
    Category,
    Cause,
    Consequence,
    StepDifference,
    StepRow,
    TextRow,
)
from whence.history.plain_values import shorten
from whence.history.reports.quantities import NOTHING
from whence.history.run_records import RunRecords
from whence.values.typed_json_differences import find_value_differences, show_value

_Taken = Mapping[str, ArtifactRecord]
"""What an argument took, by the place in it."""

_BySource = Mapping[tuple[int, str], ArtifactRecord]
"""Outputs by the row of their step and their name."""

_RAN = frozenset({StepStatus.COMPLETED, StepStatus.FAILED})
_NO_CAUSE = frozenset({"command", "whence"})  # facts of an environment that steps do not see


def compare_steps(
    runs: Sequence[RunRecords], aligned: Sequence[AlignedSteps], environment: Sequence[TextRow]
) -> tuple[StepRow, ...]:
    """Return each row of steps with its differences from the first run."""
    pairs = [
        (row[0], step)
        for row in aligned
        for step in row[1:]
        if row[0] is not None and step is not None
    ]
    stores = {id(run.stack): run.stack.metadata_store for run in runs}
    keys = KeyDifferences(pairs, list(stores.values()))
    sides = [_Side(run, number, aligned) for number, run in enumerate(runs)]
    compared = [
        _Pair(sides[0], side, keys, _list_facts(environment, side.number)) for side in sides[1:]
    ]
    return tuple(StepRow(row, tuple(pair.compare(row) for pair in compared)) for row in aligned)


def _list_facts(environment: Sequence[TextRow], run: int) -> str:
    """Return in which facts the environment of a run differs from that of the first."""
    differing = [
        f"{row.name} {row.per_run[0]} → {row.per_run[run]}"
        for row in environment
        if row.name not in _NO_CAUSE and row.per_run[0] != row.per_run[run]
    ]
    return "; ".join(differing)


class _Side:
    """One of the runs, with the row of each of its nodes."""

    def __init__(self, records: RunRecords, number: int, aligned: Sequence[AlignedSteps]) -> None:
        self.records = records
        self.number = number
        self.rows = {
            step.node: row
            for row, steps in enumerate(aligned)
            if (step := steps[number]) is not None
        }
        self.nodes = {row: node for node, row in self.rows.items()}
        self.partial = {row for row, steps in enumerate(aligned) if None in steps}

    def inputs_of(self, step: StepRunRecord) -> Mapping[str, _Taken]:
        """Return the artifacts that a step took, by argument, and in it by place."""
        found: dict[str, dict[str, ArtifactRecord]] = {}
        for record, artifact in self.records.artifacts_of(step.id).inputs:
            found.setdefault(record.argument, {})[record.path] = artifact
        return found

    def by_source(self, taken: _Taken) -> _BySource | None:
        """Return artifacts by the row and name of their output; None if some are no output."""
        rows = [self.rows.get(self.source_of(artifact) or "") for artifact in taken.values()]
        found = {
            (row, artifact.name): artifact
            for row, artifact in zip(rows, taken.values(), strict=True)
            if row is not None
        }
        return found if len(found) == len(taken) else None

    def node_of(self, row: int) -> str | None:
        """Return the node of a row in this run."""
        return self.nodes.get(row)

    def outputs_of(self, step: StepRunRecord) -> dict[str, str]:
        """Return the digests of what a step made."""
        made = self.records.artifacts_of(step.id).outputs
        return {artifact.name: artifact.digest for artifact in made}

    def source_of(self, artifact: ArtifactRecord | None) -> str | None:
        """Return the node of this run that an artifact comes from."""
        return None if artifact is None else self.records.find_node(artifact.id)


class _Pair:
    """The first run and another one."""

    def __init__(self, first: _Side, other: _Side, keys: KeyDifferences, facts: str) -> None:
        self._first, self._other = first, other
        self._keys = keys
        self._facts = facts

    def compare(self, row: AlignedSteps) -> StepDifference:
        """Return how a step differs between the two."""
        one, other = row[0], row[self._other.number]
        if one is None or other is None:
            return _compare_with_nothing(one, other)
        pair = (one, other)
        causes, consequences = self._find_input_changes(pair)
        causes += self._find_causes(pair)
        outputs = self._find_differing_outputs(pair)
        known = self._keys.are_known(pair)
        status = (one.status, other.status) if one.status is not other.status else None
        explained = bool(causes or consequences) or not outputs or status is not None
        return StepDifference(
            causes=order_causes(causes),
            consequences=consequences,
            outputs=outputs,
            status=status,
            unexplained=None if explained else self._guess(code_known=known),
            code_known=known or not _RAN.issuperset({one.status, other.status}),
        )

    # ------------------------------------------------------------------ causes

    def _find_causes(self, pair: StepPair) -> list[Cause]:
        if pair[0].step != pair[1].step:
            return [
                _describe_swap(pair, same_code=self._have_same_code(pair)),
                *_common_parameters(pair),
            ]
        if not self._keys.are_known(pair):
            return list(_parameter_causes(pair))
        changes = self._keys.find_changes(pair)
        return [explain_change(each, pair[1]) for each in changes if each.kind != "input"]

    def _have_same_code(self, pair: StepPair) -> bool:
        if pair[0].cache_key is not None and pair[0].cache_key == pair[1].cache_key:
            return True
        return self._keys.are_known(pair) and not self._keys.has_other_code(pair)

    # ------------------------------------------------------------------ inputs

    def _find_input_changes(self, pair: StepPair) -> tuple[list[Cause], tuple[Consequence, ...]]:
        """Return which inputs differ: by hand, or because of the steps that they come from."""
        if not _RAN.issuperset({pair[0].status, pair[1].status}):
            return [], ()  # what never ran took nothing
        before, after = self._first.inputs_of(pair[0]), self._other.inputs_of(pair[1])
        causes: list[Cause] = []
        consequences: list[Consequence] = []
        for argument in dict.fromkeys([*before, *after]):
            old, new = before.get(argument, {}), after.get(argument, {})
            if _digests(old) != _digests(new):
                found, followed = self._compare_input(argument, old, new)
                causes += found
                consequences += [Consequence(argument, tuple(followed))] if followed else []
        return causes, tuple(consequences)

    def _compare_input(
        self, argument: str, old: _Taken, new: _Taken
    ) -> tuple[list[Cause], list[str]]:
        """Return what was changed by hand in an input, and the nodes that made it differ."""
        before, after = self._first.by_source(old), self._other.by_source(new)
        if before is not None and after is not None and (len(before) > 1 or len(after) > 1):
            return self._compare_collections(argument, before, after)
        causes: list[Cause] = []
        followed: list[str] = []
        for place in dict.fromkeys([*old, *new]):
            one, other = old.get(place), new.get(place)
            if one is None or other is None or one.digest != other.digest:
                source = self._find_common_source(one, other)
                if source is not None:
                    followed.append(source)
                else:
                    causes.append(self._describe_input(argument, one, other))
        return causes, followed

    def _compare_collections(
        self, argument: str, before: _BySource, after: _BySource
    ) -> tuple[list[Cause], list[str]]:
        """Return the same of a list or dict of outputs, whose places may have moved."""
        differing = [
            key
            for key in dict.fromkeys([*before, *after])
            if key not in before or key not in after or before[key].digest != after[key].digest
        ]
        if not differing:
            words = f"input {argument} has its items in another order"
            return [Cause(Category.INPUT, words, Change("input", argument, words))], []
        causes: list[Cause] = []
        followed: list[str] = []
        for key in differing:
            node = self._other.node_of(key[0]) or self._first.node_of(key[0]) or ""
            if (key in before and key in after) or key[0] in self._first.partial:
                followed.append(node)
            else:
                verb = "takes" if key in after else "no longer takes"
                words = f"input {argument} {verb} {node}"
                causes.append(Cause(Category.INPUT, words, Change("input", argument, words)))
        return causes, followed

    def _find_common_source(
        self, old: ArtifactRecord | None, new: ArtifactRecord | None
    ) -> str | None:
        """Return the node whose own difference made an input differ, if that is how it came."""
        one, other = self._first.source_of(old), self._other.source_of(new)
        rows = {self._first.rows.get(one or ""), self._other.rows.get(other or "")}
        if one is not None and other is not None:
            return other if len(rows) == 1 else None
        lone, side = (other, self._other) if old is None else (one, self._first)
        is_of_new_step = (old is None or new is None) and side.rows.get(lone or "") in side.partial
        return lone if is_of_new_step else None

    def _describe_input(
        self, argument: str, old: ArtifactRecord | None, new: ArtifactRecord | None
    ) -> Cause:
        before, after = (
            _describe_source(side.source_of(artifact), artifact)
            for side, artifact in ((self._first, old), (self._other, new))
        )
        if old is None or new is None:
            words = f"input {argument} {'is new' if old is None else 'is gone'}"
        elif before == after:
            words = f"input {argument}: another value was handed in"
        else:
            words = f"input {argument} comes from {after}, was from {before}"
        return Cause(Category.INPUT, words, Change("input", argument, words, before, after))

    # ------------------------------------------------------------------ effects

    def _find_differing_outputs(self, pair: StepPair) -> tuple[str, ...]:
        before, after = self._first.outputs_of(pair[0]), self._other.outputs_of(pair[1])
        names = dict.fromkeys([*before, *after])
        return tuple(name for name in names if before.get(name) != after.get(name))

    def _guess(self, *, code_known: bool) -> str:
        given = "code, parameters and inputs" if code_known else "parameters and inputs"
        maybe = (
            "chance, or something that no key sees" if code_known else "code, environment or chance"
        )
        facts = f" ({self._facts})" if self._facts else ""
        return f"equal {given} gave other outputs: {maybe}{facts}"


def _compare_with_nothing(one: StepRunRecord | None, other: StepRunRecord | None) -> StepDifference:
    step = one or other
    if step is None:
        return StepDifference()
    words = f"step {step.step} {'is new' if one is None else 'is gone'}"
    change = Change("step", step.node, words, one and one.step, other and other.step)
    return StepDifference(causes=(Cause(Category.STEP, words, change),))


def _describe_swap(pair: StepPair, *, same_code: bool) -> Cause:
    old, new = pair[0].step, pair[1].step
    words = f"step {old} is called {new} now" if same_code else f"filled by {old} → {new}"
    return Cause(Category.STEP, words, Change("step", pair[1].node, words, old, new))


def _common_parameters(pair: StepPair) -> Iterator[Cause]:
    """Yield what differs in the parameters that both of two steps have."""
    common = pair[0].parameters.keys() & pair[1].parameters.keys()
    yield from (
        cause for cause in _parameter_causes(pair) if cause.change.name.partition(".")[0] in common
    )


def _parameter_causes(pair: StepPair) -> Iterator[Cause]:
    """Yield what differs in parameters as recorded, field by field."""
    before, after = pair[0].parameters, pair[1].parameters
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None or new is None:
            yield _parameter_cause(name, old and show_value(old), new and show_value(new))
            continue
        for each in find_value_differences(old, new):
            yield _parameter_cause(f"{name}{each.path}", each.old, each.new)


def _parameter_cause(name: str, old: str | None, new: str | None) -> Cause:
    before, after = (shorten(text) if text is not None else NOTHING for text in (old, new))
    words = f"parameter {name} {before} → {after}"
    return Cause(Category.PARAMETER, words, Change("parameter", name, words, old, new))


def _digests(taken: _Taken) -> dict[str, str]:
    return {place: artifact.digest for place, artifact in taken.items()}


def _describe_source(node: str | None, artifact: ArtifactRecord | None) -> str:
    if node is not None:
        return list_folded([node])
    handed = artifact is not None and artifact.step_run_id is None
    return "a value handed in" if handed else "an earlier run"
