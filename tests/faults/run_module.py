"""Modules beside the tests, run in a process of their own that may fork."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Libraries that start threads when they are imported do not: the modules fork."""


def run_module(name: str, *arguments: object, **settings: str) -> dict[str, Any]:
    """Return what a module of this folder prints as JSON; skip the test if it says why.

    Its exit code is for who starts it by hand.
    """
    command = [sys.executable, "-m", f"tests.faults.{name}", *map(str, arguments)]
    path = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **SINGLE_THREADED, **settings},
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )
    assert done.stdout, f"{name} ended with {done.returncode}"
    found = json.loads(done.stdout)
    if "skip" in found:
        pytest.skip(found["skip"])
    return found
