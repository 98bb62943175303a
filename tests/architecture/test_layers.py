"""Imports only go down, and the core stays light."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_imports_only_go_down():
    """Every module imports from its own layer's packages or from lower ones, without exception."""
    lint_imports = Path(sys.executable).with_name("lint-imports")

    outcome = subprocess.run(
        [lint_imports, "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_no_import_is_excused():
    """No contract lists imports that it would overlook."""
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert "ignore_imports" not in settings
