"""Ties a node's bindings to the contents that its steps have produced."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from whence.domain.ids import ArtifactId, StepRunId
from whence.domain.records import ArtifactRecord, InputRecord
from whence.engine.step_job import (
    ABSENT,
    CollectedInput,
    MissingInput,
    ProducedInput,
    StepInput,
    StoredOutput,
)
from whence.graph.bindings import Binding, Collection, Constant, Given, Item, Reference
from whence.graph.items import item_types
from whence.graph.plan import PlannedNode
from whence.running.handed_values import HandedValues


@dataclass(slots=True)
class Produced:
    """The outputs of the steps that have completed, by node and name."""

    outputs: dict[tuple[str, str], tuple[ProducedInput, ArtifactId]] = field(
        default_factory=dict[tuple[str, str], tuple[ProducedInput, ArtifactId]]
    )
    makers: dict[ArtifactId, StepRunId | None] = field(
        default_factory=dict[ArtifactId, "StepRunId | None"]
    )  # the step runs that computed them

    def add(self, node: str, stored: StoredOutput, record: ArtifactRecord) -> None:
        """Keep an output for those that take it."""
        in_memory = stored.value if stored.content.inline is not None else ABSENT
        given = ProducedInput(node, stored.output, stored.content, in_memory)
        self.outputs[node, stored.output.name] = given, record.id
        self.makers[record.id] = record.step_run_id


TakeItem = Callable[[Item], tuple[ProducedInput, ArtifactId]]
"""Gives an item of a list as an artifact of its own."""


def resolve_inputs(
    node: PlannedNode, produced: Produced, handed: HandedValues, take_item: TakeItem | None = None
) -> tuple[dict[str, StepInput], tuple[InputRecord, ...]]:
    """Return a node's inputs and the records of what it takes."""
    inputs: dict[str, StepInput] = {}
    records: list[InputRecord] = []
    for name, binding in node.inputs.items():
        if isinstance(binding, Reference):  # by far the most frequent
            found = produced.outputs.get((binding.node, binding.output))
            if found is not None:
                inputs[name] = found[0]
                records.append(InputRecord(name, "", found[1]))
                continue
        resolver = _Resolver(name, produced, handed, take_item, records)
        inputs[name] = resolver.resolve(binding, node.step.arguments[name].annotation, "")
    return inputs, tuple(records)


@dataclass(slots=True)
class _Resolver:
    argument: str
    produced: Produced
    handed: HandedValues
    take_item: TakeItem | None
    records: list[InputRecord]

    def resolve(self, binding: Binding, annotation: Any, path: str) -> StepInput:
        if isinstance(binding, Collection):
            return CollectedInput(binding.kind, tuple(self._items(binding, annotation, path)))
        if isinstance(binding, Reference):
            found = self.produced.outputs.get((binding.node, binding.output))
            if found is None:  # its step did not run, and the argument accepts None
                return MissingInput()
            given, artifact_id = found
        elif isinstance(binding, Item) and self.take_item is not None:
            given, artifact_id = self.take_item(binding)
        elif isinstance(binding, Given):
            given, artifact_id = self.handed.take_artifact(
                self.argument, binding.artifact, annotation
            )
            if binding.named is not None:
                given = replace(given, shown=str(binding.named))
        elif isinstance(binding, Constant):
            given, artifact_id = self.handed.take_value(self.argument, binding.value, annotation)
        else:
            raise AssertionError(binding)  # a plan holds no unusable binding
        self.records.append(InputRecord(self.argument, path, artifact_id))
        return given

    def _items(
        self, binding: Collection, annotation: Any, path: str
    ) -> Iterator[tuple[Any, StepInput]]:
        types = item_types(annotation, binding.kind, [key for key, _ in binding.items])
        for (key, item), wanted in zip(binding.items, types or [], strict=True):
            yield key, self.resolve(item, wanted, f"{path}/{key}")
