"""What it costs to import Whence, and to run a first step."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.fresh_process import BARE, process_seconds, run_python
from benchmarks.measurement import Measurement, median_seconds

FIRST_STEP = """
from whence import step

@step
def add(left: int, right: int) -> int:
    return left + right

assert add.run(left=1, right=2).read() == 3
"""


def measure() -> Iterator[Measurement]:
    """Measure in fresh processes; the bare interpreter is shown and taken off the import."""
    bare = process_seconds(BARE)
    yield Measurement("bare interpreter", 1000 * bare, "ms", note="for comparison")
    imported = process_seconds(["-c", "import whence"])
    yield Measurement("import whence", 1000 * (imported - bare), "ms", 100, "median of 7")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "first_step.py"
        program.write_text(FIRST_STEP)
        first = _first_run_seconds(program, Path(folder) / "home")
    yield Measurement(
        "first run of one step", 1000 * first, "ms", 700, "fresh process, empty store"
    )


def _first_run_seconds(program: Path, home: Path) -> float:
    def run_from_nothing() -> None:
        shutil.rmtree(home, ignore_errors=True)
        run_python([str(program)], home)

    run_from_nothing()
    return median_seconds(run_from_nothing, 5)
