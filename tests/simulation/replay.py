"""Runs one seed again and prints all that happens: `python -m tests.simulation.replay SEED`."""

import sys
from collections.abc import Iterator

from tests.simulation.ledger import Broken
from tests.simulation.scenarios import Node, draw_scenario
from tests.simulation.world import World

from whence.engine.run_state import RunState


def describe(nodes: dict[str, Node], indent: str = "  ") -> Iterator[str]:
    """Yield lines that say what a scenario holds."""
    for name, node in nodes.items():
        future = f"{node.verdict.name}, looks {node.looks}, {[str(each) for each in node.attempts]}"
        yield f"{indent}{name}: {node.rules}"
        yield f"{indent}  {'' if node.rules.expands else future}"
        for item in node.items:
            yield from describe(item, indent + "    ")


def replay(seed: int) -> None:
    """Print a scenario and what happens in it. Raises `Broken` as the simulation did."""
    scenario = draw_scenario(seed)
    print(f"capacity {scenario.capacity}", f"cancelled at {scenario.cancels}", sep="\n")
    print(*describe(scenario.nodes), sep="\n")
    world = World(scenario, RunState)
    try:
        world.run()
    finally:
        for at, entry in world.trace:
            print(f"{at:8.3f}  {entry}")


if __name__ == "__main__":
    try:
        replay(int(sys.argv[1]))
    except Broken as broken:
        sys.exit(f"broken: {broken}")
