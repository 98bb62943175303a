#!/usr/bin/env python3
"""Lock files: what each one is compiled from, and whether it still fits pyproject.toml.

`write` compiles them with the uv beside this interpreter, `check` compares without a network.
A lock names no package index, so that every machine installs from its own.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOWEST_PYTHON = "3.11"

# One row per lock, in order: `test` comes first since the others are held to its versions.
RECIPES: dict[str, list[str]] = {
    "test": ["pyproject.toml", "--all-extras", "--group", "dev"],
    "run": ["pyproject.toml", "--extra", "pandas", "--extra", "sklearn", "--group", "run"],
    "core-test": [
        "pyproject.toml",
        *("--extra", "numpy", "--extra", "pandas", "--extra", "polars", "--extra", "sklearn"),
        *("--group", "core-test"),
    ],
    "uv": ["--group", "bootstrap"],
}
HEADER = "# Written by `make lock` from pyproject.toml; not to be edited.\n# Inputs: {inputs}\n"


def compute_inputs(recipe: list[str]) -> str:
    """Return the digest of everything in pyproject.toml that a lock depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    inputs = {
        "recipe": recipe,
        "requires-python": project["project"]["requires-python"],
        "dependencies": project["project"]["dependencies"],
        "extras": project["project"]["optional-dependencies"],
        "groups": project["dependency-groups"],
    }
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def path_of(name: str) -> Path:
    """Return where the lock called *name* lies."""
    return ROOT / "requirements" / f"{name}.txt"


def write_lock(name: str, *, upgrade: bool) -> None:
    """Compile one lock; pins that still fit are kept unless *upgrade* is true."""
    lock = path_of(name)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / lock.name
        if lock.exists() and not upgrade:
            draft.write_bytes(lock.read_bytes())
        held = [] if name in {"test", "uv"} else ["--constraint", str(path_of("test"))]
        subprocess.run(  # noqa: S603  # every word of the command stands in this file
            [
                str(Path(sys.executable).with_name("uv")),
                *("pip", "compile", *RECIPES[name], *held, "--output-file", str(draft)),
                *("--universal", "--python-version", LOWEST_PYTHON, "--generate-hashes"),
                *("--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
                *(["--upgrade"] if upgrade else []),
            ],
            cwd=ROOT,
            check=True,
        )
        pins = draft.read_text(encoding="utf-8")
    if "://" in pins:
        sys.exit(f"error: {lock.name} would name a place on the network; nothing was written.")
    header = HEADER.format(inputs=compute_inputs(RECIPES[name]))
    lock.write_text(header + pins, encoding="utf-8")


def is_stale(name: str) -> bool:
    """Say whether the lock is missing or was compiled from other inputs than today's."""
    lock = path_of(name)
    header = HEADER.format(inputs=compute_inputs(RECIPES[name]))
    return not lock.exists() or not lock.read_text(encoding="utf-8").startswith(header)


def main() -> None:
    """Write or check every lock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["write", "check"])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    arguments = parser.parse_args()
    if arguments.action == "write":
        for name in RECIPES:
            sys.stderr.write(f"==> Locking requirements/{name}.txt\n")
            write_lock(name, upgrade=arguments.upgrade)
        return
    stale = [f"requirements/{name}.txt" for name in RECIPES if is_stale(name)]
    if stale:
        sys.exit(f"error: {', '.join(stale)} no longer fit pyproject.toml; run `make lock`.")


if __name__ == "__main__":
    main()
