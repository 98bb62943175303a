"""Packages count by their versions; code that nobody installed counts by what it says."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.unit.fingerprint.conftest import FingerprintOf, Load

from whence.fingerprint.boundary import Boundary
from whence.fingerprint.compute import compute_fingerprint

USES = "import lib\n\n\ndef run():\n    return lib.work()\n"


@pytest.fixture
def site(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that packages can be installed into."""
    made = tmp_path / "site"
    made.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(made)])
    return made


def install(site: Path, text: str, version: str = "1.0", *, editable: bool = False) -> None:
    """Install a module `lib` as an installer does."""
    (site / "lib.py").write_text(text)
    record = site / f"my_lib-{version}.dist-info"
    record.mkdir()
    (record / "RECORD").write_text("lib.py,,\n")
    (record / "direct_url.json").write_text(json.dumps({"dir_info": {"editable": editable}}))


def test_package_is_a_part_with_its_version(site: Path, fingerprint_of: FingerprintOf):
    """An installed package is one part, with its name and version."""
    install(site, "def work():\n    return 1\n")

    parts = fingerprint_of(USES).parts

    assert [(each.kind, each.name, each.shown) for each in parts[1:]] == [
        ("package", "my-lib", "1.0")
    ]


def test_editable_package_is_own_code(site: Path, fingerprint_of: FingerprintOf):
    """What was installed editable counts by what it says."""
    install(site, "def work():\n    return 1\n", editable=True)

    assert [each.name for each in fingerprint_of(USES).parts[1:]] == ["lib.work"]


def test_boundary_can_be_moved(site: Path, load: Load):
    """A package may be declared to be own code."""
    install(site, "def work():\n    return 1\n")
    boundary = Boundary(frozenset({"lib"}))

    found = compute_fingerprint(load(USES).run, boundary=boundary)

    assert [each.name for each in found.parts[1:]] == ["lib.work"]


def test_real_package_is_found(fingerprint_of: FingerprintOf):
    """A package is known by the version that is installed."""
    source = "from numpy import mean\n\n\ndef run(x):\n    return mean(x)\n"

    assert [(each.name, each.shown) for each in fingerprint_of(source).parts[1:]] == [
        ("numpy", np.__version__)
    ]


def test_package_that_is_imported_inside_counts(site: Path, fingerprint_of: FingerprintOf):
    """A package that only an import inside the step names counts, and is not imported for that."""
    install(site, "raise AssertionError\n")
    source = "def run():\n    import lib as other\n    return other.work()\n"

    assert [each.name for each in fingerprint_of(source).parts[1:]] == ["my-lib"]


def test_compiled_module_of_nobody_counts_by_its_file(folder: Path, load: Load):
    """A compiled module that no package brought counts by its file, and is reported."""
    (folder / "fast.so").write_bytes(b"\x7fELF 1")
    module = load("import types\nfast = types.ModuleType('fast')\ndef run(): return fast.work()\n")
    module.fast.__file__ = str(folder / "fast.so")
    sys.modules["fast"] = module.fast
    module.fast.work = 1
    before = compute_fingerprint(module.run)
    (folder / "fast.so").write_bytes(b"\x7fELF 2")

    assert compute_fingerprint(module.run).digest != before.digest
    assert [each.name for each in before.unresolved] == ["fast"]


def test_python_and_whence_are_no_parts(fingerprint_of: FingerprintOf):
    """Python's own modules and Whence itself count by nothing but Python's minor version."""
    source = "import math\nimport whence\n\n\ndef run():\n    whence.log_metric('a', math.pi)\n"

    assert len(fingerprint_of(source).parts) == 1
