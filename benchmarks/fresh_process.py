"""Times programs in processes of their own, as a user starts them."""

import compileall
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measurement import median_seconds

ROOT = Path(__file__).resolve().parents[1]
BARE = ["-c", "pass"]


def compile_bytecode() -> None:
    """Compile what an installation would have compiled."""
    compileall.compile_dir(ROOT / "src", quiet=1)


def run_python(arguments: Sequence[str], home: Path | None = None) -> str:
    """Run Python with *arguments*; return what it printed. Raises `CalledProcessError`."""
    environment = {
        name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    if home is not None:
        environment["WHENCE_HOME"] = str(home)
    command = [sys.executable, *arguments]
    outcome = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return outcome.stdout


def process_seconds(arguments: Sequence[str], home: Path | None = None, times: int = 7) -> float:
    """Return the median time of fresh processes, after one that warms the disk's cache."""
    run_python(arguments, home)
    return median_seconds(lambda: run_python(arguments, home), times)
