"""How it is known which runs go on: by locks that die with their process."""

import os
import shutil
import threading
import time
from datetime import timedelta

import pytest
from tests.contract.race import run_alone

from whence.domain.ids import RunId
from whence.domain.status import CancelLevel
from whence.metadata_stores.presence_files import PresenceFiles

RUN = RunId("01a208bf-fac1-7912-b499-76fb4a1adedf")


def ignore(_level: CancelLevel) -> None:
    """Take no notice of a request."""


@pytest.fixture
def files(tmp_path):
    """Return the signs of life of an empty store."""
    return PresenceFiles(tmp_path / "presence")


@pytest.fixture
def attend(files):
    """Return a function that goes on with a run; nothing of it outlives the test."""
    made = []

    def begin(on_cancel=ignore):
        made.append(files.attend(RUN, on_cancel))
        return made[-1]

    yield begin
    for presence in made:
        if not presence._closing.is_set():
            presence.close(ended=True)


LOOK = """
    import json, sys
    from pathlib import Path
    from whence.metadata_stores.presence_files import PresenceFiles
    print(json.dumps(PresenceFiles(Path(sys.argv[1])).look(sys.argv[2]).is_present))
"""


def is_seen_from_outside(files: PresenceFiles) -> bool:
    """Return whether another process sees the run."""
    return run_alone(LOOK, files._folder, RUN)


def test_a_run_is_present_until_it_is_closed(files, attend):
    """Whoever looks, here or in another process, sees a run that goes on; then nothing is left."""
    presence = attend()

    assert files.look(RUN).is_present
    assert is_seen_from_outside(files)
    presence.close(ended=True)
    assert not files.look(RUN).is_present
    assert list((files._folder).iterdir()) == []


def test_looking_at_a_run_of_this_process_does_not_end_it(files, attend):
    """A process may list its own runs: its lock outlives that, by whatever path it looks."""
    attend()
    folder = files._folder
    alias = folder.with_name("alias")
    alias.symlink_to(folder)

    assert files.look(RUN).is_present
    assert PresenceFiles(alias).look(RUN).is_present

    assert is_seen_from_outside(files)


def test_a_run_that_could_not_end_leaves_when_it_was_last_heard_of(files, attend):
    """A run whose end was not recorded is absent, and its last moment is known."""
    presence = attend()
    presence.close(ended=False)

    sign = files.look(RUN)
    assert not sign.is_present
    assert sign.last_heard is not None
    files.forget(RUN)
    assert files.look(RUN).last_heard is None


def test_a_child_holds_nothing_for_its_parent(tmp_path):
    """A run is dead when its process is, though a child that it forked lives on."""
    script = """
        import json, os, signal, sys
        from pathlib import Path
        from whence.metadata_stores.presence_files import PresenceFiles

        files = PresenceFiles(Path(sys.argv[1]))
        reading, writing = os.pipe()
        owner = os.fork()
        if owner == 0:
            files.attend("run", print)
            child = os.fork()
            if child == 0:
                signal.pause()
            os.write(writing, str(child).encode())
            signal.pause()
        child = int(os.read(reading, 20))
        before = files.look("run").is_present
        os.kill(owner, signal.SIGKILL)
        os.waitpid(owner, 0)
        os.kill(child, 0)  # it lives
        after = files.look("run").is_present
        os.kill(child, signal.SIGKILL)
        print(json.dumps([before, after]))
    """

    assert run_alone(script, tmp_path) == [True, False]


def test_a_child_that_passes_by_the_end_of_a_run_ends_nothing(tmp_path):
    """A forked child that leaves through the parent's code neither closes nor removes its sign."""
    script = """
        import json, os, sys
        from pathlib import Path
        from whence.metadata_stores.presence_files import PresenceFiles

        files = PresenceFiles(Path(sys.argv[1]))
        presence = files.attend("run", print)
        child = os.fork()
        if child == 0:
            presence.close(ended=True)
            os._exit(0)
        os.waitpid(child, 0)
        other = os.fork()
        if other == 0:
            os._exit(files.look("run").is_present)
        print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(other, 0)[1])))
    """

    assert run_alone(script, tmp_path) == 1


def test_a_stopped_process_is_alive(tmp_path):
    """A run whose process is stopped, as by Ctrl-Z, goes on; it is not taken for dead."""
    script = """
        import json, os, signal, sys
        from pathlib import Path
        from whence.metadata_stores.presence_files import PresenceFiles

        files = PresenceFiles(Path(sys.argv[1]))
        reading, writing = os.pipe()
        owner = os.fork()
        if owner == 0:
            files.attend("run", print)
            os.write(writing, b"ready")
            signal.pause()
        os.read(reading, 5)
        os.kill(owner, signal.SIGSTOP)
        os.waitpid(owner, os.WUNTRACED)
        stopped = files.look("run").is_present
        os.kill(owner, signal.SIGKILL)
        zombie = os.waitid(os.P_PID, owner, os.WEXITED | os.WNOWAIT)  # dead, and not yet reaped
        print(json.dumps([stopped, files.look("run").is_present]))
    """

    assert run_alone(script, tmp_path) == [True, False]


@pytest.mark.parametrize("meddle", ["remove", "unlock"])
def test_a_lost_sign_of_life_comes_back(files, attend, meddle):
    """Whatever removed the file or freed its lock, the next beat says that the run goes on."""
    presence = attend()
    if meddle == "remove":
        shutil.rmtree(files._folder)
        files._folder.mkdir()
    else:
        os.close(os.open(files._folder / RUN, os.O_RDONLY))  # which frees every lock on it
    assert not is_seen_from_outside(files)

    presence._renew()

    assert is_seen_from_outside(files)
    assert files.look(RUN).is_present


def test_the_beats_say_when_a_run_was_last_heard_of(files, attend):
    """The time of the file follows the run."""
    presence = attend()
    long_ago = files.look(RUN).last_heard - timedelta(hours=1)
    os.utime(files._folder / RUN, (long_ago.timestamp(),) * 2)
    assert files.look(RUN).last_heard == long_ago

    presence._renew()

    assert files.look(RUN).last_heard > long_ago


def test_a_request_is_heard(files, attend):
    """Who goes on with a run is told once of each wish for its end, the stronger one too."""
    heard: list[CancelLevel] = []
    told = threading.Semaphore(0)

    def hear(level: CancelLevel) -> None:
        heard.append(level)
        told.release()

    presence = attend(hear)
    files.ask_to_end(RUN, CancelLevel.ORDERLY)
    told.acquire(timeout=60)
    files.ask_to_end(RUN, CancelLevel.ORDERLY)
    presence._look_for_request()
    files.ask_to_end(RUN, CancelLevel.AT_ONCE)
    told.acquire(timeout=60)

    assert heard == [CancelLevel.ORDERLY, CancelLevel.AT_ONCE]
    presence.close(ended=True)
    assert list(files._folder.iterdir()) == []


def test_what_was_left_long_ago_is_swept(files, attend):
    """Signs of processes that died before they recorded a run do not pile up."""
    attend()
    for name, age in (("dead", 90_000), ("dead.cancel", 90_000), ("of a moment ago", 60)):
        (files._folder / name).touch()
        os.utime(files._folder / name, (time.time() - age,) * 2)
    os.utime(files._folder / RUN, (0, 0))

    files.attend(RunId("another"), ignore).close(ended=True)

    assert sorted(file.name for file in files._folder.iterdir()) == [RUN, "of a moment ago"]
