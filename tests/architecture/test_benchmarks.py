"""What the benchmarks rely on is there, so that they are found broken before they are needed."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from benchmarks import peer_table, step_parts
from benchmarks.peer_environments import PEERS
from benchmarks.size_plot import Curve, write_plot
from benchmarks.stopwatches import Stopwatches, watching

PROGRAMS = sorted(PEERS.glob("*_chain.py"))


def test_every_part_of_a_step_that_is_timed_exists():
    """`make bench ARGS=where` names functions that Whence has, and leaves them as they were."""
    from whence.engine.execute_step import execute_step

    with watching(Stopwatches(), step_parts.PLACES):
        from whence.engine.execute_step import execute_step as watched

    from whence.engine.execute_step import execute_step as afterwards

    assert watched is not execute_step
    assert afterwards is execute_step


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_every_peer_has_its_row_and_its_version(program: Path):
    """Each program is of a tool in the table, and says exactly which version of it is meant."""
    name = program.stem.removesuffix("_chain")

    assert name in {tool.name.lower() for tool in peer_table.TOOLS}
    if name != "whence":
        requirement = (PEERS / f"{name}.txt").read_text()
        assert re.fullmatch(r"[a-z-]+(\[[a-z]+\])?==[0-9.]+\n", requirement)


def test_the_plot_shows_every_curve(tmp_path: Path):
    """The plot of cost against graph size is an image with a named line for each curve."""
    curves = [Curve("a chain", {100: 0.2, 1000: 0.4}), Curve("a fan", {100: 0.3, 1000: 12})]

    root = ET.parse(write_plot(curves, tmp_path / "plot.svg")).getroot()

    texts = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"a chain", "a fan", "100", "1,000"} <= texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == len(curves)
