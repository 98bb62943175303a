"""The folders that workers write in: one for each orchestrator, none for the dead."""

from pathlib import Path

from tests.contract.race import run_alone

from whence.orchestrators.worker_folder import WorkerFolder


def test_a_folder_goes_with_its_orchestrator(tmp_path):
    """What lies in it goes as well, and to remove it twice does no harm."""
    folder = WorkerFolder(tmp_path / "logs")
    (folder.path / "1-0.txt").write_text("words")

    folder.remove()
    folder.remove()

    assert list((tmp_path / "logs").iterdir()) == []


def test_what_the_dead_left_is_removed(tmp_path):
    """The next orchestrator removes what a killed process left, and no folder that is in use."""
    script = """
        import sys
        from pathlib import Path
        from whence.orchestrators.worker_folder import WorkerFolder
        folder = WorkerFolder(Path(sys.argv[1])).path
        (folder / "1-0.txt").write_text("words")
        print(f'"{folder}"')
    """
    left = run_alone(script, tmp_path)
    assert list(tmp_path.iterdir()) == [Path(left)]

    one, other = WorkerFolder(tmp_path), WorkerFolder(tmp_path)

    assert set(tmp_path.iterdir()) == {one.path, other.path}
    one.remove()
    other.remove()


def test_what_others_put_there_stays(tmp_path):
    """Logs of runs lie in the same place."""
    (tmp_path / "01a2-run").mkdir()
    (tmp_path / "workers-of-mine.txt").touch()

    WorkerFolder(tmp_path).remove()

    assert {each.name for each in tmp_path.iterdir()} == {"01a2-run", "workers-of-mine.txt"}
