"""Modules that are written and loaded by a test."""

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from whence.fingerprint.compute import compute_fingerprint
from whence.fingerprint.parts import Fingerprint

Load = Callable[..., ModuleType]
FingerprintOf = Callable[..., Fingerprint]
_numbers = itertools.count()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that modules are found in; what it held is forgotten afterwards."""
    sys.path.insert(0, str(tmp_path))
    known = set(sys.modules)
    yield tmp_path
    sys.path.remove(str(tmp_path))
    for name in set(sys.modules) - known:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def load(folder: Path) -> Load:
    """Return what writes a module and imports it, under a name of its own unless one is given."""

    def write_and_load(source: str, name: str = "") -> ModuleType:
        chosen = name or f"written_{next(_numbers)}"
        (folder / f"{chosen}.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(chosen)

    return write_and_load


@pytest.fixture
def fingerprint_of(load: Load) -> FingerprintOf:
    """Return what gives the fingerprint of `run` in a module with this text."""

    def compute(source: str, name: str = "") -> Fingerprint:
        return compute_fingerprint(load(source, name).run)

    return compute
