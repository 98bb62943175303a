"""Prints the fingerprints of the steps of projects: `... ENTRY FOLDER`, a line for each project.

What all projects import is imported once; each is then loaded in a fork, as in a fresh process.
"""

import gc
import importlib
import json
import os
import sys
from pathlib import Path

import numpy as np  # noqa: F401  # loaded before the forks, for speed
import pydantic  # noqa: F401  # as above

import whence
from whence.authoring.step_definition import StepDefinition
from whence.fingerprint.compute import compute_fingerprint


def fingerprints(entry: str, folder: str) -> dict[str, str]:
    """Return the digest of each step of a project, by name."""
    sys.path[:0] = [folder, str(Path(folder) / "site")]
    module = importlib.import_module(entry)
    steps = {name: each for name, each in vars(module).items() if isinstance(each, StepDefinition)}
    found = {name: compute_fingerprint(each.fn) for name, each in steps.items()}
    uncacheable = {name: each.not_cacheable for name, each in found.items() if each.not_cacheable}
    if uncacheable:
        raise AssertionError(uncacheable)
    return {name: each.digest for name, each in found.items()}


def main() -> None:
    """Answer each line of the input with a line of the output."""
    assert whence.step, "what makes steps is loaded only when it is asked for"
    gc.freeze()
    for line in sys.stdin:
        entry, folder = line.split()
        sys.stdout.flush()
        child = os.fork()
        if not child:
            print(json.dumps(fingerprints(entry, folder)), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"{folder} cannot be loaded")


if __name__ == "__main__":
    main()
