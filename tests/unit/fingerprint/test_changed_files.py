"""A fingerprint is of what is loaded; where its file says something else by now, it says so."""

import importlib
import os
from pathlib import Path

from tests.unit.fingerprint.conftest import Load

from whence.fingerprint.compute import compute_fingerprint

TEXT = "RATE = 1\n\n\ndef helper(x):\n    return x * RATE\n\n\ndef run(x):\n    return helper(x)\n"


def rewrite(module, text):
    """Write another text into a module's file, a moment later as far as anybody can see."""
    path = Path(module.__file__)
    moment = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(moment + 10**9, moment + 10**9))


def test_code_that_was_edited_after_its_import_is_not_cacheable(load: Load):
    """A step whose helper was edited since is not cached in this process, and says why."""
    module = load(TEXT, "edited")
    rewrite(module, TEXT.replace("x * RATE", "x + RATE"))

    found = compute_fingerprint(module.run)

    assert found.not_cacheable == "edited.py has changed since edited.helper was loaded"


def test_fingerprint_is_of_the_loaded_code(load: Load):
    """An edit after the import moves no fingerprint: the step still runs what was imported."""
    module = load(TEXT, "still_loaded")
    before = compute_fingerprint(module.run)
    rewrite(module, TEXT.replace("x * RATE", "x + RATE"))

    assert compute_fingerprint(module.run).digest == before.digest


def test_edited_constant_is_noticed(load: Load):
    """An edit that touches no function is noticed once the file has been looked at."""
    module = load(TEXT, "constant_edited")
    compute_fingerprint(module.run)
    rewrite(module, TEXT.replace("RATE = 1", "RATE = 2"))

    assert "has changed" in (compute_fingerprint(module.run).not_cacheable or "")


def test_reloaded_code_is_cacheable(load: Load):
    """Who edits and reloads a module has the new code, and may cache its results."""
    module = load(TEXT, "reloaded")
    before = compute_fingerprint(module.run)
    rewrite(module, TEXT.replace("RATE = 1", "RATE = 2"))
    importlib.reload(module)

    found = compute_fingerprint(module.run)

    assert found.not_cacheable is None
    assert found.digest != before.digest


def test_touched_file_has_not_changed(load: Load):
    """A file that is written again with the same text has not changed."""
    module = load(TEXT, "touched")
    compute_fingerprint(module.run)
    rewrite(module, TEXT)

    assert compute_fingerprint(module.run).not_cacheable is None


def test_removed_file_is_no_source(load: Load):
    """A step whose file is gone has no source to show, and is not cached."""
    module = load(TEXT, "removed")
    Path(module.__file__).unlink()

    assert "no source" in (compute_fingerprint(module.run).not_cacheable or "")
