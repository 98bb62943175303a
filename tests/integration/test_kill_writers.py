"""What is left when a writing process dies, or its disk fails."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.run_script import ENVIRONMENT, ROOT, SCRIPTS, run_script

from whence.artifact_stores.local import LocalArtifactStore
from whence.domain.records import RunFilter
from whence.domain.status import StepStatus
from whence.metadata_stores.sqlite import SqliteMetadataStore

CHANGES = (
    "mkdir,rmdir,rename,unlink,unlinkat,chmod,fchmod,utimensat,"
    "fsync,fdatasync,pwrite64,ftruncate,flock"
)
"""The system calls by which a writer changes the disk."""


def strace(*options: str, log: Path) -> tuple[str, ...]:
    """Return the beginning of a command that meddles with a process's system calls."""
    return ("strace", "-f", "--seccomp-bpf", "-o", str(log), *options)


def can_trace() -> bool:
    """Return whether this machine lets a test trace its own processes."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode == 0


needs_strace = pytest.mark.skipif(not can_trace(), reason="strace is absent or not allowed")


def check_stores(folder: Path, said: str) -> None:
    """Check that what was said is true and that all that is recorded verifies."""
    store = LocalArtifactStore(folder / "artifacts")
    records = SqliteMetadataStore(folder / "m.sqlite")
    done = [
        step.id
        for run in records.list_runs(RunFilter())
        for step in records.list_steps(run.id)
        if step.status is StepStatus.COMPLETED
    ]
    for run in records.list_runs(RunFilter()):
        for around in records.list_artifacts_of_steps(run.id).values():
            for output in around.outputs:
                store.verify(records.find_content(output.digest), full=True)
    records.close()
    for line in said.splitlines():
        act, name = line.split()
        assert name in done if act == "recorded" else Path(store.locate(name)[7:]).is_dir()


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_no_kill_loses_or_tears_anything(tmp_path, capsys):
    """Kill -9 at any moment: what was acknowledged is there, what is recorded verifies."""
    counts = json.loads(run_script("kill_writers.py", tmp_path, 200, 7))

    with capsys.disabled():
        print(f"\n{counts}")
    assert counts["faults"] == []
    assert counts["kills"] == 200
    assert counts["in_window"] > 0
    assert 0 < counts["acknowledged"] <= counts["recorded"] <= counts["acknowledged"] + 200


@needs_strace
@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.torture)])
def test_a_kill_at_any_system_call_is_survived(tmp_path, capsys, every):
    """Whichever change of the disk is the last one, the stores are sound and work goes on."""
    log = tmp_path / "log"
    run_script("commit_once.py", tmp_path / "0", prefix=strace(f"-etrace={CHANGES}", log=log))
    calls = sum("(" in line for line in log.read_text().splitlines())

    for number in range(1, calls + 1, every):
        folder = tmp_path / str(number)
        kill = f"-einject={CHANGES}:signal=KILL:when={number}"
        said = run_script("commit_once.py", folder, prefix=strace(kill, log=log))
        check_stores(folder, said)
        if number % 2 == 0:
            again = run_script("commit_once.py", folder)
            assert "recorded" in again
            check_stores(folder, again)

    with capsys.disabled():
        print(f"\n{calls // every} points, 0 lost, 0 dangling, 0 torn")
    assert calls > 30


@needs_strace
@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("call", "error"),
    [("fsync", "EIO"), ("fdatasync", "EIO"), ("pwrite64", "ENOSPC"), ("rename", "EDQUOT")],
)
def test_a_disk_that_fails_at_any_call_is_a_clean_failure(tmp_path, call, error):
    """An error of the disk never counts as success, and afterwards the same work succeeds."""
    log = tmp_path / "log"
    run_script("commit_once.py", tmp_path / "0", prefix=strace(f"-etrace={call}", log=log))
    calls = sum("(" in line for line in log.read_text().splitlines())

    for number in range(1, calls + 1, max(1, calls // 12)):
        folder = tmp_path / str(number)
        fail = f"-einject={call}:error={error}:when={number}"
        check_stores(folder, run_script("commit_once.py", folder, prefix=strace(fail, log=log)))
        again = run_script("commit_once.py", folder)
        assert "recorded" in again
        check_stores(folder, again)


def test_eight_writers_never_meet_a_locked_database(tmp_path):
    """Processes that record at once, into a store that none of them has made, all succeed."""
    command = [sys.executable, str(SCRIPTS / "record_many.py"), str(tmp_path / "m.sqlite")]
    pipe = subprocess.PIPE
    writers = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, env=ENVIRONMENT, cwd=ROOT, text=True)
        for _ in range(8)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    runs = [writer.communicate(timeout=100)[0].strip() for writer in writers]

    records = SqliteMetadataStore(tmp_path / "m.sqlite")
    assert [writer.returncode for writer in writers] == [0] * 8
    assert {run.id for run in records.list_runs(RunFilter())} == set(runs)
    for run_id in runs:
        assert sum(step.status.finished for step in records.list_steps(run_id)) == 100
    records.close()
