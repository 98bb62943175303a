"""`gc` beside runs, thousands of times in ever other order: nothing is lost that somebody needs."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.gc_world import PausingCollection, PausingMarks, Rules, make_template, play

from whence.artifact_stores.content_places import find_place
from whence.metadata_stores.collect_contents import collect

pytestmark = pytest.mark.timeout(3600)  # seconds


@pytest.fixture(scope="module")
def memory():
    """Return a folder on a disk that needs no flushing, if there is one."""
    import tempfile

    shm = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
    make_template(folder / "template")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def play_many(memory, seeds, rules, *, until_lost=False):
    """Play rounds; return how many, what was lost in them, and how much came to pass."""
    lost, tally = [], Counter()
    for seed in seeds:
        home = memory / f"world-{seed}"
        world = play(memory / "template", home, seed, rules)
        tally.update(rounds=1, pauses=world.turns.pauses, hits=world.hits)
        lost += [f"seed {seed}: {each}" for each in world.lost]
        shutil.rmtree(home, ignore_errors=True)
        if lost and until_lost:
            break
    return lost, tally


@pytest.mark.parametrize(
    "rounds",
    [pytest.param(120, id="some"), pytest.param(10_000, id="all", marks=pytest.mark.torture)],
)
def test_nothing_is_lost_in_whatever_order_they_act(rounds, memory, capsys):
    """Runs, runs handed earlier results, collections, some of which die: what is needed stays."""
    lost, tally = play_many(memory, range(rounds), Rules())

    with capsys.disabled():
        print(f"\ngc: {dict(tally)}, {len(lost)} lost")
    assert lost == []
    assert tally["hits"] > rounds / 10


class NoWait(PausingCollection):
    """Does not wait for runs that may have found something before it was condemned."""

    def list_waited_for(self):
        """Say that nobody is to be waited for."""
        return {collection: [] for collection in super().list_waited_for()}


class NoSecondLook(PausingCollection):
    """Does not find out again what may go."""

    def delete_records(self, collection):
        """Delete all that was condemned."""
        with self._parts.records.database.writing(durable=False) as connection:
            rows = connection.exec_driver_sql("SELECT digest FROM contents").all()
            collect(connection, collection, [row[0] for row in rows], 1)


class NoRescue(PausingMarks):
    """Lets a step that finds a content in its place go on without taking its mark away."""

    def rescue(self, digest):
        """Find it there, and do nothing."""
        self.turns.pause()
        return find_place(self._root, digest).is_dir()


MUTANTS = {
    "no wait": Rules(collection=NoWait),
    "no second look": Rules(collection=NoSecondLook),
    "no rescue": Rules(marks=NoRescue),
    "looks before it is seen": Rules(attends_first=False),
    "serves what is condemned": Rules(heeds_condemned=False),
    "takes what is condemned": Rules(secures=False),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_each_part_of_the_protocol_is_needed(mutant, memory, capsys):
    """Without any one of its precautions something is lost, and this is where it shows."""
    lost, tally = play_many(memory, range(400), MUTANTS[mutant], until_lost=True)

    with capsys.disabled():
        print(f"\n{mutant}: caught after {tally['rounds']} rounds: {lost[:1]}")
    assert lost
