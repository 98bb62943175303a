"""What the options of a plan's steps are to the state of the run."""

from collections.abc import Collection as Names

from whence.engine.step_rules import StepRules
from whence.graph.plan import Plan, PlannedNode


def rules_of(plan: Plan, done: Names[str] = frozenset()) -> dict[str, StepRules]:
    """Return the rules of every node but those *done*, in the order of placing."""
    left = [node for node in plan.nodes.values() if node.name not in done]
    left.sort(key=lambda node: node.position)
    return {node.name: rules_of_node(node, done) for node in left}


def rules_of_node(node: PlannedNode, done: Names[str] = frozenset()) -> StepRules:
    """Return the rules of one node, which need not await those *done*."""
    return StepRules(
        depends_on=tuple([name for name in node.depends_on if name not in done]),
        tolerates=node.tolerates,
        follows_items_of=node.follows_items_of,
        expands=node.template is not None,
        allow_failures=node.options.allow_failures,
        resources=node.options.resources,
        retries=node.options.retries,
        timeout_seconds=node.options.timeout,
    )
