"""Runs and collections over one real store, taking turns: is anything lost that somebody needs?

Each actor stands for a process, with stores of its own. It does what a run does, in the order of
`running`, or what `gc` does, and pauses between any two acts that others could come between.
Some die in the middle.
"""

import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.contract.example_records import MOMENT, finish_keyed, make_run, make_step, reuse
from tests.faults.interleavings import Died, Turns

from whence.artifact_stores.condemned_contents import CondemnedContents
from whence.artifact_stores.local import LocalArtifactStore
from whence.caching.lookup import CacheLookup
from whence.caching.remembered import remember_entries
from whence.domain.contents import Content, make_inline_content
from whence.domain.ids import ArtifactId
from whence.domain.records import Event, InputRecord, RunFinished, RunStarted
from whence.domain.status import RunStatus
from whence.errors import ContentCollectedError, HousekeepingGoesOnError, StoreError
from whence.housekeeping.collection import Collection, sole_housekeeper
from whence.housekeeping.local_parts import LocalParts
from whence.metadata_stores.collect_contents import KeepRules, Victim
from whence.metadata_stores.sqlite import SqliteMetadataStore
from whence.running.secured_contents import secure_content
from whence.stacks.stack import Stack

KEYS = ("one", "two", "small")
"""Of two results that are files, and one that is kept inline."""

MOST_LOOKS = 40  # of a collection that waits


class PausingMarks(CondemnedContents):
    """Marks between whose acts others may act."""

    turns: Turns

    def rescue(self, digest: str) -> bool:
        """Pause between the look at a content and its rescue, and after it."""
        self.turns.pause()
        found = super().rescue(digest)
        self.turns.pause()
        return found

    def take(self, digest: str, aside: Path) -> bool:
        """Pause before a content is taken away."""
        self.turns.pause()
        return super().take(digest, aside)


class PausingStore(LocalArtifactStore):
    """A store between whose acts others may act."""

    def __init__(self, root: Path, turns: Turns, marks: type[PausingMarks] = PausingMarks) -> None:
        super().__init__(root)
        self.condemned = marks(self.root)
        self.condemned.turns = turns


class PausingCollection(Collection):
    """A collection between whose acts others may act."""

    def __init__(self, parts: LocalParts, turns: Turns) -> None:
        super().__init__(parts, KeepRules(last=1))
        self._turns = turns

    def look_around(self) -> None:
        """Pause before and after others are looked for."""
        self._turns.pause()
        super().look_around()
        self._turns.pause()

    def condemn(self, victims: Sequence[Victim]) -> None:
        """Pause between the marks in the store and those in the records."""
        self._parts.contents.condemned.condemn([victim.digest for victim in victims])
        self._turns.pause()
        super().condemn(victims)


@dataclass
class Rules:
    """What the actors do; a mutant does something else."""

    marks: type[PausingMarks] = PausingMarks
    collection: type[PausingCollection] = PausingCollection
    attends_first: bool = True
    heeds_condemned: bool = True
    secures: bool = True


@dataclass
class World:
    """One store, and who acts in it."""

    home: Path
    turns: Turns
    rules: Rules = field(default_factory=Rules)
    lost: list[str] = field(default_factory=list)
    hits: int = 0

    def open_stack(self) -> Stack:
        """Return the stack as a process of its own sees it."""
        store = PausingStore(self.home / "artifacts", self.turns, self.rules.marks)
        records = SqliteMetadataStore(self.home / "metadata.sqlite")
        return Stack("test", self.home, store, records)

    def pause(self) -> None:
        """Let others act, or die."""
        self.turns.pause()

    def maybe_die(self, odds: float) -> None:
        """Pause, and sometimes never go on."""
        self.turns.pause()
        if self.turns.chance.random() < odds:
            raise Died

    def check(self, stack: Stack, content: Content, what: str) -> None:
        """Read a content as a step does that relies on it."""
        try:
            stack.artifact_store.verify(content, full=True)
        except StoreError as error:
            self.lost.append(f"{what}: {error}")


def make_content(store: LocalArtifactStore, key: str, number: int) -> Content:
    """Return the result of a key, stored as a step stores it."""
    data = f"{key} of {number}".encode()
    if key == "small":
        return make_inline_content({"value.json": data})
    folder = store.open_staging()
    (folder / "value.json").write_bytes(data)
    return store.commit(folder)


