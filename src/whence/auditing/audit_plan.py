"""Runs every step of a plan twice, in fresh processes under different hash seeds.

The second process takes the inputs that the first one made, so that a step is held to account for
what it does itself; and it runs the steps backwards, so that what one leaves behind in its process
for another is seen too.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from whence.auditing.findings import Audit
from whence.auditing.observation import Observation
from whence.auditing.weigh import weigh_plan
from whence.auditing.work import FOLDER_VARIABLE, Work, parse_line, write_work
from whence.graph.plan import Plan

HASH_SEEDS = ("1", "2")

Tell = Callable[[str], None]


def audit_plan(plan: Plan, command: Sequence[str], tell: Tell) -> Audit:
    """Return what is found of each step. Nothing is recorded; *tell* hears of each run of a step.

    *command* starts a process that loads the same pipeline and calls `run_steps`.
    A step that fails, or that ends its process, is a finding, and the others go on.
    """
    with tempfile.TemporaryDirectory(prefix="whence-audit-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        first = _Pass(folder, command, HASH_SEEDS[0], tell)
        first.run(list(plan.nodes), {})
        complete = {
            node: observation
            for node, observation in first.observations.items()
            if observation.error is None
        }
        second = _Pass(folder, command, HASH_SEEDS[1], tell)
        second.run(list(reversed(complete)), complete)
    return weigh_plan(plan, first.observations, second.observations)


@dataclass(slots=True)
class _Death:
    """How a process ended before its time."""

    step: str | None  # the one that was running
    reason: str


@dataclass(slots=True)
class _Pass:
    """Runs steps once each, in as few processes as their deaths allow."""

    folder: Path
    command: Sequence[str]
    hash_seed: str
    tell: Tell
    observations: dict[str, Observation] = field(default_factory=dict[str, Observation])

    def run(self, nodes: Sequence[str], known: Mapping[str, Observation]) -> None:
        """Run *nodes*; *known* are outputs that need not be made again."""
        left = list(nodes)
        while left:
            write_work(self.folder, Work(left, {**self.observations, **known}))
            death = self._run_process()
            remaining = [node for node in left if node not in self.observations]
            if death is None:
                return
            if death.step is None and remaining == left:  # the pipeline cannot even be loaded there
                death.step, *_ = left
                remaining = []
            if death.step is not None:
                self._keep(Observation(death.step, death.reason))
            left = [node for node in remaining if node != death.step]

    def _run_process(self) -> _Death | None:
        """Run one process to its end; say how it died, if it did."""
        running: str | None = None
        output = self.folder / "output.txt"
        with output.open("wb") as words, self._start(words) as process:
            try:
                for told in map(parse_line, process.stdout or ()):
                    if told is not None:
                        running = told if isinstance(told, str) else self._keep(told)
            except BaseException:  # interrupted: its process group need not be ours
                process.terminate()
                raise
        if process.returncode == 0:
            return None
        return _Death(running, _describe_death(process.returncode, output))

    def _start(self, words: IO[bytes]) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603  # the command that was given to us
            self.command,
            env={
                **os.environ,
                "PYTHONHASHSEED": self.hash_seed,
                FOLDER_VARIABLE: str(self.folder),
            },
            stdout=subprocess.PIPE,
            stderr=words,
            stdin=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def _keep(self, observation: Observation) -> None:
        self.observations[observation.node] = observation
        outcome = "completed" if observation.error is None else observation.error
        number = HASH_SEEDS.index(self.hash_seed) + 1
        self.tell(f"{observation.node}: run {number} of 2: {outcome}")


def _describe_death(code: int, output: Path) -> str:
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = f": {lines[-1].strip()}" if lines else ""
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"its process {ended}{last}"


def this_python() -> list[str]:
    """Return the words that start `python -m whence` as this process was started."""
    return [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "whence"]
