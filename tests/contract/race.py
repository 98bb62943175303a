"""Processes that do the same at the same moment, forked from one that has no threads."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def run_alone(script: str, *arguments: object) -> Any:
    """Return what *script* prints as JSON, from a fresh process that may fork."""
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run(command, check=True, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def race(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Return what *act* returns, plain data, in each of *count* processes let go together."""
    held, go = os.pipe()
    answers = [_fork(act, number, held, go) for number in range(count)]
    os.close(go)  # now every child reads the end of the pipe
    os.close(held)
    found = [_read(answer) for answer in answers]
    assert {os.wait()[1] for _ in answers} == {0}
    return [json.loads(each) for each in found]


def _fork(act: Callable[[int], Any], number: int, held: int, go: int) -> int:
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(go)
        os.read(held, 1)
        try:
            os.write(writing, json.dumps(act(number)).encode())
        except BaseException:  # noqa: BLE001  # the child must not go on as its parent
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    os.close(writing)
    return reading


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read()
