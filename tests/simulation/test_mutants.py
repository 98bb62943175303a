"""The simulation is sharp: it finds each of many small breakages of the state of a run."""

import pytest
from tests.simulation.ledger import Broken
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.scenarios import draw_scenario
from tests.simulation.world import simulate

MOST_SEEDS = 3000


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.breaks)
def test_a_broken_rule_is_found(mutant):
    """A machine with one broken rule fails on seeds that the real one gets through."""
    machine = mutant.load()

    assert find(machine) is not None


def test_an_unbroken_copy_is_sound():
    """Loading the machine anew does not break it by itself."""
    same = Mutant("nothing", "run_state", '"""The state of a run:', '"""The state of one run:')

    assert find(same.load(), 200) is None


def find(machine, seeds: int = MOST_SEEDS) -> int | None:
    """Return the first seed that shows that a machine is broken."""
    for seed in range(seeds):
        try:
            simulate(draw_scenario(seed), machine)
        except (Broken, KeyError, AttributeError, IndexError):
            return seed
    return None
