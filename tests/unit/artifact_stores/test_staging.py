"""What becomes of staging folders."""

import os
import subprocess
import sys

from whence.artifact_stores.local import LocalArtifactStore
from whence.artifact_stores.staging import StagingSession, sweep

LEAVE_A_FOLDER = """
import sys
from pathlib import Path
from whence.artifact_stores.local import LocalArtifactStore
folder = LocalArtifactStore(Path(sys.argv[1])).open_staging()
(folder / "sub").mkdir()
(folder / "sub/a.bin").write_bytes(b"1")
(folder / "sub").chmod(0o555)
print(folder, flush=True)
sys.stdin.read()
"""


def start_writer(root):
    """Start a process that opens a staging folder, names it and waits."""
    command = [sys.executable, "-c", LEAVE_A_FOLDER, str(root)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)


def test_only_the_dead_are_swept(tmp_path):
    """A writer that was killed leaves nothing for long; one that lives keeps its folder."""
    dead, alive = start_writer(tmp_path), start_writer(tmp_path)
    with dead, alive:
        left, used = dead.stdout.readline().strip(), alive.stdout.readline().strip()
        dead.kill()
        dead.wait()
        mine = LocalArtifactStore(tmp_path).open_staging()

        assert not os.path.exists(left)  # noqa: PTH110  # the text that another process printed
        assert os.path.exists(used)  # noqa: PTH110  # as above
        assert mine.exists()
        alive.kill()


def test_a_session_in_this_process_is_not_swept(tmp_path):
    """Two stores over one folder leave each other alone."""
    session = StagingSession(tmp_path)
    folder = session.make_folder()

    assert sweep(tmp_path) == 0
    assert folder.exists()


def test_a_session_that_ends_leaves_nothing(tmp_path):
    """A process that ends in order removes its part of the staging area."""
    session = StagingSession(tmp_path)
    session.make_folder().rmdir()
    del session

    assert list(tmp_path.iterdir()) == []


def test_what_is_no_session_is_left_alone(tmp_path):
    """A file that somebody put there is not ours to remove."""
    (tmp_path / "note.txt").write_text("1")

    assert sweep(tmp_path) == 0
    assert (tmp_path / "note.txt").exists()