def make_template(home: Path) -> None:
    """Make a store with an old run whose results may go, and a newer one with others."""
    store, records = (
        LocalArtifactStore(home / "artifacts"),
        SqliteMetadataStore(home / "metadata.sqlite"),
    )
    for number, keys in enumerate((KEYS, ("other",))):
        run = make_run(tags=())
        ends = [
            finish_keyed(run, make_step(run, place), key, content=make_content(store, key, number))
            for place, key in enumerate(keys)
        ]
        ended = replace(run, status=RunStatus.COMPLETED, ended_at=MOMENT, duration=1.0)
        records.record([RunStarted(run, [end.step for end in ends]), *ends, RunFinished(ended)])
    records.close()


# ---------------------------------------------------------------------- actors


def act_as_process(world: World, runs: int, odds: float) -> Callable[[], None]:
    """Return a process that makes runs, one after the other, with what it remembers."""

    def act() -> None:
        with closing(world.open_stack()) as stack:
            for _ in range(runs):
                keys = world.turns.chance.sample(KEYS, world.turns.chance.randint(1, 3))
                _make_run(world, stack, keys, odds)

    return act


def _make_run(world: World, stack: Stack, keys: Sequence[str], odds: float) -> None:
    run = make_run(tags=())
    records: Any = stack.metadata_store
    world.pause()
    entries = None if world.rules.attends_first else _load(stack)
    world.pause()
    presence = records.attend(run.id, lambda _level: None)
    ended = False
    try:
        world.maybe_die(odds)
        entries = entries if entries is not None else _load(stack)
        world.maybe_die(odds)
        told: list[Event] = [RunStarted(run)]
        held: list[Content] = []
        for place, key in enumerate(keys):
            told += _make_step(world, stack, (run, place, key), entries, held)
            world.maybe_die(odds)
            if world.turns.chance.random() < 0.3:
                records.record(told)
                told = []
        for content in held:
            world.check(stack, content, "a result of a run that goes on")
        completed = replace(run, status=RunStatus.COMPLETED, ended_at=MOMENT, duration=1.0)
        records.record([*told, RunFinished(completed)])
        ended = True
        world.pause()
    finally:
        presence.close(ended=ended)


def _load(stack: Stack) -> Any:
    return remember_entries(stack.metadata_store).load({"fit"}, 100)


def _make_step(
    world: World, stack: Stack, asked: tuple[Any, int, str], entries: Any, held: list[Content]
) -> list[Event]:
    run, place, key = asked
    entry = entries.get(key)
    lookup = CacheLookup(stack.metadata_store, stack.artifact_store)
    if entry is not None and _is_usable(world, lookup, entry):
        world.hits += 1
        world.pause()
        held += entry.contents.values()
        for content in entry.contents.values():
            world.check(stack, content, f"a hit of {key}")
        step = make_step(run, place)
        end = finish_keyed(run, step, key)
        hit = reuse(replace(end, step=replace(end.step, id=entry.step_run_id)), run, place)
        return [replace(hit, outputs=entry.outputs, is_first=True)]
    store: Any = stack.artifact_store
    content = make_content(store, key, 0)
    world.pause()
    world.check(stack, content, f"what was just made for {key}")
    held.append(content)
    return [finish_keyed(run, make_step(run, place), key, content=content)]


def _is_usable(world: World, lookup: CacheLookup, entry: Any) -> bool:
    if not world.rules.heeds_condemned:
        bare = {name: replace(each, condemned=False) for name, each in entry.contents.items()}
        entry = replace(entry, contents=bare)
    return lookup.find_damage(entry) is None


