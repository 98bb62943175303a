"""What a run reuses before it computes anything: all that follows from nothing new."""

from whence.domain.collector import CollectorHold
from whence.graph.plan import Plan, PlannedNode
from whence.running.cancellation import Cancellation
from whence.running.run_steps import RunSteps

MOST_MISSES = 16
"""How many steps may turn out to be new; then the rest is decided as the run comes to it.

What is prepared here waits in memory until its turn.
"""


def reuse_ahead(plan: Plan, steps: RunSteps, cancellation: Cancellation) -> None:
    """Let steps end that take nothing but what is reused, and are reused themselves.

    Nobody waits for these, so the state of the run need not know them: where nothing has changed, a
    run is one walk through its plan.
    """
    misses = 0
    with CollectorHold():
        for name, node in plan.nodes.items():  # each after all that it depends on
            if cancellation.level or misses == MOST_MISSES:
                break
            if _follows_from(node, steps.reused) and not steps.reuse(name):
                misses += 1


def _follows_from(node: PlannedNode, done: set[str]) -> bool:
    return node.template is None and not node.conditions and done.issuperset(node.depends_on)
