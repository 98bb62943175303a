"""An environment for each peer: made once of its requirement file, then reused."""

import subprocess
import sys
from pathlib import Path

from benchmarks.fresh_process import ROOT

PEERS = Path(__file__).parent / "peers"
_ENVIRONMENTS = ROOT / ".peers"
_UV = ROOT / ".tools" / "bin" / "uv"


def find_version(peer: str) -> str:
    """Return the version that a peer's requirement file names."""
    return _requirement_file(peer).read_text().strip().partition("==")[2]


def prepare_environment(peer: str) -> Path:
    """Return the interpreter of an environment with *peer*, which is made if need be.

    Raises `CalledProcessError` where it cannot be installed.
    """
    folder = _ENVIRONMENTS / peer
    stamp, python = folder / ".ready", folder / "bin" / "python"
    wanted = _requirement_file(peer).read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        _make(folder, python, _requirement_file(peer))
        stamp.write_text(wanted)
    return python


def _make(folder: Path, python: Path, requirements: Path) -> None:
    print(f"Installing {requirements.stem} into {folder}", file=sys.stderr)
    _call(ROOT / "scripts" / "bootstrap", "tools")
    _call(_UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
    overrides = ["--overrides", PEERS / "overrides.txt"]
    target = ["--quiet", "--compile-bytecode", "--python", python]
    _call(_UV, "pip", "install", *target, *overrides, "--requirement", requirements)


def _call(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _requirement_file(peer: str) -> Path:
    return PEERS / f"{peer}.txt"
