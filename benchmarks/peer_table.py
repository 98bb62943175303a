"""What a step costs in Whence and in six other frameworks, each in its own local set-up."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peer_environments import PEERS, find_version, prepare_environment
from whence.domain.version import __version__

LONGER = 1000
_LIMIT_SECONDS = 900
_NOWHERE = "http://127.0.0.1:9"

_TITLE = (
    f"{'':<21} {'steps':>5} {'first':>9} {'again':>9} {'start-up':>8} {'against Whence':>18}"
    "  what is kept, and what is done again"
)
_SETTINGS = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HAMILTON_TELEMETRY_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",  # Busy machines need more than 20.
    "ZENML_ANALYTICS_OPT_IN": "false",
    "HTTP_PROXY": _NOWHERE,  # What would leave this machine fails at once.
    "HTTPS_PROXY": _NOWHERE,
    "NO_PROXY": "127.0.0.1,localhost",
}
_HOMES = ("HOME", "TMPDIR", "WHENCE_HOME", "DAGSTER_HOME", "PREFECT_HOME", "ZENML_CONFIG_PATH")


@dataclass(frozen=True, slots=True)
class _Tool:
    """A framework, and what it keeps of a chain; the program is named after it."""

    name: str
    keeps: str


_WHENCE = _Tool("Whence", "records, values, code, a cache; nothing again")
TOOLS = (
    _WHENCE,
    _Tool("Luigi", "a file each, no records; looks for the last file"),
    _Tool("Hamilton", "a cache of values, no records of runs; nothing again"),
    _Tool("redun", "records, values, code, a cache; nothing again"),
    _Tool("Dagster", "records, an event log, pickled values; all again"),
    _Tool("Prefect", "records and logs on a local server, a cache; nothing again"),
    _Tool("ZenML", "records, values, code, logs, a cache; nothing again"),
)


@dataclass(frozen=True, slots=True)
class _ChainTimes:
    """Seconds until a chain could run, of its first run, and of running the same again."""

    start: float
    first: float
    again: float


def measure(length: int, rounds: int) -> Iterator[str]:
    """Yield the lines of the table: the best of *rounds*, in which the tools take turns.

    Others' work on the machine can only add to a time, so that the least one says most.
    """
    chains = [(tool, length) for tool in TOOLS] + [(_WHENCE, LONGER)]
    found = {chain: [_try(*chain)] for chain in chains}
    for _ in range(rounds - 1):
        for chain, times in found.items():
            if isinstance(times[0], _ChainTimes):
                times.append(_try(*chain))
    ours = _best(found[_WHENCE, length])
    yield f"\n{_TITLE}"
    for (tool, steps), times in found.items():
        yield _render(tool, steps, _best(times), ours)


def _try(tool: _Tool, length: int) -> _ChainTimes | str:
    """Return the times of a chain, or why there are none."""
    print(f"A chain of {length} steps in {tool.name}", file=sys.stderr)
    try:
        python = _find_python(tool)
    except subprocess.CalledProcessError as error:
        return f"not installed: {_error_line(error.stderr)}"
    try:
        return _time_chain(python, tool, length)
    except subprocess.CalledProcessError as error:
        return f"failed: {_error_line(error.stderr)}"
    except subprocess.TimeoutExpired:
        return f"took more than {_LIMIT_SECONDS} seconds"


def _find_python(tool: _Tool) -> Path:
    return Path(sys.executable) if tool is _WHENCE else prepare_environment(tool.name.lower())


def _time_chain(python: Path, tool: _Tool, length: int) -> _ChainTimes:
    """Run a tool's program in a process and a folder of its own."""
    program = PEERS / f"{tool.name.lower()}_chain.py"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            [python, program, str(length), folder],
            cwd=folder,
            env=_environment(Path(folder)),
            timeout=_LIMIT_SECONDS,
            capture_output=True,
            text=True,
            check=True,
        )
    return _ChainTimes(**json.loads(done.stdout.splitlines()[-1]))


def _environment(folder: Path) -> Mapping[str, str]:
    """Return an environment in which no tool finds or leaves anything elsewhere."""
    return {"PATH": os.defpath, **_SETTINGS, **dict.fromkeys(_HOMES, str(folder))}


def _error_line(text: str) -> str:
    """Return the last line that names an error, else the last one: some go on to clean up."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["without a word"]
    named = [line for line in lines if line.partition(":")[0].endswith(("Error", "Exception"))]
    return (named or lines)[-1]


def _best(times: list[_ChainTimes | str]) -> _ChainTimes | str:
    """Return the least times of several rounds, or why one of them failed."""
    measured = [each for each in times if isinstance(each, _ChainTimes)]
    if len(measured) < len(times):
        return next(each for each in times if isinstance(each, str))
    return _ChainTimes(
        start=min(each.start for each in measured),
        first=min(each.first for each in measured),
        again=min(each.again for each in measured),
    )


def _render(tool: _Tool, steps: int, times: _ChainTimes | str, ours: _ChainTimes | str) -> str:
    version = __version__ if tool is _WHENCE else find_version(tool.name.lower())
    title = f"{tool.name + ' ' + version:<21} {steps:>5}"
    if isinstance(times, str):
        return f"{title} {times}"
    first, again = (f"{1000 * each / steps:>6.3g} ms" for each in (times.first, times.again))
    ratios = _ratios(times, ours, steps)
    return f"{title} {first} {again} {times.start:>6.2f} s {ratios:>18}  {tool.keeps}"


def _ratios(times: _ChainTimes, ours: _ChainTimes | str, steps: int) -> str:
    """Return how many times as long a step takes as one of Whence, first and again."""
    if isinstance(ours, str) or steps == LONGER:
        return ""
    return f"{times.first / ours.first:.3g}x / {times.again / ours.again:.3g}x"
