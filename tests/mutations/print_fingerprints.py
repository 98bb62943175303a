"""Prints the fingerprints of the steps of projects: `... ENTRY FOLDER`, a line for each project.

What all projects import is imported once; each is then loaded in a fork, as in a fresh process.
A project's `INPUTS` are values that its steps take from others, by step and argument.
"""

import gc
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np  # noqa: F401  # loaded before the forks, for speed
import pydantic  # noqa: F401  # as above

import whence
from whence.authoring.step_definition import StepDefinition
from whence.caching.input_contents import InputContent, describe_value
from whence.caching.step_keys import fingerprint_node
from whence.domain.contents import make_inline_content
from whence.fingerprint.parts import Fingerprint
from whence.graph.interface import Argument
from whence.graph.plan import PlannedNode
from whence.materializers.json_values import JsonMaterializer


def fingerprints(entry: str, folder: str) -> dict[str, str]:
    """Return the digest of each step of a project, by name."""
    sys.path[:0] = [folder, str(Path(folder) / "site")]
    module = importlib.import_module(entry)
    steps = {name: each for name, each in vars(module).items() if isinstance(each, StepDefinition)}
    taken = getattr(module, "INPUTS", {})
    found = {name: fingerprint(each, taken.get(name, {})) for name, each in steps.items()}
    uncacheable = {name: each.not_cacheable for name, each in found.items() if each.not_cacheable}
    if uncacheable:
        raise AssertionError(uncacheable)
    return {name: each.digest for name, each in found.items()}


def fingerprint(step: StepDefinition, taken: dict[str, Any]) -> Fingerprint:
    """Return the fingerprint of a step that takes some values of others."""
    spec = step.spec
    node = PlannedNode(spec.name, spec, spec.options, {}, {}, {}, (), None, 0)
    inputs = [stored(spec.arguments[name], value) for name, value in taken.items()]
    return fingerprint_node(node, inputs)


def stored(argument: Argument, value: Any) -> InputContent:
    """Return what a key sees of a value, stored as JSON."""
    json_files = JsonMaterializer()
    content = make_inline_content({json_files.file_name: json_files.encode(value)})
    return describe_value(argument, "", content, json_files.format, store=None)


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
