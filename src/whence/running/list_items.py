"""Takes lists apart that steps gave: each item becomes an artifact of its own."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from whence.domain.artifacts import Artifact
from whence.domain.contents import Content
from whence.domain.frozen import frozen
from whence.domain.ids import ArtifactId
from whence.domain.records import Event, RunRecord, ValueStored
from whence.engine.step_job import ABSENT, ProducedInput
from whence.engine.store_outputs import is_immutable, store_value
from whence.graph.bindings import Item, Reference
from whence.graph.interface import OutputSpec
from whence.graph.items import item_output
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.materializer import ItemizedMaterializer, Materializer, StoredItem
from whence.registry.materializers import materializer_for_format
from whence.registry.stored_content import StoredContentSource
from whence.running.run_records import make_artifact_record
from whence.running.step_inputs import Produced

Taken = tuple[ProducedInput, ArtifactId]


@frozen
class _OpenList:
    """A list whose items are known: values in memory, or folders of its own content."""

    given: ProducedInput
    artifact_id: ArtifactId
    item: OutputSpec
    values: Sequence[Any] | None
    parts: Sequence[StoredItem]

    def __len__(self) -> int:
        return len(self.parts if self.values is None else self.values)


class ListItems:
    """The items of lists that a run spreads; each is stored once, whoever takes it.

    An item has the content that it would have had if it had been stored alone. What is stored item
    by item is not read for that.
    """

    def __init__(
        self,
        produced: Produced,
        run: RunRecord,
        store: ArtifactStore,
        record: Callable[[Event], None],
    ) -> None:
        self._produced = produced
        self._run = run
        self._store = store
        self._record = record
        self._lists: dict[Reference | Item, _OpenList] = {}
        self._taken: dict[Item, Taken] = {}

    def count(self, binding: Reference | Item) -> int:
        """Return how many items a list has."""
        return len(self._open(binding))

    def take(self, item: Item) -> Taken:
        """Return an item as a step takes it."""
        if item not in self._taken:
            self._taken[item] = self._keep(item, self._open(item.of))
        return self._taken[item]

    def read(self, given: ProducedInput) -> Any:
        """Return the value of an output."""
        if given.value is not ABSENT:
            return given.value
        return self._artifact_of(given).read(given.output.annotation)

    def _open(self, binding: Reference | Item) -> _OpenList:
        if binding not in self._lists:
            self._lists[binding] = self._read(*self._find(binding))
        return self._lists[binding]

    def _find(self, binding: Reference | Item) -> Taken:
        if isinstance(binding, Item):
            return self.take(binding)
        return self._produced.outputs[binding.node, binding.output]

    def _read(self, given: ProducedInput, artifact_id: ArtifactId) -> _OpenList:
        item = item_output(given.output)
        if item is None:
            raise AssertionError(given.output)  # the plan was checked
        materializer = given.output.materializer
        if isinstance(materializer, ItemizedMaterializer):
            parts = materializer.list_items(self._artifact_of(given))
            return _OpenList(given, artifact_id, item, None, parts)
        return _OpenList(given, artifact_id, item, self.read(given), ())

    def _artifact_of(self, given: ProducedInput) -> Artifact:
        source = StoredContentSource(given.content, given.output.format, self._store)
        return given.output.artifact_type.from_source(source)

    def _keep(self, item: Item, whole: _OpenList) -> Taken:
        """Make an item an artifact, of the step that gave the list."""
        output = replace(whole.item, name=f"{whole.given.output.name}[{item.index}]")
        value: Any = ABSENT
        if whole.values is None:
            part = whole.parts[item.index]
            content = self._store.take_part(whole.given.content, part.folder)
            output = replace(output, materializer=_reader(output, part))
        else:
            value = whole.values[item.index]
            content = store_value(self._store, _materializer_of(output), value)
        artifact_id = self._tell(output, content, whole)
        in_memory = value if is_immutable(value) else ABSENT
        return ProducedInput(whole.given.node, output, content, in_memory), artifact_id

    def _tell(self, output: OutputSpec, content: Content, whole: _OpenList) -> ArtifactId:
        maker = self._produced.makers.get(whole.artifact_id)
        record = make_artifact_record(output, content, self._run.id, maker)
        self._produced.makers[record.id] = maker
        self._record(ValueStored(record, content))
        return record.id


def _materializer_of(output: OutputSpec) -> Materializer:
    if output.materializer is None:
        raise AssertionError(output)  # an item of a list has one
    return output.materializer


def _reader(output: OutputSpec, part: StoredItem) -> Materializer:
    declared = _materializer_of(output)
    return declared if declared.format == part.format else materializer_for_format(part.format)
