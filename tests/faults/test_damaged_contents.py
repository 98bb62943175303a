"""Contents damaged behind the store's back: found, named, computed again, and never waited for."""

import os
import shutil
from pathlib import Path

import pytest
from tests.faults.run_work import STEPS, run_once

import whence
from whence.errors import IntegrityError, StoreError


@pytest.fixture
def contents(tmp_path, monkeypatch) -> list[Path]:
    """Return the files that a completed run has stored, in a project of its own."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    run_once(1)
    store = tmp_path / ".whence/artifacts"
    return sorted(path for path in store.glob("??/*/**/*") if path.is_file())


def unlock(path: Path) -> None:
    """Make a stored file, and the folder that it lies in, writable."""
    path.parent.chmod(0o755)
    path.chmod(0o644)


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def replace_by(path: Path, make) -> None:
    path.unlink()
    make(path)


DAMAGES = {
    "bit": flip_a_bit,
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "emptied": lambda path: path.write_bytes(b""),
    "extended": lambda path: path.write_bytes(path.read_bytes() + b"!"),
    "deleted": Path.unlink,
    "folder deleted": lambda path: shutil.rmtree(path.parent),
    "folder": lambda path: replace_by(path, Path.mkdir),
    "link": lambda path: replace_by(path, lambda at: at.symlink_to("/etc/passwd")),
    "pipe": lambda path: replace_by(path, os.mkfifo),
    "added": lambda path: path.with_name("more").write_bytes(b"1"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_content_is_found_and_computed_again(contents, damage):
    """Whatever happens to any stored file: whoever reads it is told, and the next run heals it."""
    before, found = whence.runs()[0].id, 0
    for path in contents:
        unlock(path)
        damage(path)
        broken = [each for each in artifacts_of(before) if not verifies(each)]
        found += len(broken)

        again = run_once(1)

        assert again.read() == again.steps.draw.outputs.result.read().mean()
        computed = {name for name in STEPS if not again.steps[name].cached}
        assert {each.producer.node for each in broken} <= computed
        assert all(verifies(each) for each in artifacts_of(before))
    assert found >= len([path for path in contents if path.name != "log.txt"]) > 2


def artifacts_of(run_id) -> list:
    """Return the outputs of a run, of which nothing has been looked at yet."""
    run = whence.run(run_id)
    return [run.steps[step].outputs[name] for step in STEPS for name in run.steps[step].outputs]


def stored_artifacts(run_id) -> list:
    """Return those of the outputs that lie in files."""
    return [each for each in artifacts_of(run_id) if not each.uri.startswith("whence:")]


def verifies(artifact) -> bool:
    """Return whether an artifact is there; an error names it."""
    try:
        return artifact.path.is_dir()
    except StoreError as error:
        return artifact.digest not in str(error)


def test_an_edit_of_a_small_file_that_hides_itself_is_found(contents):
    """Size, mode and times as they were do not help: small files are hashed again."""
    run_id = whence.runs()[0].id
    for path in contents:
        status = path.stat()
        unlock(path)
        flip_a_bit(path)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert not any(verifies(each) for each in stored_artifacts(run_id))
    assert not run_once(1).steps.draw.cached


def test_two_contents_that_changed_places_are_found(contents):
    """Each is whole, yet under the other one's name: neither is taken for what it is not."""
    run_id = whence.runs()[0].id
    first, second = (each.path for each in stored_artifacts(run_id))
    aside = first.with_name("aside")
    for folder in (first, second):
        folder.chmod(0o755)
    first.rename(aside)
    second.rename(first)
    aside.rename(second)

    one, other = stored_artifacts(run_id)
    for artifact in (one, other):
        with pytest.raises(IntegrityError, match=artifact.digest):
            _ = artifact.path
    again = run_once(1)
    assert not again.steps.draw.cached
    assert not again.steps.save.cached
    assert all(verifies(each) for each in stored_artifacts(run_id))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read what nobody may")
def test_a_content_that_may_not_be_read_is_an_error_that_names_it(contents):
    """Permissions that somebody took away are told as such, and the step is computed again."""
    run = whence.runs()[0]
    for path in contents:
        path.chmod(0)

    with pytest.raises(IntegrityError, match="Permission"):
        _ = run.steps.draw.outputs.result.path
    assert not run_once(1).steps.draw.cached
