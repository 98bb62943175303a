"""What the options of a plan's steps are to the state of the run."""

from whence.engine.step_rules import StepRules
from whence.graph.plan import Plan, PlannedNode


def rules_of(plan: Plan) -> dict[str, StepRules]:
    """Return the rules of every node, in the order of placing."""
    by_position = sorted(plan.nodes.values(), key=lambda node: node.position)
    return {node.name: rules_of_node(node) for node in by_position}


def rules_of_node(node: PlannedNode) -> StepRules:
    """Return the rules of one node."""
    return StepRules(
        depends_on=node.depends_on,
        tolerates=node.tolerates,
        follows_items_of=node.follows_items_of,
        expands=node.template is not None,
        allow_failures=node.options.allow_failures,
        resources=node.options.resources,
        retries=node.options.retries,
        timeout_seconds=node.options.timeout,
    )
