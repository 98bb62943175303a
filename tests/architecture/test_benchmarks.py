"""What the benchmarks rely on is there, so that they are found broken before they are needed."""

import xml.etree.ElementTree as ET
from pathlib import Path

from benchmarks import step_parts
from benchmarks.size_plot import Curve, write_plot
from benchmarks.stopwatches import Stopwatches, watching


def test_every_part_of_a_step_that_is_timed_exists():
    """`make bench ARGS=where` names functions that Whence has, and leaves them as they were."""
    from whence.engine.execute_step import execute_step

    with watching(Stopwatches(), step_parts.PLACES):
        from whence.engine.execute_step import execute_step as watched

    from whence.engine.execute_step import execute_step as afterwards

    assert watched is not execute_step
    assert afterwards is execute_step


def test_the_plot_shows_every_curve(tmp_path: Path):
    """The plot of cost against graph size is an image with a named line for each curve."""
    curves = [Curve("a chain", {100: 0.2, 1000: 0.4}), Curve("a fan", {100: 0.3, 1000: 12})]

    root = ET.parse(write_plot(curves, tmp_path / "plot.svg")).getroot()

    texts = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"a chain", "a fan", "100", "1,000"} <= texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == len(curves)
