"""A plan with its decisions: what a run would reuse just now, and why not the rest."""

from dataclasses import replace
from typing import Any

from whence.authoring.options import PipelineOptions
from whence.caching.lookup import CacheLookup
from whence.caching.preview import preview_plan
from whence.domain.contents import Content
from whence.engine.store_outputs import store_value
from whence.graph.plan import Plan
from whence.graph.settle import stored_type
from whence.registry.materializers import materializer_for
from whence.stacks.current import open_stack


def forecast_plan(plan: Plan, options: PipelineOptions) -> Plan:
    """Return *plan* with what is decided of each step on the current stack; nothing runs."""
    stack = open_stack()

    def store(value: Any, annotation: Any) -> tuple[Content, str]:
        stack.make_home()
        materializer = materializer_for(stored_type(annotation, value))
        return store_value(stack.artifact_store, materializer, value), materializer.format

    lookup = CacheLookup(
        stack.metadata_store,
        stack.artifact_store,
        reuses=options.cache is not False,
        refresh=options.refresh,
    )
    stores = stack.metadata_store, stack.artifact_store
    return replace(plan, decisions=preview_plan(plan, *stores, lookup, store))
