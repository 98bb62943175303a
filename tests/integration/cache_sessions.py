"""Projects of a few modules, each session of which is a process of its own, as users work."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from tests.integration.run_script import ENVIRONMENT

REPORT = """
import json, sys
import {module}
run = eval(sys.argv[1], vars({module}))
members = [run.steps[name] for name in run.steps]
print(json.dumps({{
    "computed": [each.node for each in members if not each.cached],
    "cached": [each.node for each in members if each.cached],
    "result": run.read(),
}}))
"""


@dataclass(frozen=True, slots=True)
class Session:
    """What one process ran."""

    computed: list[str]
    cached: list[str]
    result: Any


def write_modules(project: Path, modules: Mapping[str, str]) -> None:
    """Write modules, given by their file names, as somebody edits them."""
    for name, text in modules.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))


def run_session(
    project: Path, call: str = "work()", *, module: str = "pipelines", **settings: str
) -> Session:
    """Run a call of a pipeline of *module* in a new process; return what became of its steps."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(module=module), call],
        cwd=project,
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return Session(**json.loads(done.stdout.splitlines()[-1]))


def computed(run: Any) -> list[str]:
    """Return the nodes of a run that ran."""
    return [name for name in run.steps if not run.steps[name].cached]
