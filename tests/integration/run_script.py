"""Scripts beside the tests, run in a process of their own that imports what the tests would."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
"""What a script is started with."""


def run_script(name: str, *arguments: object, prefix: tuple[str, ...] = (), **settings: str) -> str:
    """Run a script beside this file to its end, however it ends; return what it printed."""
    done = subprocess.run(
        [*prefix, sys.executable, str(SCRIPTS / name), *map(str, arguments)],
        cwd=ROOT,
        env={**ENVIRONMENT, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout
