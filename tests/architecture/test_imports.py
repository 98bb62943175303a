"""What is loaded, and when: seen from a fresh process, as a user starts one."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = (
    "alembic",
    "fastapi",
    "keras",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "pydantic",
    "ray",
    "sklearn",
    "sqlalchemy",
)
LIST_MODULES = "import json, sys; print(); print(json.dumps(sorted(sys.modules)))"
SHOW_HELP = """
import sys
from whence.cli.main import main
sys.argv = ["whence", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


def loaded_by(program: str) -> set[str]:
    """Return the names of the modules that a fresh interpreter holds after *program*."""
    # Coverage would follow into the process, and load modules of its own.
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("COV")}
    outcome = subprocess.run(
        [sys.executable, "-c", f"{program}\n{LIST_MODULES}"],
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return set(json.loads(outcome.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def after_import() -> set[str]:
    """Return what `import whence` adds to a bare interpreter."""
    return loaded_by("import whence") - loaded_by("pass")


@pytest.fixture(scope="module")
def after_help() -> set[str]:
    """Return what `whence --help` adds to a bare interpreter."""
    return loaded_by(SHOW_HELP) - loaded_by("pass")


@pytest.mark.parametrize("module", [*HEAVY, "click", "rich"])
def test_import_loads_nothing_heavy(module, after_import):
    """`import whence` loads no data library, no database layer and nothing of the command line."""
    assert module not in after_import


def test_import_scans_no_entry_points(after_import):
    """`import whence` looks for no plugins: what finds them is not even loaded."""
    assert "importlib.metadata" not in after_import


@pytest.mark.parametrize("module", HEAVY)
def test_help_loads_nothing_heavy(module, after_help):
    """`whence --help` answers without loading a data library or the database layer."""
    assert module not in after_help
