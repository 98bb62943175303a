"""Thousands of random runs: no order of events makes the state of a run break a promise.

Seeds that fail are printed; `python -m tests.simulation.replay SEED` shows one of them by itself.
`WHENCE_SIMULATION_SEEDS=100000` tries more of them.
"""

import os
from collections import Counter

import pytest
from tests.simulation.ledger import Broken
from tests.simulation.scenarios import draw_scenario
from tests.simulation.world import World, simulate

from whence.domain.status import RunStatus, StepStatus
from whence.engine.run_events import (
    AttemptEnded,
    EndStep,
    RetryLater,
    StartAttempt,
    StepDecided,
    StepExpanded,
    StopAttempt,
)
from whence.engine.run_state import RunState

SEEDS = int(os.environ.get("WHENCE_SIMULATION_SEEDS", "10000"))
PARTS = 20


@pytest.mark.parametrize("part", range(PARTS))
def test_no_order_of_events_breaks_a_promise(part):
    """Whatever fails, is lost, comes late or is cancelled: every run keeps all promises."""
    broken = {}
    for seed in range(part, SEEDS, PARTS):
        try:
            simulate(draw_scenario(seed))
        except Broken as error:
            broken[seed] = f"{error}  (python -m tests.simulation.replay {seed})"

    assert broken == {}


def test_the_scenarios_hold_what_may_happen():
    """Each kind of end, fault and cancellation occurs in many of the simulated runs."""
    seen = Counter(kind for seed in range(500) for kind in set(kinds(run_of(seed))))

    assert {kind: seen[kind] for kind in EXPECTED if seen[kind] < 25} == {}


EXPECTED = [
    *(status for status in RunStatus if status not in (RunStatus.RUNNING, RunStatus.CRASHED)),
    *(StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.CANCELLED),
    *(AttemptEnded, RetryLater, StepExpanded, StopAttempt),
    *("goes on without", "late word", "waits for room", "nested map"),
]


def run_of(seed: int) -> World:
    """Return a world after its run."""
    return simulate(draw_scenario(seed), RunState)


def kinds(world: World):
    """Yield what occurred in a run."""
    yield world.ledger.run_status
    told = set()
    decided = {}
    for at, entry in world.trace:
        yield entry.status if isinstance(entry, EndStep) else type(entry)
        if isinstance(entry, StepDecided):
            decided[entry.node] = at
        if isinstance(entry, StartAttempt) and entry.attempt.number == 1:
            yield "waits for room" if at > decided[entry.attempt.node] else "has room"
        if isinstance(entry, AttemptEnded):
            yield "late word" if entry.attempt in told else "word"
            told.add(entry.attempt)
    for node in world.ledger.entries.values():
        yield "goes on without" if is_tolerant(node, world) else "has all"
        yield "nested map" if node.rules.expands and node.item else "node"


def is_tolerant(node, world: World) -> bool:
    """Return whether a node completed without something it depends on."""
    ends = [world.ledger.entries[name].end.status for name in node.rules.depends_on]
    return node.end.status is StepStatus.COMPLETED and StepStatus.SKIPPED in ends
