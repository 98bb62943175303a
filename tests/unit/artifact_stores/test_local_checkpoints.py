"""What a long step keeps: wholly or not at all, the newest, and as long as somebody uses it."""

from pathlib import Path

import pytest
from tests.contract.race import run_alone

from whence.artifact_stores.local import LocalArtifactStore
from whence.artifact_stores.local_checkpoints import KEPT
from whence.domain.checkpoints import Checkpoint
from whence.errors import InvalidOutputFilesError


@pytest.fixture
def store(tmp_path):
    """Return an empty store."""
    return LocalArtifactStore(tmp_path / "artifacts")


def keep(checkpoints, step: int) -> None:
    """Keep a checkpoint of two files."""
    with checkpoints.keep(step) as folder:
        (folder / "weights").mkdir()
        (folder / "weights" / "model.bin").write_text(f"weights {step}")
        (folder / "epoch").write_text(str(step))


def names(checkpoints) -> list[str]:
    """Return everything that lies in the folder of some checkpoints."""
    folder = checkpoints._folder
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_the_last_one_is_found(store):
    """What was kept is read by whoever opens the same name later, and nothing else."""
    for step in (3, 12, 7):
        keep(store.open_checkpoints("work"), step)

    found = store.open_checkpoints("work").find_last()

    assert isinstance(found, Checkpoint)
    assert found.step == 7
    assert (found.path / "weights/model.bin").read_text() == "weights 7"
    assert store.open_checkpoints("other work").find_last() is None


def test_nothing_is_made_before_the_first(store):
    """To look for a checkpoint leaves no trace."""
    checkpoints = store.open_checkpoints("work")

    assert checkpoints.find_last() is None
    checkpoints.discard()
    assert not store.root.exists()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_raises_keeps_nothing(store, error):
    """The checkpoint before it stays the last, and no file of the broken one stays."""
    checkpoints = store.open_checkpoints("work")
    keep(checkpoints, 1)
    before = names(checkpoints)

    def keep_half() -> None:
        with checkpoints.keep(2) as folder:
            (folder / "half").write_text("x")
            raise error

    with pytest.raises(error):
        keep_half()

    assert names(checkpoints) == before
    assert checkpoints.find_last().step == 1


def test_links_are_refused(store, tmp_path):
    """A checkpoint holds plain files, as artifacts do; what it cannot hold is not kept."""
    checkpoints = store.open_checkpoints("work")

    with pytest.raises(InvalidOutputFilesError), checkpoints.keep(1) as folder:
        (folder / "link").symlink_to(tmp_path)

    assert names(checkpoints) == []


def test_only_the_newest_stay(store):
    """Older ones go, but not one that somebody reads just now."""
    reader, writer = store.open_checkpoints("work"), store.open_checkpoints("work")
    keep(writer, 0)
    first = reader.find_last()
    for step in range(1, 10):
        keep(writer, step)

    assert len(names(writer)) == KEPT + 1
    assert (first.path / "epoch").read_text() == "0"
    reader.close()
    keep(writer, 10)
    assert len(names(writer)) == KEPT
    assert not first.path.exists()


def test_all_go_when_the_work_is_done(store):
    """Then nothing is left, unless somebody uses one."""
    checkpoints = store.open_checkpoints("work")
    keep(checkpoints, 1)
    last = checkpoints.find_last()

    store.open_checkpoints("work").discard()
    assert (last.path / "epoch").read_text() == "1"

    checkpoints.close()
    checkpoints.discard()
    assert not checkpoints._folder.exists()


def test_a_checkpoint_is_read_only(store):
    """Nothing that reads a checkpoint changes it by accident."""
    checkpoints = store.open_checkpoints("work")
    keep(checkpoints, 1)

    file = checkpoints.find_last().path / "weights/model.bin"

    assert file.stat().st_mode & 0o222 == 0


def test_what_a_killed_process_left_is_swept(tmp_path, store):
    """A process that dies while it keeps a checkpoint leaves the one before, and no litter."""
    script = """
        import json, os, signal, sys
        from pathlib import Path
        from whence.artifact_stores.local import LocalArtifactStore

        checkpoints = LocalArtifactStore(Path(sys.argv[1])).open_checkpoints("work")
        if os.fork() == 0:
            with checkpoints.keep(2) as folder:
                (folder / "half").write_text("x")
                os.kill(os.getpid(), signal.SIGKILL)
        os.wait()
        print(json.dumps(len(os.listdir(checkpoints._folder))))
    """
    checkpoints = store.open_checkpoints("work")
    keep(checkpoints, 1)
    assert run_alone(script, store.root) == 2  # the one that is whole, and the draft

    assert checkpoints.find_last().step == 1
    keep(checkpoints, 3)

    assert len(names(checkpoints)) == 2
    assert checkpoints.find_last().step == 3


def test_processes_with_the_same_work_tear_nothing(tmp_path):
    """Four processes keep, read and remove under one name at once: each reads whole ones only."""
    script = """
        import json, os, random, sys
        from pathlib import Path
        from tests.contract.race import race
        from whence.artifact_stores.local import LocalArtifactStore

        store = LocalArtifactStore(Path(sys.argv[1]))

        def work(number):
            torn = read = 0
            for step in range(40):
                checkpoints = store.open_checkpoints("work")
                with checkpoints.keep(step) as folder:
                    for part in range(3):
                        (folder / f"{part}").write_text(f"{number} {step}")
                last = checkpoints.find_last()
                if last is not None:
                    texts = {(last.path / f"{part}").read_text() for part in range(3)}
                    read += 1
                    torn += len(texts) != 1 or not texts.pop().endswith(f" {last.step}")
                checkpoints.close()
                if step % 10 == 9:
                    checkpoints.discard()
            return torn, read

        print(json.dumps(race(4, work)))
    """

    found = run_alone(script, tmp_path)

    assert sum(torn for torn, _ in found) == 0
    assert sum(read for _, read in found) > 4 * 40 / 2


def test_a_folder_with_other_things_does_no_harm(store):
    """What others have put beside the checkpoints is left where it is."""
    checkpoints = store.open_checkpoints("work")
    keep(checkpoints, 1)
    stranger = checkpoints._folder / "notes.txt"
    Path(stranger).write_text("mine")

    assert checkpoints.find_last().step == 1
    checkpoints.discard()
    assert stranger.read_text() == "mine"
