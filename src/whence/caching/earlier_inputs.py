"""What a step of a plan took in an earlier run, as its key of that time tells it."""

from collections.abc import Iterator, Mapping

from whence.caching.input_contents import (
    InputContent,
    describe_collection,
    describe_output,
    describe_value,
)
from whence.domain.cache_keys import CacheKey
from whence.graph.bindings import Binding, Collection, Reference
from whence.graph.interface import Argument
from whence.graph.plan import Plan, PlannedNode
from whence.interfaces.artifact_store import ArtifactStore
from whence.interfaces.metadata_store import MetadataStore


class EarlierInputs:
    """Describes inputs of a plan's steps by the contents that they had."""

    def __init__(self, plan: Plan, store: MetadataStore, artifacts: ArtifactStore) -> None:
        self._nodes = plan.every_node
        self._store = store
        self._artifacts = artifacts

    def describe(self, node: PlannedNode, key: CacheKey) -> Iterator[InputContent]:
        """Yield what *node* took in the run that had this key, where it is bound to the same."""
        taken = {part.name: part.digest for part in key.parts if part.kind == "input"}
        for name, binding in node.inputs.items():
            yield from self._describe(node.step.arguments[name], "", binding, taken)

    def _describe(
        self, argument: Argument, path: str, binding: Binding, taken: Mapping[str, str]
    ) -> Iterator[InputContent]:
        if isinstance(binding, Collection):
            yield describe_collection(argument, path, binding.kind, len(binding.items))
            for key, item in binding.items:
                yield from self._describe(argument, f"{path}[{key!r}]", item, taken)
            return
        digest, _, format_name = taken.get(argument.name + path, "").partition(" ")
        content = self._store.find_content(digest) if digest else None
        if content is None:
            return
        if isinstance(binding, Reference):
            output = self._nodes[binding.node].step.outputs[binding.output]
            yield describe_output(argument, path, binding.node, output, content, self._artifacts)
        else:
            yield describe_value(argument, path, content, format_name or None, self._artifacts)
