"""Are these tests sharp? Each careless change of the stores is caught by one of them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import whence

ROOT = Path(__file__).parents[2]
PACKAGE = Path(whence.__file__).parent
FAULTS = "tests/faults"
STORE, FILES = "artifact_stores/local.py", "artifact_stores/durable_files.py"
DATABASE, LOCK = "metadata_stores/sqlite_database.py", "metadata_stores/write_lock.py"
LOSE_POWER = f"{FAULTS}/test_power_loss.py::test_a_power_loss_leaves_what_was_said"
KILL = (
    f"{FAULTS}/test_kill_points.py"
    "::test_storing_a_value_survives_a_kill_at_every_change_of_the_disk"
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A careless change, and the test that is to catch it."""

    name: str
    file: str
    old: str
    new: str
    test: str


MUTANTS = (
    Mutant(
        "files are not flushed",
        FILES,
        "        list(pool.map(flush, paths))",
        "        list(pool.map(Path.stat, paths))",
        f"{LOSE_POWER}[folder]",
    ),
    Mutant(
        "a single file is not flushed",
        FILES,
        "        flush(paths[0])\n",
        "",
        f"{LOSE_POWER}[bytes]",
    ),
    Mutant(
        "folders of an artifact are not flushed",
        FILES,
        "        flush(folder / name)\n",
        "",
        f"{LOSE_POWER}[container]",
    ),
    Mutant(
        "the name of a content is not flushed",
        STORE,
        "        flush(place.parent)\n",
        "",
        f"{LOSE_POWER}[bytes]",
    ),
    Mutant(
        "the folder of a content's name is not flushed",
        STORE,
        "        flush(self.root)\n        self._durable_shards.add",
        "        self._durable_shards.add",
        f"{LOSE_POWER}[bytes]",
    ),
    Mutant(
        "the store's own name is not flushed",
        FILES,
        "            flush(parent)\n",
        "            pass\n",
        f"{LOSE_POWER}[bytes]",
    ),
    Mutant(
        "a content is renamed before it is flushed",
        STORE,
        "            flush_files(folder, found.sizes)\n",
        "            self._move_into_place(folder, found, content)\n"
        "            flush_files(self._place_of(content.digest), found.sizes)\n"
        "            return content\n",
        f"{LOSE_POWER}[bytes]",
    ),
    Mutant(
        "the database's folder is not flushed",
        "metadata_stores/durable_folder.py",
        "            _flush(place.parent)\n",
        "            pass\n",
        f"{LOSE_POWER}[inline]",
    ),
    Mutant(
        "a durable commit does not wait for the disk",
        DATABASE,
        "_NORMAL, _FULL = 1, 2",
        "_NORMAL, _FULL = 1, 1",
        f"{LOSE_POWER}[inline]",
    ),
    Mutant(
        "the record comes before the bytes",
        STORE,
        "        self._move_into_place(folder, found, content)\n        return content\n",
        "        aside = self._open_session().make_folder() / 'aside'\n"
        "        folder.rename(aside)\n"
        "        threading.Timer(0.1, self._move_into_place, (aside, found, content)).start()\n"
        "        return content\n",
        f"{KILL}[bytes]",
    ),
    Mutant(
        "what a failed flush left is kept",
        STORE,
        "            if moved:  #",
        "            if False:  #",
        "tests/faults/test_failing_disk.py::test_a_content_whose_name_was_not_flushed_is_not_relied_on",
    ),
    Mutant(
        "an error of a flush is passed over",
        FILES,
        "        if error.errno != errno.EINVAL:",
        "        if error.errno not in (errno.EINVAL, errno.EIO):",
        "tests/unit/artifact_stores/test_local.py::test_a_failing_disk_is_a_clean_failure",
    ),
    Mutant(
        "a hit is not verified",
        "caching/lookup.py",
        "                self._artifacts.verify(content)\n",
        "                pass\n",
        f"{FAULTS}/test_damaged_contents.py::test_a_damaged_content_is_found_and_computed_again[bit]",
    ),
    Mutant(
        "small files are not hashed again",
        "artifact_stores/check_files.py",
        "believed = entry.size > SMALL_BYTES and",
        "believed =",
        f"{FAULTS}/test_damaged_contents.py::test_an_edit_of_a_small_file_that_hides_itself_is_found",
    ),
    Mutant(
        "what a failed write left of an array is kept",
        "materializers/arrays.py",
        "            _check_all_was_written(file)\n",
        "",
        f"{FAULTS}/test_failing_disk.py::test_a_value_whose_writing_fails_is_never_kept_in_part[array]",
    ),
    Mutant(
        "transactions begin without a lock",
        DATABASE,
        'self._transaction(connection, "BEGIN IMMEDIATE"):\n                    yield',
        'self._transaction(connection, "BEGIN"):\n                    yield',
        "tests/unit/metadata_stores/test_sqlite.py::test_a_step_costs_three_statements_and_one_transaction",
    ),
    Mutant(
        "neither a lock file nor a lock at the beginning",
        DATABASE,
        'with waiting, self._transaction(connection, "BEGIN IMMEDIATE"):\n',
        "self._lock.close()\n"
        '                with waiting, self._transaction(connection, "BEGIN"):\n',
        f"{FAULTS}/test_contention.py::test_sixteen_processes_that_read_and_write_never_meet_a_lock",
    ),
    Mutant(
        "no lock file",
        DATABASE,
        "return self._lock.held() if sqlite_needs_lock() else nullcontext()",
        "return nullcontext()",
        "tests/unit/metadata_stores/test_sqlite.py::test_old_sqlite_writes_under_a_lock",
    ),
    Mutant(
        "a stuck writer is not named",
        LOCK,
        'message = f"Process {holder} has',
        'message = f"A process has',
        f"{FAULTS}/test_contention.py::test_a_stopped_writer_lets_others_read_and_is_named",
    ),
    Mutant(
        "what dead processes left is not swept",
        STORE,
        "            sweep(self._staging)\n",
        "",
        f"{KILL}[bytes]",
    ),
    Mutant(
        "what dead workers wrote is not swept",
        "orchestrators/worker_folder.py",
        "        _sweep(area)\n",
        "",
        "tests/unit/orchestrators/test_worker_folder.py::test_what_the_dead_left_is_removed",
    ),
    Mutant(
        "workers outlive their supervisor",
        "orchestrators/worker_main.py",
        "    die_with(lifeline, parent)\n",
        "",
        f"{FAULTS}/test_kill_workers.py::test_a_kill_costs_what_it_hits_alone",
    ),
    Mutant(
        "a key is looked up and taken without the lock",
        "metadata_stores/reservation_table.py",
        "                _lock(file)\n",
        "",
        "tests/contract/test_reservations.py::test_no_two_hold_a_key_at_once[sqlite]",
    ),
    Mutant(
        "a result of a time to come is served",
        "caching/lookup.py",
        "    if age < -_MOST_AHEAD:\n",
        "    if False:\n",
        f"{FAULTS}/test_clocks.py::test_what_is_good_for_an_hour_is_not_good_for_longer[7200]",
    ),
)


def apply(mutant: Mutant, copy: Path) -> None:
    """Change a copy of the package."""
    file = copy / "whence" / mutant.file
    text = file.read_text()
    assert text.count(mutant.old) == 1, f"{mutant.name}: its place in {mutant.file} has changed"
    file.write_text(text.replace(mutant.old, mutant.new))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_can_be_made(mutant, tmp_path):
    """What a mutant changes is still there to be changed, so that the check stays meaningful."""
    place = tmp_path / "whence" / mutant.file
    place.parent.mkdir(parents=True)
    shutil.copy(PACKAGE / mutant.file, place)

    apply(mutant, tmp_path)


@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_is_caught(mutant, tmp_path, capsys):
    """A careless change fails the test that is named for it."""
    shutil.copytree(PACKAGE, tmp_path / "whence", ignore=shutil.ignore_patterns("__pycache__"))
    apply(mutant, tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", mutant.test],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    with capsys.disabled():
        print(f"\n{mutant.name}: {'caught' if done.returncode == 1 else 'NOT CAUGHT'}", end="")
    assert done.returncode == 1, done.stdout[-3000:]  # 1 says that a test has failed