def act_as_taker(world: World) -> Callable[[], None]:
    """Return a process whose run takes an artifact of an earlier run, found before it began."""

    def act() -> None:
        with closing(world.open_stack()) as stack:
            take(stack)

    def take(stack: Stack) -> None:
        records: Any = stack.metadata_store
        found = world.turns.chance.choice(records.list_artifacts(limit=None)[-len(KEYS) :])
        for _ in range(world.turns.chance.randint(0, 12)):
            world.pause()
        run = make_run(pipeline="taking", tags=())
        presence = records.attend(run.id, lambda _level: None)
        world.pause()
        try:
            if world.rules.secures:
                secure_content(stack, found.digest)
            elif records.find_content(found.digest).collected_at is not None:
                presence.close(ended=False)
                return
        except ContentCollectedError:
            presence.close(ended=False)
            return
        content = records.find_content(found.digest)
        for _ in range(8):
            world.pause()
            if content is not None:
                world.check(stack, content, "an earlier result that a run was handed")
        end = finish_keyed(run, make_step(run), "taken", content=make_inline_content({"v": b"t"}))
        link = InputRecord("x", "", ArtifactId(found.id))
        completed = replace(run, status=RunStatus.COMPLETED, ended_at=MOMENT, duration=1.0)
        records.record([RunStarted(run), replace(end, inputs=[link]), RunFinished(completed)])
        presence.close(ended=True)

    return act


def act_as_gc(world: World, odds: float) -> Callable[[], None]:
    """Return a process that collects, and sometimes dies between two of its acts."""

    def act() -> None:
        with opened_parts(world) as parts:
            collection = world.rules.collection(parts, world.turns)
            world.pause()
            with suppress(HousekeepingGoesOnError), sole_housekeeper(world.home):
                _collect(world, collection, odds)

    return act


def _collect(world: World, collection: Collection, odds: float) -> None:
    collection.delete_files()
    world.maybe_die(odds)
    collection.look_around()
    victims = collection.find()
    world.maybe_die(odds)
    if victims:
        collection.condemn(victims)
    for _ in range(MOST_LOOKS):
        world.maybe_die(odds / 10)
        waiting = collection.list_waited_for()
        for each in [name for name, runs in waiting.items() if not runs]:
            world.maybe_die(odds)
            collection.delete_records(each)
            world.maybe_die(odds)
            collection.delete_files()
        if not any(waiting.values()):
            return


# ---------------------------------------------------------------------- a whole round


def play(template: Path, home: Path, seed: int, rules: Rules) -> World:
    """Let runs and collections take turns as *seed* says, and return what came of it."""
    shutil.copytree(template, home)
    turns = Turns(seed)
    world = World(home, turns, rules)
    odds = turns.chance.choice([0.0, 0.0, 0.03])
    actors = [act_as_process(world, turns.chance.randint(1, 2), odds) for _ in range(2)]
    actors += [act_as_gc(world, odds) for _ in range(turns.chance.randint(1, 2))]
    if turns.chance.random() < 0.5:
        actors.append(act_as_taker(world))
    turns.play(actors)
    world.lost += [f"an actor failed: {error!r}" for error in turns.failures]
    _look_at_the_end(world)
    with opened_parts(world) as parts:
        _collect(world, rules.collection(parts, turns), 0.0)
    _look_at_the_end(world)
    return world


@contextmanager
def opened_parts(world: World) -> Generator[LocalParts]:
    """Yield the parts of the store as a process of its own sees them."""
    with closing(world.open_stack()) as stack:
        store, records = stack.artifact_store, stack.metadata_store
        assert isinstance(store, LocalArtifactStore)
        assert isinstance(records, SqliteMetadataStore)
        yield LocalParts(stack, records, store)


def _look_at_the_end(world: World) -> None:
    """Check that every content that is said to be there is, and what must be kept was."""
    with opened_parts(world) as parts:
        _check_contents(world, parts)


def _check_contents(world: World, parts: LocalParts) -> None:
    with parts.records.database.reading() as connection:
        assert connection is not None
        rows = connection.exec_driver_sql("SELECT digest, collected_at FROM contents").all()
        newest = connection.exec_driver_sql(
            "SELECT a.digest FROM step_runs AS s, json_each(s.outputs) AS o"
            " JOIN artifacts AS a ON a.id = o.value WHERE s.run_id IN"
            " (SELECT max(id) FROM runs WHERE status = 'completed' GROUP BY pipeline)"
        )
        needed = {row[0] for row in newest}
    for digest, collected_at in rows:
        content = parts.records.find_content(digest)
        assert content is not None
        if collected_at is None:
            world.check(parts.stack, content, "a content that is said to be there")
        elif digest in needed:
            world.lost.append(f"the newest run needs {digest}, and it was deleted")
